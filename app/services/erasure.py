"""Erasing a case or a person: somebody asks, a supervisor who is somebody else decides, and an approval is the deed.

All of it is one transaction: after a power cut nothing or everything is gone. What remains is the record of the
erasure, ids and names of fields in the audit, and the list of ids that never come back.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from app.errors import Conflicted, Forbidden, Invalid, KnownError, NotFound
from app.i18n import _, format_date, zone
from app.models.attachment import Attachment
from app.models.burial import Grave, bury, of_subject
from app.models.case import Case
from app.models.codelist import label
from app.models.erasure import APPROVED, OF_CASE, OF_PERSON, REFUSED, Erased, Erasure
from app.models.holder import holder_of
from app.models.journal import audit
from app.models.matches import same_people
from app.models.office import User
from app.models.permission import Permission
from app.models.person import Party, Person
from app.services.desk import Desk, Saved
from app.services.entries import Entry, entry_of, get
from app.services.holds import despite_hold, holds
from app.services.referrals import office_name
from app.services.validate import cleaned
from app.sync.erasing import ErasedNotice, settle_log
from app.vault import ageing, attachments
from app.vault.restricted_index import INDEX, remove_index


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be erased, on which basis (erasure_basis), and who asked for it (erasure_asker)."""

    subject_kind: str
    subject: str
    basis: str
    asked_by: str


@dataclass(frozen=True, slots=True)
class ErasureItem:
    """An erasure with what people call it: names of colleagues, the case number while there is one."""

    entry: Entry
    number: str
    requested_by: str
    decided_by: str
    holds: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """WAITING, REFUSED or DONE."""
        if self.entry["executed_at"]:
            return "DONE"
        return "REFUSED" if self.entry["decision"] == REFUSED else "WAITING"


def request(desk: Desk, wish: Wish) -> Saved:
    """Ask for an erasure. Conflicted if proceedings or a referral run and the basis does not reach past them."""
    values = {
        "subject_kind": wish.subject_kind, "subject": wish.subject, "basis": wish.basis, "asked_by": wish.asked_by,
        "requested_by": desk.actor.user, "requested_at": desk.now(),
    }  # fmt: skip
    clean = cleaned(Erasure, values)
    unit = desk.write(Permission.REQUEST_ERASURE)
    with unit as session:
        _require_own(session, desk, wish.subject_kind, wish.subject)
        if session.scalar(_open(wish.subject)) is not None:
            raise Conflicted(_("Somebody has asked for this already; the case supervisor has to decide."))
        _require_free(session, wish)
        asked = Erasure(**clean)
        session.add(asked)
    return Saved(asked.id, unit.changes)


def refuse(desk: Desk, erasure_id: str, *, reason: str) -> Saved:
    """Refuse a request with a reason (erasure_reason); nothing is removed."""
    clean = cleaned(Erasure, {"reason": reason}, complete=False)
    if not clean["reason"]:
        said = _("Say why the request is refused.")
        raise Invalid(said, [("reason", said)])
    unit = desk.write(Permission.DECIDE_ERASURE)
    with unit as session:
        asked = _undecided(session, desk, erasure_id)
        asked.decision, asked.reason = REFUSED, clean["reason"]
        asked.decided_by, asked.decided_at = desk.actor.user, desk.now()
    return Saved(erasure_id, unit.changes)


def approve(desk: Desk, erasure_id: str, *, no_proceedings: bool) -> Saved:
    """Approve a request and erase: records, entries of the outbox, drafts, search, keys, files, at once and for good.

    `no_proceedings` is the supervisor's word that none are known, which the file alone cannot tell.
    """
    unit = desk.write(Permission.DECIDE_ERASURE)
    with unit as session:
        asked = _undecided(session, desk, erasure_id)
        wish = Wish(str(asked.subject_kind), str(asked.subject), str(asked.basis), str(asked.asked_by))
        _require_own(session, desk, wish.subject_kind, wish.subject)
        _require_free(session, wish)
        if not no_proceedings and wish.basis not in despite_hold():
            said = _("Confirm that no criminal proceedings and no claim for restitution are known, or refuse.")
            raise Invalid(said, [("no_proceedings", said)])
        deeds = [asked, *(_as_well(session, asked, entry) for entry in _merged_with(session, wish))]
        blobs: set[str] = set()
        for deed in deeds:
            deed.no_proceedings = no_proceedings
            blobs |= _carry_out(session, desk, deed)
    if desk.directory is not None:
        forget_beside(desk.directory, blobs)
    settle_log(desk.engine)
    return Saved(erasure_id, unit.changes)


def listed(desk: Desk) -> tuple[ErasureItem, ...]:
    """Every erasure of this office, those that wait first, then the newest."""
    with desk.read() as session:
        mine = select(Erasure).where(Erasure.made_office == desk.actor.office).order_by(Erasure.id.desc())
        found = list(session.scalars(mine))
        names = {user.id: user.name or "" for user in session.scalars(select(User))}
        items = [_item(session, each, names) for each in found]
    return tuple(sorted(items, key=lambda item: (item.state != "WAITING", -_moment(item).timestamp())))


def find(desk: Desk, erasure_id: str) -> ErasureItem:
    """The erasure with this id, or the only one whose id ends with it. NotFound with a sentence."""
    found = [item for item in listed(desk) if erasure_id and item.entry.id.endswith(erasure_id)]
    if len(found) != 1:
        raise NotFound(_("There is no such erasure on this laptop, or several; give the whole id."))
    return found[0]


def notice_lines(desk: Desk, notices: Iterable[ErasedNotice]) -> tuple[str, ...]:
    """What a sync that obeyed erasures tells, a sentence for each. Read without the lease: it names nobody."""
    found = tuple(notices)
    with Session(desk.engine.execution_options(naungan_read=True)) as session:
        return tuple(_notice_line(session, each) for each in found)


def _notice_line(session: Session, notice: ErasedNotice) -> str:
    day = format_date(notice.at.astimezone(zone()).date())
    office = office_name(session, notice.office) or _("another office")
    basis = label("erasure_basis", notice.basis) or _("not told")
    return _("Erased on {date} by {office}, basis: {basis}.").format(date=day, office=office, basis=basis)


def last_backup_day(executed: datetime) -> date:
    """The day after which no backup from before an erasure is left on the laptop that is used."""
    return (executed + timedelta(days=ageing.DAYS)).astimezone(zone()).date()


def age_backups(engine: Engine, directory: Path, *, now: datetime) -> int:
    """Remove backups that have outlived an erasure by 35 days; how many. When a workspace opens, and every day."""
    with Session(engine.execution_options(naungan_read=True)) as session:
        moments = list(session.scalars(select(Erased.at).distinct()))
    return ageing.age_out(directory, erased=moments, now=now)


def forget_beside(directory: Path, files: Iterable[str]) -> None:
    """Remove what lies beside the database: sealed files, and the restricted index, which is made anew when needed."""
    attachments.forget(directory, files)
    with suppress(KnownError):  # where an open file cannot be removed whoever has it open hears of the change
        remove_index(directory)


def tidy(engine: Engine, directory: Path, *, now: datetime) -> None:
    """When a workspace opens: backups that are too old go, and sealed files that an erasure, cut off, left behind."""
    age_backups(engine, directory, now=now)
    with Session(engine.execution_options(naungan_read=True)) as session:
        last = session.scalar(select(func.max(Erased.at)))
        if last is None:
            return
        kept = set(session.scalars(select(Attachment.blob)))
    attachments.forget(directory, attachments.lying(directory) - kept)
    index = directory / INDEX
    if index.exists() and index.stat().st_mtime <= last.timestamp() + 60:
        forget_beside(directory, ())


def basis_words(item: ErasureItem) -> str:
    """The legal basis in the language of the running code."""
    return label("erasure_basis", item.entry["basis"])


def _item(session: Session, asked: Erasure, names: dict[str, str]) -> ErasureItem:
    case = session.get(Case, asked.subject) if asked.subject_kind == OF_CASE and asked.subject else None
    number = (case.number or "") if case is not None else ""
    stands: tuple[str, ...] = ()
    if asked.decision is None and asked.basis not in despite_hold():
        stands = holds(session, str(asked.subject_kind), str(asked.subject))
    requester, decider = names.get(asked.requested_by or "", ""), names.get(asked.decided_by or "", "")
    return ErasureItem(entry_of(asked), number, requester or asked.made_by or "", decider, stands)


def _moment(item: ErasureItem) -> datetime:
    moment: datetime = item.entry["executed_at"] or item.entry["decided_at"] or item.entry["requested_at"]
    return moment


def _carry_out(session: Session, desk: Desk, asked: Erasure) -> set[str]:
    """Erase what was asked for and write down what went; the sealed files that nothing names any more."""
    now, kind, subject = desk.now(), str(asked.subject_kind), str(asked.subject)
    removed = bury(session, of_subject(session, kind, subject), Grave(asked.id, now))
    asked.decision, asked.decided_by, asked.decided_at, asked.executed_at = APPROVED, desk.actor.user, now, now
    asked.records, asked.operations, asked.drafts = removed.records, removed.operations, removed.drafts
    asked.keys, asked.files, asked.exports = removed.keys, len(removed.blobs), removed.exports
    audit(session, "erase", kind, subject, ("decision", "executed_at"))
    return removed.blobs


def _merged_with(session: Session, wish: Wish) -> list[str]:
    """The other entries that are one person with whom is to be erased: they go as well, each by its own erasure."""
    if wish.subject_kind != OF_PERSON:
        return []
    return sorted(same_people(session, [wish.subject]) - {wish.subject})


def _as_well(session: Session, asked: Erasure, entry: str) -> Erasure:
    keys = "subject_kind", "basis", "asked_by", "requested_by", "requested_at"
    same = Erasure(subject=entry, **{key: getattr(asked, key) for key in keys})
    session.add(same)
    return same


def _open(subject: str) -> Select[str]:
    return select(Erasure.id).where(Erasure.subject == subject, Erasure.decision.is_(None)).limit(1)


def _undecided(session: Session, desk: Desk, erasure_id: str) -> Erasure:
    """A request that waits, and that the signed-in supervisor did not make."""
    asked = get(session, Erasure, erasure_id)
    if asked.decision is not None:
        raise Conflicted(_("This request was decided already."))
    if asked.requested_by == desk.actor.user:
        raise Forbidden(_("Whoever asks for an erasure does not decide on it; another supervisor has to."))
    return asked


def _require_own(session: Session, desk: Desk, subject_kind: str, subject: str) -> None:
    """The case or person is here and this office's: what another office referred is that office's to erase."""
    if subject_kind not in (OF_CASE, OF_PERSON):
        raise Invalid(_("A case or a person can be erased, nothing else."), [("subject_kind", subject_kind)])
    record = get(session, Case if subject_kind == OF_CASE else Person, subject)
    every = same_people(session, [subject])
    cases = select(Case).join(Party, Party.case_id == Case.id).where(Party.person_id.in_(every))
    found = [record] if isinstance(record, Case) else list(session.scalars(cases))
    if ({holder_of(session, case) for case in found} or {record.made_office}) != {desk.actor.office}:
        raise Forbidden(_("Only the office whose case this is may erase it; ask that office."))


def _require_free(session: Session, wish: Wish) -> None:
    stands = () if wish.basis in despite_hold() else holds(session, wish.subject_kind, wish.subject)
    if stands:
        why = " ".join(stands)
        raise Conflicted(
            _("This cannot be erased now, the law keeps it (UU 27/2022 art. 15 and 50). {why}").format(why=why)
        )
