"""Two people changed one field: a person chooses which value stands. Both stay in the history."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import Conflicted, Invalid
from app.i18n import _
from app.models.base import KINDS, Record
from app.models.conflict import Conflict
from app.models.content import from_plain, from_wire
from app.models.field import Field, field_map
from app.models.permission import Permission
from app.models.sealed import HIDDEN
from app.services.desk import Desk, Saved
from app.services.entries import Entry, entry_of, get
from app.services.sealing import Nobody
from app.services.validate import changed_only

KEPT, OTHER, EDITED = "KEPT", "OTHER", "EDITED"


@dataclass(frozen=True, slots=True)
class Sides:
    """One conflict, readable: the field, both values, who wrote each and when."""

    field: Field | None  # None: a field this program does not know
    kept: Any
    kept_by: str
    kept_at: datetime | None
    other: Any
    other_by: str
    other_at: datetime | None


def sides_of(conflict: Entry) -> Sides:
    """Both sides of a conflict as a case page gives it."""
    record = KINDS.get(conflict["about_kind"] or "")
    declared = field_map(record).get(conflict["about_field"] or "") if record else None
    return Sides(
        declared,
        value_of(declared, conflict["kept"]), conflict["kept_by"] or "", conflict["kept_at"],
        value_of(declared, conflict["other"]), conflict["other_by"] or "", conflict["other_at"],
    )  # fmt: skip


def unsettled(session: Session, case_id: str | None, *, about: Collection[str] = ()) -> list[Conflict]:
    """What waits for a choice in a case, and on these records: a conflict over a person belongs to no case."""
    where = or_(Conflict.case_id == case_id, Conflict.about_id.in_(about)) if case_id else Conflict.about_id.in_(about)
    return list(session.scalars(select(Conflict).where(Conflict.settled.is_(None), where).order_by(Conflict.id)))


def unsettled_about(desk: Desk, record_id: str) -> tuple[Entry, ...]:
    """What waits for a choice on one record."""
    with desk.read() as session:
        opens = desk.opener(session)
        return tuple(entry_of(found, opens=opens) for found in unsettled(session, None, about=(record_id,)))


def value_of(declared: Field | None, told: Any) -> Any:
    """The Python value of a conflict's JSON text as an entry has it; what cannot be read stays text, or HIDDEN."""
    if told is None or told is HIDDEN:
        return told
    try:
        wire = json.loads(told)
        return from_plain(declared, wire) if declared else wire
    except ValueError:
        return told


@dataclass(frozen=True, slots=True)
class Choice:
    """What stands: KEPT leaves what the centre has, OTHER puts the other value, EDITED puts `value`."""

    choice: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Put:
    """What a choice wrote into a record, and what had stood there: raw values, tokens included."""

    kind: type[Record]
    record: str
    key: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Settled:
    """Conflicts that were settled together; `undo` takes all of it back."""

    saved: Saved
    conflicts: tuple[str, ...]
    put: tuple[Put, ...]


def settle(desk: Desk, conflict_id: str, choice: str, *, value: Any = None) -> Saved:
    """Settle one conflict."""
    return settle_all(desk, {conflict_id: Choice(choice, value)}).saved


def settle_all(desk: Desk, chosen: Mapping[str, Choice]) -> Settled:
    """Settle these, by their ids, in one unit of work: all of them or none."""
    for each in chosen.values():
        if each.choice not in (KEPT, OTHER, EDITED):
            raise Invalid(_("Choose one of the two values."), [("settled", each.choice)])
    unit, put = desk.write(Permission.WRITE_CASE), []
    with unit as session:
        for conflict_id, wanted in chosen.items():
            conflict = get(session, Conflict, conflict_id)
            if conflict.settled:
                raise Conflicted(_("This conflict is settled already."))
            if wanted.choice != KEPT:
                put.append(_put(session, conflict, wanted))
            elif _is_about_sealed(conflict) and desk.keyring is None:
                Nobody().refuse()  # which of two values stands is not for who can read neither
            conflict.settled, conflict.settled_by = wanted.choice, desk.actor.name
    return Settled(Saved(next(iter(chosen), ""), unit.changes), tuple(chosen), tuple(put))


def undo(desk: Desk, settled: Settled) -> Saved:
    """Take a settlement back: what stood before stands again, and the conflicts wait once more.

    Conflicted if a value has been changed since: then nothing is taken back.
    """
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        for put in settled.put:
            record = get(session, put.kind, put.record)
            if getattr(record, put.key) != put.after:
                raise Conflicted(_("The value was changed since. Open the record and correct it there."))
            setattr(record, put.key, put.before)
        for conflict_id in settled.conflicts:
            _reopen(get(session, Conflict, conflict_id))
    return Saved(settled.saved.id, unit.changes)


def reopen(desk: Desk, conflict_id: str) -> Saved:
    """Let a settled conflict wait for a choice again; the value that stands now stays until somebody chooses."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        conflict = get(session, Conflict, conflict_id)
        if not conflict.settled:
            raise Conflicted(_("This conflict waits for a choice already."))
        _reopen(conflict)
    return Saved(conflict_id, unit.changes)


def _reopen(conflict: Conflict) -> None:
    conflict.settled = conflict.settled_by = None


def _put(session: Session, conflict: Conflict, wanted: Choice) -> Put:
    kind: type[Record] | None = KINDS.get(conflict.about_kind or "")
    key = conflict.about_field or ""
    declared = field_map(kind).get(key) if kind else None
    if kind is None or declared is None:
        raise Conflicted(_("This program does not know the field. Update Naungan, then settle the conflict."))
    record = get(session, kind, conflict.about_id or "")
    before = getattr(record, declared.key)
    if wanted.choice == OTHER:  # as it was told: a token stays the token it is
        told = json.loads(conflict.other) if conflict.other else None
        setattr(record, declared.key, from_wire(declared, told))
    elif wanted.value is HIDDEN:
        Nobody().refuse()
    else:
        clean = changed_only(kind, {declared.key: wanted.value})
        setattr(record, declared.key, clean[declared.key])
    session.flush()  # what is to be sealed is sealed now
    return Put(kind, record.id, declared.key, before, getattr(record, declared.key))


def _is_about_sealed(conflict: Conflict) -> bool:
    kind = KINDS.get(conflict.about_kind or "")
    declared = field_map(kind).get(conflict.about_field or "") if kind else None
    return declared is not None and declared.sealed
