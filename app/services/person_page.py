"""Everything one person's page shows, as frozen values in one read: who they are, every case, every change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.among import among
from app.models.case_index import CaseRow
from app.models.content import from_wire
from app.models.field import APART, Field, Merge, field_map
from app.models.local import Operation
from app.models.matches import MERGED, canonical, same_people
from app.models.person import Party, Person
from app.models.person_match import PersonMatch
from app.models.said import value_words
from app.services.desk import Desk
from app.services.entries import Entry, entry_of, get
from app.services.parties import person_warnings
from app.services.referrals import office_name

WHAT = ("NEW", "CHANGED", "MERGED", "PARTED")  # what can be done to an entry


@dataclass(frozen=True, slots=True)
class PersonPart:
    """A case on this laptop, and as whom the person is in it."""

    case_id: str
    number: str
    role: str
    status: str
    risk: str
    office: str  # its name
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What somebody did to the entry. `fields`: (label as a message id, words before, words after)."""

    id: str
    at: datetime
    by: str
    what: str  # of WHAT
    fields: tuple[tuple[str, str, str], ...] = ()
    sent: bool = True


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person. `others`: entries that were merged into this one. Parts are latest first, changes newest first."""

    person: Entry
    others: tuple[Entry, ...]
    parts: tuple[PersonPart, ...]
    changes: tuple[PersonChange, ...]
    warnings: tuple[str, ...]


def open_person(desk: Desk, person_id: str) -> PersonPage:
    """Read a person: of an entry that was merged, the one it stands for. NotFound if they are not on this laptop."""
    with desk.read() as session:
        asked = get(session, Person, person_id)
        person = session.get(Person, canonical(session, person_id)) or asked
        every = sorted(same_people(session, [person.id]))
        opens = desk.opener(session)
        others = session.scalars(select(Person).where(among(Person.id, set(every) - {person.id})).order_by(Person.id))
        return PersonPage(
            entry_of(person, sent=not _waits(session, person.id), opens=opens),
            tuple(entry_of(other, opens=opens) for other in others),
            _parts(session, every),
            _changes(session, every, person),
            person_warnings(person),
        )


def _waits(session: Session, person_id: str) -> bool:
    waiting = select(Operation.seq).where(Operation.record == person_id, Operation.result.is_(None))
    return session.scalar(waiting.limit(1)) is not None


def _parts(session: Session, every: list[str]) -> tuple[PersonPart, ...]:
    query = select(CaseRow, Party.role).join(Party, Party.case_id == CaseRow.case_id)
    found = {
        (row.case_id, role): PersonPart(
            row.case_id, row.number, role or "", row.status, row.risk, office_name(session, row.office),
            row.reported_at,
        )
        for row, role in session.execute(query.where(among(Party.person_id, every)).order_by(Party.id))
    }  # fmt: skip
    latest = sorted(found.values(), key=lambda p: p.number)
    return tuple(sorted(latest, key=lambda p: p.reported_at.timestamp() if p.reported_at else 0.0, reverse=True))


def _changes(session: Session, every: list[str], person: Person) -> tuple[PersonChange, ...]:
    """What was done on this laptop, and when and by whom the entry was made wherever that was."""
    work = session.scalars(select(Operation).where(among(Operation.record, every), Operation.kind == Person.kind))
    found = [change for operation in work if (change := _change(operation)) is not None]
    if person.made_at is not None and not any(c.what == "NEW" and c.id.startswith(person.id) for c in found):
        found.append(PersonChange(f"{person.id}:new", person.made_at, person.made_by or "", "NEW"))
    ends = among(PersonMatch.kept, every) | among(PersonMatch.gone, every)
    merges = select(PersonMatch).where(ends, PersonMatch.decision == MERGED)
    for match in session.scalars(merges):
        if match.decided_at is not None:
            found.append(PersonChange(match.id, match.decided_at, match.made_by or "", "MERGED"))
        if match.undone_at is not None:
            found.append(PersonChange(f"{match.id}:undone", match.undone_at, "", "PARTED"))
    return tuple(sorted(found, key=lambda one: (one.at, WHAT.index(one.what), one.id), reverse=True))


def _change(operation: Operation) -> PersonChange | None:
    """One save; None where it touched nothing a person says."""
    declared = field_map(Person)
    after, before = (msgspec.msgpack.decode(packed) for packed in (operation.changes, operation.before))
    keys = [key for key in after if key in declared and declared[key].group not in APART]
    lines = () if operation.new else tuple(_line(declared[key], before.get(key), after[key]) for key in keys)
    if not operation.new and not lines:
        return None
    what, sent = "NEW" if operation.new else "CHANGED", operation.result is not None
    return PersonChange(f"{operation.record}:{operation.seq:09}", operation.at, operation.actor_name, what, lines, sent)


def _line(field: Field, before: Any, after: Any) -> tuple[str, str, str]:
    if field.merge is Merge.SET and isinstance(after, Mapping):
        return field.label, _words(field, after.get("remove")), _words(field, after.get("add"))
    return field.label, _words(field, before), _words(field, after)


def _words(field: Field, wire: Any) -> str:
    try:
        return value_words(field, from_wire(field, wire)) if wire else ""
    except ValueError:  # of a field that had another shape once
        return ""
