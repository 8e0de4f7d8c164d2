"""One derived row per case, for lists, counters and the search: rebuilt from the records whenever they change.

Search text holds names and notes and lives inside the encrypted file. SENSITIVE values never enter it.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Connection, Integer, String, Text, delete, event, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.models.base import Base, Record
from app.models.case import Case
from app.models.content import to_wire
from app.models.dates import earliest, is_child, show_age
from app.models.field import Moment, Tier, fields_of
from app.models.names import initials
from app.models.person import Party, Person
from app.models.referral import OPEN_STATES, UNANSWERED, Referral, ReferralEvent, ReferralState, state_of
from app.models.screening import Screening
from app.models.service import Note, Service
from app.models.view import step_from

RISK_ORDER = {"HIGH": 0, "MEDIUM": 1, "LOW": 2}
_CLOSED = "CLOSED"
_AT_ONCE = 100
_KINDS: tuple[type[Any], ...] = (Party, Screening, Service, Referral, ReferralEvent, Note)
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


FTS_DDL = (
    "CREATE VIRTUAL TABLE case_fts USING fts5(text, tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
    # Without it every deleted name stays in the index; and with 4 KiB pages less cipher reserve, 3950 avoids overflow.
    "INSERT INTO case_fts(case_fts, rank) VALUES('secure-delete', 1)",
    "INSERT INTO case_fts(case_fts, rank) VALUES('pgsz', 3950)",
)


@event.listens_for(Base.metadata, "after_create")
def _create_fts(_target: object, connection: Connection, **_kw: Any) -> None:
    for statement in FTS_DDL:
        connection.exec_driver_sql(statement)


def fts_query(typed: str) -> str:
    """An FTS5 query that finds every word typed, the beginnings of words included. '' if there is no word."""
    words = ["".join(c if c.isalnum() else " " for c in word) for word in typed.split()]
    parts = [part for word in words for part in word.split()]
    return " ".join(f'"{part}"*' for part in parts[:12])


def refresh(session: Session, cases: Iterable[str]) -> None:
    """Derive the rows of these cases anew, in the transaction of the session. A case that is gone loses its row."""
    session.flush()
    ids = sorted(set(cases))
    for start in range(0, len(ids), _AT_ONCE):
        _refresh(session, ids[start : start + _AT_ONCE])


def _refresh(session: Session, ids: list[str]) -> None:
    """The same for a handful: what belongs to them is read at once, or a first pull would take a query per record."""
    found = {case.id: case for case in session.scalars(select(Case).where(Case.id.in_(ids)))}
    rows = {row.case_id: row for row in session.scalars(select(CaseRow).where(CaseRow.case_id.in_(ids)))}
    gone = [{"n": rows[case_id].n} for case_id in ids if case_id in rows and case_id not in found]
    if gone:
        session.execute(text("DELETE FROM case_fts WHERE rowid = :n"), gone)
        session.execute(delete(CaseRow).where(CaseRow.n.in_([line["n"] for line in gone])))
    records = _records(session, list(found))
    for case_id, case in found.items():
        if case_id not in rows:
            rows[case_id] = CaseRow(case_id=case_id)
            session.add(rows[case_id])
        _derive(rows[case_id], case, records[case_id])
    session.flush()
    words = [{"n": rows[case_id].n, "t": _search_text(case, records[case_id])} for case_id, case in found.items()]
    if words:
        session.execute(text("INSERT OR REPLACE INTO case_fts(rowid, text) VALUES (:n, :t)"), words)


def cases_of_person(session: Session, persons: Iterable[str]) -> frozenset[str]:
    """The cases these persons have a part in: their rows change when a person does."""
    found = session.scalars(select(Party.case_id).where(Party.person_id.in_(list(persons))))
    return frozenset(case_id for case_id in found if case_id)


def _records(session: Session, cases: list[str]) -> dict[str, Records]:
    """What belongs to each of these cases, oldest first."""
    kinds: tuple[type[Record], ...] = (*_KINDS, Person)
    found: dict[str, Records] = {case_id: {kind: [] for kind in kinds} for case_id in cases}
    for kind in _KINDS:
        for record in session.scalars(select(kind).where(kind.case_id.in_(cases)).order_by(kind.id)):
            found[record.case_id][kind].append(record)
    parts = {case_id: {party.person_id for party in records[Party]} for case_id, records in found.items()}
    wanted = {person for persons in parts.values() for person in persons if person}
    people = session.scalars(select(Person).where(Person.id.in_(wanted)).order_by(Person.id)) if wanted else ()
    for person in people:
        for case_id, persons in parts.items():
            if person.id in persons:
                found[case_id][Person].append(person)
    return found


def referral_state(referral: Referral, events: Iterable[ReferralEvent]) -> ReferralState:
    """The state of a referral from its events."""
    sides = {"made_office": referral.made_office, "to_office": referral.to_office}
    steps = []
    for e in events:
        if e.referral_id == referral.id:
            content = {f.key: to_wire(f, getattr(e, f.key)) for f in fields_of(ReferralEvent)}
            steps.append(step_from(e.id, e.rev, content, sides))
    return state_of(steps)


def status_of(case: Case, records: Records) -> str:
    """The status a case has, from what was done for it."""
    if case.closed_at and not (case.reopened_at and case.reopened_at > case.closed_at):
        return _CLOSED
    services: list[Service] = records[Service]
    referrals = [referral_state(r, records[ReferralEvent]).step for r in records[Referral]]
    if any(s.state == "PLANNED" for s in services) or any(step in OPEN_STATES for step in referrals):
        return "IN_SERVICE"
    if any(s.state == "DONE" for s in services) or "COMPLETED" in referrals:
        return "FOLLOW_UP"
    if case.reopened_at:
        return "REOPENED"
    return "SCREENED" if records[Screening] else "REPORTED"


def _derive(row: CaseRow, case: Case, records: Records) -> None:
    people = {person.id: person for person in records[Person]}
    victims = [people[p.person_id] for p in records[Party] if p.role == "VICTIM" and p.person_id in people]
    # ages are counted on the day of the report
    today = _day(case.reported_at or case.made_at or datetime(1970, 1, 1, tzinfo=UTC))
    row.number = case.number or ""
    row.victims = ";".join(f"{initials(v.name)}|{v.sex or ''}|{show_age(v.birth_date, v.age, today)}" for v in victims)
    row.victim_count = len(victims)
    row.child = any(is_child(v.birth_date, v.age, today) for v in victims)
    row.risk, row.risk_order = case.risk or "", RISK_ORDER.get(case.risk or "", 9)
    row.exploitation = f"|{'|'.join(case.exploitation)}|" if case.exploitation else ""
    row.status = status_of(case, records)
    row.lead, row.office, row.reported_at = case.lead_worker or "", case.made_office or "", case.reported_at
    row.next_kind, row.next_code, row.due = _next_step(records) if row.status != _CLOSED else ("", "", "")
    entries = [case, *(r for kind, found in records.items() if kind is not Person for r in found)]
    row.last_at = max((r.made_at for r in entries if r.made_at), default=None)


def _day(moment: datetime) -> date:
    """The day of a moment in Western Indonesia: rows are the same on every laptop, whatever zone it shows."""
    return (moment + timedelta(hours=7)).date()


def _next_step(records: Records) -> tuple[str, str, str]:
    """(kind, code, due ISO date) of the open step that is due first."""
    steps = [
        ("service", s.service_type or "", earliest(s.due).isoformat() if s.due else "")
        for s in records[Service]
        if s.state == "PLANNED"
    ]
    for referral in records[Referral]:
        if referral_state(referral, records[ReferralEvent]).step in UNANSWERED:
            due = _day(referral.due_at).isoformat() if referral.due_at else ""
            steps.append(("referral", referral.to_agency or referral.to_office or "", due))
    return min(steps, key=lambda step: step[2] or "9999", default=("", "", ""))


def _search_text(case: Case, records: Records) -> str:
    """Every searchable value, and the name keys, so that an old spelling finds a new one."""
    found = []
    for record in (case, *records[Person], *records[Note]):
        for declared in fields_of(record.__class__):
            value = getattr(record, declared.key)
            if declared.searchable and value and declared.tier is not Tier.SENSITIVE:
                found.append(str(value))
    return "\n".join([*found, *(person.name_key or "" for person in records[Person])])
