"""One derived row per case, for lists, counters and the search: rebuilt from the records whenever they change.

Search text holds names and notes and lives inside the encrypted file. SENSITIVE values never enter it.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, String, Text, delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.models import due_index, search_text
from app.models.among import among
from app.models.assessment import Assessment, Goal
from app.models.base import Base, Record
from app.models.case import Case
from app.models.case_parts import PARTS
from app.models.dates import is_child, show_age
from app.models.field import Moment
from app.models.holder import holders_among
from app.models.ids import HANDFUL
from app.models.matches import canonicals, same_people
from app.models.names import initials
from app.models.oversight import Approval
from app.models.person import Party, Person
from app.models.person_match import PersonMatch
from app.models.referral import OPEN_STATES, UNANSWERED, Referral, ReferralEvent
from app.models.referral_standing import referral_state
from app.models.screening import Screening
from app.models.service import Service
from app.models.transfer import Transfer, TransferEvent

RISK_ORDER = {"HIGH": 0, "MEDIUM": 1, "LOW": 2}
_CLOSED = "CLOSED"
_AT_ONCE = HANDFUL
_KINDS: tuple[type[Any], ...] = (Party, *(part.record for part in PARTS))
Records = dict[type[Record], list[Any]]


class CaseRow(Base):
    """What a list shows of a case."""

    __tablename__ = "case_row"

    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)  # rowid of the full-text index
    case_id: Mapped[str] = mapped_column(String(32), unique=True)
    number: Mapped[str] = mapped_column(Text, index=True, default="")
    victims: Mapped[str] = mapped_column(Text, default="")  # 'A.N.|P|16;S.W.|P|31': initials, sex, age
    victim_count: Mapped[int] = mapped_column(Integer, default=0)
    child: Mapped[bool] = mapped_column(Boolean, default=False)
    risk: Mapped[str] = mapped_column(String(40), default="")
    risk_order: Mapped[int] = mapped_column(Integer, index=True, default=9)
    status: Mapped[str] = mapped_column(String(40), index=True, default="")
    exploitation: Mapped[str] = mapped_column(Text, default="")  # |SEX|LABOUR|
    next_kind: Mapped[str] = mapped_column(String(20), default="")  # service, referral or ''
    next_code: Mapped[str] = mapped_column(String(40), default="")  # service_type, or the agency's id
    due: Mapped[str] = mapped_column(String(10), index=True, default="")  # ISO date, '' = none
    lead: Mapped[str] = mapped_column(Text, default="")
    office: Mapped[str] = mapped_column(String(32), default="")  # the office the case belongs to
    reported_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    last_at: Mapped[datetime | None] = mapped_column(Moment, index=True)  # the latest entry of any kind
    referred: Mapped[bool | None] = mapped_column(Boolean)  # a referral of it is open


_INSERT = insert(CaseRow)
_PUT = _INSERT.on_conflict_do_update(
    index_elements=["n"], set_={c.name: c for c in _INSERT.excluded if c.name not in ("n", "case_id")}
)


def refresh(session: Session, cases: Iterable[str]) -> None:
    """Derive the rows of these cases anew, in the transaction of the session. A case that is gone loses its row."""
    session.flush()
    due_index.refresh_office(session)
    ids = sorted(set(cases))
    for start in range(0, len(ids), _AT_ONCE):
        _refresh(session, ids[start : start + _AT_ONCE])


def _refresh(session: Session, ids: list[str]) -> None:
    """The same for a handful: what belongs to them is read at once, or a first pull would take a query per record.

    Rows, not objects: of a record only what it says is needed, and of a list row only what it will say.
    """
    found = {case.id: case for case in _rows_of(session, Case, among(Case.id, ids))}
    known = dict(session.execute(select(CaseRow.case_id, CaseRow.n).where(among(CaseRow.case_id, ids))).all())
    listed = known.keys() & found.keys()
    gone = [{"n": n} for case_id, n in known.items() if case_id not in found]
    if gone:
        search_text.forget(session, [line["n"] for line in gone])
        session.execute(delete(CaseRow).where(CaseRow.n.in_([line["n"] for line in gone])))
    records = _records(session, list(found))
    after = session.scalar(select(func.max(CaseRow.n))) or 0
    known |= {case_id: after + at for at, case_id in enumerate(sorted(found.keys() - known.keys()), 1)}
    files: dict[str, dict[str, list[Any]]] = {case_id: {} for case_id in ids}
    for case_id, case in found.items():
        files[case_id] = {"case": [case]} | {kind.kind: read for kind, read in records[case_id].items()}
    first = due_index.refresh(session, files)
    lines = [{"n": known[i], "case_id": i} | _derived(case, records[i], first.get(i)) for i, case in found.items()]
    words = [(known[i], search_text.words_of(case, records[i])) for i, case in found.items()]
    if lines:
        session.connection().execute(_PUT, lines)
        search_text.put(session, words, listed=[known[i] for i in listed])
        for row in [row for row in session.identity_map.values() if isinstance(row, CaseRow)]:
            session.expire(row)


def _rows_of(session: Session, kind: type[Record], *where: ColumnElement[bool]) -> list[Any]:
    """The rows of a table, oldest first, with the same attributes as its records have."""
    return list(session.execute(select(*kind.__table__.columns).where(*where).order_by(kind.id)))


def numbers_of(session: Session, cases: Iterable[str]) -> dict[str, str]:
    """What these cases are called, by id."""
    rows = session.execute(select(Case.id, Case.number).where(among(Case.id, sorted(set(cases)))))
    return {case_id: number or "" for case_id, number in rows}


def cases_of_person(session: Session, persons: Iterable[str]) -> frozenset[str]:
    """The cases these persons have a part in, as whom ever: their rows change when a person does.

    Of a decision about two entries (its id is among them, too) both are meant.
    """
    ids = set(persons)
    for ends in session.execute(select(PersonMatch.kept, PersonMatch.gone).where(among(PersonMatch.id, ids))):
        ids.update(end for end in ends if end)
    found = session.scalars(select(Party.case_id).where(among(Party.person_id, same_people(session, ids))))
    return frozenset(case_id for case_id in found if case_id)


def _records(session: Session, cases: list[str]) -> dict[str, Records]:
    """What belongs to each of these cases, oldest first."""
    kinds: tuple[type[Record], ...] = (*_KINDS, Person)
    found: dict[str, Records] = {case_id: {kind: [] for kind in kinds} for case_id in cases}
    for kind in _KINDS:
        for record in _rows_of(session, kind, among(kind.case_id, cases)):
            found[record.case_id][kind].append(record)
    parts = _as_one(session, found)
    wanted = {person for persons in parts.values() for person in persons if person}
    cases_with: dict[str, list[str]] = {}
    for case_id, persons in parts.items():
        for person_id in persons:
            cases_with.setdefault(person_id, []).append(case_id)
    for person in _rows_of(session, Person, among(Person.id, sorted(wanted))) if wanted else ():
        for case_id in cases_with[person.id]:
            found[case_id][Person].append(person)
    return found


def _as_one(session: Session, found: dict[str, Records]) -> dict[str, set[str]]:
    """Let the parts of who was merged be those of whom they stand for; tells who is in each case, both entries."""
    named = {case_id: {p.person_id for p in records[Party] if p.person_id} for case_id, records in found.items()}
    shown = canonicals(session, set().union(*named.values()))
    for case_id, records in found.items():
        records[Party] = [
            SimpleNamespace(**{**party._mapping, "person_id": shown[party.person_id]})
            if shown.get(party.person_id, party.person_id) != party.person_id
            else party
            for party in records[Party]
        ]
        named[case_id] |= {shown[person] for person in named[case_id]}
    return named


def status_of(case: Case, records: Records) -> str:
    """The status a case has, from what was done for it."""
    if case.closed_at and not (case.reopened_at and case.reopened_at > case.closed_at):
        return _CLOSED
    if _asks_to_close(case, records[Approval]):
        return "CLOSING"
    services: list[Service] = records[Service]
    referrals = [_step_of(case, r, records) for r in records[Referral]]
    if any(s.state == "PLANNED" for s in services) or any(step in OPEN_STATES for step in referrals):
        return "IN_SERVICE"
    if any(s.state == "DONE" for s in services) or "COMPLETED" in referrals:
        return "FOLLOW_UP"
    if case.reopened_at:
        return "REOPENED"
    if records[Assessment] or records[Goal]:
        return "ASSESSED"
    return "SCREENED" if records[Screening] else "REPORTED"


def _holders(case: Case, records: Records) -> tuple[str | None, ...]:
    return holders_among(case, records[Transfer], records[TransferEvent])


def _step_of(case: Case, referral: Referral, records: Records) -> str:
    heirs = {office for office in _holders(case, records)[1:] if office}
    return referral_state(referral, records[ReferralEvent], heirs=heirs).step


def _asks_to_close(case: Case, approvals: list[Approval]) -> bool:
    """Whether its closure waits for a decision, or is approved and not done yet."""
    asked = [a for a in approvals if a.subject == "CLOSURE" and not (
        case.reopened_at and a.asked_at and a.asked_at < case.reopened_at
    )]  # fmt: skip
    return bool(asked) and max(asked, key=lambda one: str(one.id)).decision != "RETURNED"


def _derived(case: Case, records: Records, first: tuple[str, str, str] | None) -> dict[str, Any]:
    people = {person.id: person for person in records[Person]}
    named = dict.fromkeys(p.person_id for p in records[Party] if p.role == "VICTIM")
    victims = [people[person] for person in named if person in people]
    # ages are counted on the day of the report
    today = _day(case.reported_at or case.made_at or datetime(1970, 1, 1, tzinfo=UTC))
    status = status_of(case, records)
    kind, code, due = (first or _next_step(case, records)) if status != _CLOSED else ("", "", "")
    faces = [f"{initials(v.name)}|{v.sex or ''}|{show_age(v.birth_date, v.age, today)}" for v in victims]
    entries = [case, *(r for of_kind, found in records.items() if of_kind is not Person for r in found)]
    return {
        "number": case.number or "",
        "victims": ";".join(faces),
        "victim_count": len(victims),
        "child": any(is_child(v.birth_date, v.age, today) for v in victims),
        "risk": case.risk or "", "risk_order": RISK_ORDER.get(case.risk or "", 9), "status": status,
        "exploitation": f"|{'|'.join(case.exploitation)}|" if case.exploitation else "",
        "next_kind": kind, "next_code": code, "due": due,
        "lead": case.lead_worker or "", "office": _holders(case, records)[-1] or "", "reported_at": case.reported_at,
        "last_at": max((r.made_at for r in entries if r.made_at), default=None),
        "referred": any(_step_of(case, referral, records) in OPEN_STATES for referral in records[Referral]),
    }  # fmt: skip


def _day(moment: datetime) -> date:
    """The day of a moment in Western Indonesia: rows are the same on every laptop, whatever zone it shows."""
    return (moment + timedelta(hours=7)).date()


def _next_step(case: Case, records: Records) -> tuple[str, str, str]:
    """(kind, code, '') of an open step that has no day yet: what has one comes from the deadlines."""
    for service in records[Service]:
        if service.state == "PLANNED":
            return "service", service.service_type or "", ""
    for referral in records[Referral]:
        if _step_of(case, referral, records) in UNANSWERED:
            return "referral", referral.to_agency or referral.to_office or "", ""
    return "", "", ""
