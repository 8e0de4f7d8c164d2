"""Seals what was written before values were sealed: once, after a cleared user unlocked, in pieces that each stand.

Interrupted, it goes on at the next unlock. Batches that are frozen already stay the bytes they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Text, and_, or_, select, type_coerce
from sqlalchemy.orm import Session

from app.models import settings
from app.models.all import KINDS
from app.models.base import Record
from app.models.content import from_wire, to_wire
from app.models.field import Kind, sealed_fields
from app.models.journal import subject_of
from app.models.keyring import OF_CASE, OF_PERSON
from app.models.local import Draft, Operation, Shadow
from app.models.permission import Permission
from app.models.sealed import PREFIX, Sealer, is_sealed
from app.services import drafts
from app.services.desk import Desk

DONE = "sealed_up"
_PIECE = 100
_SEALED_KINDS = tuple(kind for kind in KINDS.values() if sealed_fields(kind))


def seal_up(desk: Desk) -> int:
    """How many rows were sealed; nothing for who is not cleared, and while nothing may be saved."""
    if desk.keyring is None or desk.stale():
        return 0
    with desk.read() as session:
        if settings.get(session, DONE):
            return 0
    sealed = _in_pieces(desk)
    with desk.write(Permission.READ) as session:
        settings.put(session, DONE, True)
    return sealed


def _in_pieces(desk: Desk) -> int:
    total = 0
    for kind in _SEALED_KINDS:
        while found := _piece(desk, kind):
            total += found
    last: int | None = 0
    while last is not None:
        last, found = _operations(desk, after=last)
        total += found
    return total + _shadows(desk) + _drafts(desk)


def _piece(desk: Desk, kind: type[Record]) -> int:
    """Some records that hold plain values, through the ordinary way of writing."""
    columns = [type_coerce(getattr(kind, field.key), Text) for field in sealed_fields(kind)]
    plain = or_(*(and_(column.is_not(None), ~column.like(f"%{PREFIX}%")) for column in columns))
    with desk.write(Permission.READ) as session:
        found = session.scalars(select(kind).where(plain).order_by(kind.id).limit(_PIECE)).all()
        for record in found:
            _seal(session, record)
        return len(found)


def _seal(session: Session, record: Record) -> None:
    for field in sealed_fields(type(record)):
        value = to_wire(field, getattr(record, field.key))
        if not is_sealed(value):
            sealer: Sealer = session.info["sealer"]
            place = (record.kind, record.id, field.key)
            setattr(record, field.key, from_wire(field, sealer.seal(place, value, subject=subject_of(record))))


def _operations(desk: Desk, *, after: int) -> tuple[int | None, int]:
    """Some of the outbox, answered or not: (the last one looked at, how many were sealed); None at the end."""
    kinds, changed = [kind.kind for kind in _SEALED_KINDS], 0
    query = select(Operation).where(Operation.seq > after, Operation.kind.in_(kinds)).order_by(Operation.seq)
    with desk.write(Permission.READ) as session:
        found = session.scalars(query.limit(_PIECE)).all()
        for op in found:
            told = tuple(msgspec.msgpack.decode(packed) for packed in (op.changes, op.before))
            fresh = tuple(_changes(session, op, one) for one in told)
            if fresh != told:
                op.changes, op.before = (msgspec.msgpack.encode(one) for one in fresh)
                changed += 1
        return (found[-1].seq if found else None), changed


def _changes(session: Session, op: Operation, changes: Mapping[str, Any]) -> dict[str, Any]:
    subject = (OF_PERSON, op.record) if op.kind == OF_PERSON else (OF_CASE, op.case_id or "")
    sealer: Sealer = session.info["sealer"]
    fresh = dict(changes)
    for field in sealed_fields(KINDS[op.kind]):
        told, place = fresh.get(field.key), (op.kind, op.record, field.key)
        if isinstance(told, dict) and field.kind is Kind.CODES:
            fresh[field.key] = {
                step: sealer.seal(place, codes, subject=subject) if codes else codes for step, codes in told.items()
            }
        elif told is not None and not is_sealed(told):
            fresh[field.key] = sealer.seal(place, told, subject=subject)
    return fresh


def _shadows(desk: Desk) -> int:
    """The centre's versions lose their plain values: what is sealed here is sealed there by the next sync."""
    kinds, changed = {kind.kind: kind for kind in _SEALED_KINDS}, 0
    with desk.write(Permission.READ) as session:
        for shadow in session.scalars(select(Shadow).where(Shadow.kind.in_(kinds))):
            told = msgspec.msgpack.decode(shadow.content)
            plain = {field.key for field in sealed_fields(kinds[shadow.kind]) if not is_sealed(told.get(field.key))}
            if plain:
                kept = {key: value for key, value in told.items() if key not in plain}
                shadow.content = msgspec.msgpack.encode(kept, order="deterministic")
                changed += 1
    return changed


def _drafts(desk: Desk) -> int:
    with desk.note(Permission.READ) as session:
        found: Iterable[Draft] = session.scalars(select(Draft)).all()
        return sum(drafts.put_away(desk, draft) for draft in found)
