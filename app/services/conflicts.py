"""Two people changed one field: a person chooses which value stands. Both stay in the history."""

from __future__ import annotations

import json
from collections.abc import Collection
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


def settle(desk: Desk, conflict_id: str, choice: str, *, value: Any = None) -> Saved:
    """Settle: KEPT leaves the centre's value, OTHER puts the other one, EDITED puts `value`. One unit for all of it."""
    if choice not in (KEPT, OTHER, EDITED):
        raise Invalid(_("Choose one of the two values."), [("settled", choice)])
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        conflict = get(session, Conflict, conflict_id)
        if conflict.settled:
            raise Conflicted(_("This conflict is settled already."))
        if choice != KEPT:
            _put(session, conflict, choice, value)
        elif _is_about_sealed(conflict) and desk.keyring is None:
            Nobody().refuse()  # which of two values stands is not for who can read neither
        conflict.settled, conflict.settled_by = choice, desk.actor.name
    return Saved(conflict_id, unit.changes)


def _put(session: Session, conflict: Conflict, choice: str, value: Any) -> None:
    kind: type[Record] | None = KINDS.get(conflict.about_kind or "")
    key = conflict.about_field or ""
    declared = field_map(kind).get(key) if kind else None
    if kind is None or declared is None:
        raise Conflicted(_("This program does not know the field. Update Naungan, then settle the conflict."))
    record = get(session, kind, conflict.about_id or "")
    if choice == OTHER:  # as it was told: a token stays the token it is
        told = json.loads(conflict.other) if conflict.other else None
        setattr(record, declared.key, from_wire(declared, told))
        return
    if value is HIDDEN:
        Nobody().refuse()
    clean = changed_only(kind, {declared.key: value})
    setattr(record, declared.key, clean[declared.key])


def _is_about_sealed(conflict: Conflict) -> bool:
    kind = KINDS.get(conflict.about_kind or "")
    declared = field_map(kind).get(conflict.about_field or "") if kind else None
    return declared is not None and declared.sealed
