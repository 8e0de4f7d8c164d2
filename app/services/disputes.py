"""The queue of conflicts, by record: what each field says on both sides, and what stands there now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.base import KINDS
from app.models.case_index import numbers_of
from app.models.conflict import Conflict
from app.models.field import Kind
from app.models.ids import chunks
from app.models.office import Agency, Office
from app.models.person import Party, Person
from app.services.conflicts import sides_of
from app.services.desk import Desk
from app.services.entries import Entry, entry_of

MOST = 300  # conflicts that are read at once, the newest first


@dataclass(frozen=True, slots=True)
class Dispute:
    """One record over which people differ. `values` are those it has now; none if it is not on this laptop."""

    id: str  # of the record
    kind: str
    case_id: str | None
    case_number: str
    entries: tuple[Entry, ...]  # a conflict for each field, oldest first
    values: Mapping[str, Any]
    at: datetime | None
    names: Mapping[str, str] = field(default_factory=dict)  # what the ids among the values are called

    @property
    def here(self) -> bool:
        """Whether the record can be opened."""
        return self.case_id is not None and bool(self.values)


def queue(desk: Desk, *, settled: bool = False) -> tuple[Dispute, ...]:
    """What waits for a choice, or what was chosen lately; the newest first."""
    with desk.read() as session:
        where = Conflict.settled.is_not(None) if settled else Conflict.settled.is_(None)
        found = session.scalars(select(Conflict).where(where).order_by(Conflict.id.desc()).limit(MOST)).all()
        about: dict[str, list[Conflict]] = {}
        for conflict in found:
            about.setdefault(conflict.about_id or "", []).insert(0, conflict)
        cases = _cases(session, found)
        numbers = numbers_of(session, set(cases.values()))
        disputes = [_dispute(desk, session, some, case_id=cases.get(record)) for record, some in about.items()]
        names = _names(session, disputes)
        return tuple(replace(each, case_number=numbers.get(each.case_id or "", ""), names=names) for each in disputes)


def count(desk: Desk) -> int:
    """How many records wait for a choice."""
    with desk.read() as session:
        query = select(func.count(Conflict.about_id.distinct())).where(Conflict.settled.is_(None))
        return session.scalar(query) or 0


def _dispute(desk: Desk, session: Session, conflicts: list[Conflict], *, case_id: str | None) -> Dispute:
    opens, first = desk.opener(session), conflicts[0]
    record_class = KINDS.get(first.about_kind or "")
    record = session.get(record_class, first.about_id) if record_class else None
    values = entry_of(record, opens=opens).values if record is not None else {}
    entries = tuple(entry_of(conflict, opens=opens) for conflict in conflicts)
    at = max((entry.made_at for entry in entries if entry.made_at), default=None)
    return Dispute(first.about_id or "", first.about_kind or "", case_id, "", entries, values, at)


def _cases(session: Session, conflicts: Iterable[Conflict]) -> dict[str, str]:
    """Record -> the case through which it is reached; a person is reached through any of theirs."""
    cases = {c.about_id: c.case_id for c in conflicts if c.about_id and c.case_id}
    persons = sorted({c.about_id for c in conflicts if c.about_id and c.about_kind == Person.kind} - cases.keys())
    for some in chunks(persons):
        rows = session.execute(select(Party.person_id, Party.case_id).where(Party.person_id.in_(some)))
        cases |= {person: case_id for person, case_id in rows if person and case_id}
    return cases


def _names(session: Session, disputes: Iterable[Dispute]) -> dict[str, str]:
    """What the records are called that these conflicts point to."""
    ids: set[str] = set()
    for entry in (entry for dispute in disputes for entry in dispute.entries):
        sides = sides_of(entry)
        if sides.field is not None and sides.field.kind is Kind.REF:
            ids |= {str(value) for value in (sides.kept, sides.other) if value}
    names: dict[str, str] = {}
    for kind in (Person, Agency, Office):
        for some in chunks(sorted(ids)):
            rows = session.execute(select(kind.id, kind.name).where(kind.id.in_(some)))
            names |= {record: name or "" for record, name in rows}
    return names
