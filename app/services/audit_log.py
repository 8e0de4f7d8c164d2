"""The audit of this laptop: who did what and when, made for a hundred thousand entries; and what only notes itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, Select, or_, select, union
from sqlalchemy.orm import Session

from app import i18n
from app.models.base import KINDS, CaseRecord
from app.models.case_index import CaseRow
from app.models.journal import audit
from app.models.local import AuditEntry
from app.models.office import User
from app.models.permission import Permission
from app.models.person import Party
from app.services import audit_words
from app.services.desk import Desk, Unit

HANDFUL = 1000  # numbers fetched at a time
MOST_CASES = 200  # a search for part of a case number is held against so many cases
_CASE_KINDS = {kind: made for kind, made in KINDS.items() if issubclass(made, CaseRecord)}


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What is shown: part of a case number, and filters. Hashable, so that a screen can tell whether it changed."""

    number: str = ""
    since: date | None = None
    user: str = ""  # id
    group: str = ""  # a key of audit_words.GROUPS, or an action
    device: str = ""
    before: int = 0  # only entries older than this one; 0: all


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One link, readable. Field names, never values."""

    seq: int
    at: datetime
    actor: str
    action: str
    kind: str
    record: str
    fields: tuple[str, ...]
    device: str = ""
    who: str = ""
    case_id: str = ""
    number: str = ""  # of the case, where there is one
    about: str = ""  # the number of the case, or the name of the worker it was done to

    @property
    def sentence(self) -> str:
        """What was done, as people say it."""
        return audit_words.sentence(self.action, kind=self.kind, fields=self.fields)

    @property
    def labels(self) -> tuple[str, ...]:
        """The fields by their labels."""
        return audit_words.field_labels(self.action, kind=self.kind, fields=self.fields)


def seqs(desk: Desk, query: AuditQuery, *, limit: int | None = None) -> list[int]:
    """The numbers of all links that match, newest first: one SQL, also for 100,000."""
    with desk.read(Permission.READ_AUDIT) as session:
        statement = _filtered(select(AuditEntry.seq), query, session).order_by(AuditEntry.seq.desc()).limit(limit)
        return list(session.scalars(statement.execution_options(yield_per=HANDFUL)))


def rows(desk: Desk, numbers: Sequence[int]) -> list[AuditLine]:
    """The links with these numbers, in their order, with the names and case numbers that are known here."""
    with desk.read(Permission.READ_AUDIT) as session:
        found = {e.seq: e for e in session.scalars(select(AuditEntry).where(AuditEntry.seq.in_(numbers)))}
        links = [found[n] for n in numbers if n in found]
        cases = _cases_of(session, links)
        named = select(CaseRow.case_id, CaseRow.number).where(CaseRow.case_id.in_(set(cases.values())))
        numbered = dict(session.execute(named).all())
        workers = {link.actor for link in links} | {link.record for link in links if link.kind == "user"}
        people = select(User.id, User.name).where(User.id.in_(workers))
        names = dict(session.execute(people).all())
    return [_line(link, cases.get(link.seq, ""), numbered, names) for link in links]


def lines(desk: Desk, *, limit: int = 500) -> tuple[AuditLine, ...]:
    """The latest links, newest first."""
    return tuple(rows(desk, seqs(desk, AuditQuery(), limit=limit)))


def people(desk: Desk) -> list[tuple[str, str]]:
    """(id, name) of everybody who stands in the audit, by name."""
    with desk.read(Permission.READ_AUDIT) as session:
        actors = session.scalars(select(AuditEntry.actor).distinct()).all()
        names = dict(session.execute(select(User.id, User.name).where(User.id.in_(actors))).all())
    return sorted(((each, names.get(each) or each[:8]) for each in actors), key=lambda pair: pair[1].casefold())


def devices(desk: Desk) -> list[str]:
    """The laptops that wrote entries: one, unless this workspace went on as a new device."""
    with desk.read(Permission.READ_AUDIT) as session:
        return sorted(session.scalars(select(AuditEntry.device).distinct()))


def note(desk: Desk, action: str, *, kind: str, record: str, fields: tuple[str, ...] = ()) -> None:
    """Write into the audit what changes no record. Whether it may be done, the caller has asked."""
    with Unit(desk, records=False) as session:
        audit(session, action, kind, record, fields)


def signed_in(desk: Desk, *, failed: int) -> None:
    """Somebody signed in, after so many wrong passwords since the last time, whoever typed them."""
    with Unit(desk, records=False) as session:
        if failed:
            audit(session, "failed_sign_ins", "user", desk.actor.user, (str(failed),))
        audit(session, "sign_in", "user", desk.actor.user)


def _filtered(statement: Select[tuple[int]], query: AuditQuery, session: Session) -> Select[tuple[int]]:
    if query.before:
        statement = statement.where(AuditEntry.seq < query.before)
    if query.since:
        began = datetime.combine(query.since, time(), tzinfo=i18n.zone()).astimezone(UTC)
        statement = statement.where(AuditEntry.at >= began)
    if query.user:
        statement = statement.where(AuditEntry.actor == query.user)
    if query.device:
        statement = statement.where(AuditEntry.device.startswith(query.device))
    if query.group:
        statement = statement.where(_done(query.group))
    return statement.where(_about(query.number, session)) if query.number.strip() else statement


def _done(group: str) -> ColumnElement[bool]:
    actions = audit_words.GROUPS[group][1] if group in audit_words.GROUPS else (group,)
    open_ended = [AuditEntry.action.startswith(each) for each in actions if each.endswith("-")]
    return or_(AuditEntry.action.in_(actions), *open_ended)


def _about(number: str, session: Session) -> ColumnElement[bool]:
    """What was done to the cases with this in their number: to the case, its entries, and the persons in it."""
    wanted = select(CaseRow.case_id).where(CaseRow.number.contains(number.strip(), autoescape=True)).limit(MOST_CASES)
    cases = session.scalars(wanted).all()
    parts = [select(made.id).where(made.case_id.in_(cases)) for made in _CASE_KINDS.values()]
    persons = select(Party.person_id).where(Party.case_id.in_(cases), Party.person_id.is_not(None))
    return or_(AuditEntry.record.in_(cases), AuditEntry.record.in_(union(*parts, persons)))


def _cases_of(session: Session, links: Sequence[AuditEntry]) -> dict[int, str]:
    """seq -> case, for every link that is about one."""
    by_kind: dict[str, set[str]] = {}
    for link in links:
        by_kind.setdefault(link.kind, set()).add(link.record)
    case_of = {record: record for record in by_kind.get("case", ())}
    for kind in by_kind.keys() & _CASE_KINDS.keys():
        made = _CASE_KINDS[kind]
        told = session.execute(select(made.id, made.case_id).where(made.id.in_(by_kind[kind])))
        case_of |= {record: case_id for record, case_id in told if case_id}
    if "person" in by_kind:
        parts = session.execute(select(Party.person_id, Party.case_id).where(Party.person_id.in_(by_kind["person"])))
        case_of |= {person: case_id for person, case_id in parts if person and case_id}
    return {link.seq: case_of[link.record] for link in links if link.record in case_of}


def _line(link: AuditEntry, case_id: str, numbered: dict[str, str], names: dict[str, str | None]) -> AuditLine:
    number = numbered.get(case_id, "")
    whom = names.get(link.record) if link.kind == "user" and link.record != link.actor else ""
    return AuditLine(
        link.seq, link.at, link.actor, link.action, link.kind, link.record,
        tuple(name for name in link.fields.split(",") if name), link.device,
        names.get(link.actor) or link.actor[:8], case_id, number, number or whom or "",
    )  # fmt: skip
