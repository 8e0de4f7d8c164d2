"""Work the centre refused, put right: what was written is shown, corrected, and goes again as new work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflicted, NotFound
from app.i18n import _
from app.models.base import KINDS, Record
from app.models.field import Kind, Merge, said_fields
from app.models.journal import audit
from app.models.local import Operation
from app.models.permission import Permission
from app.services.desk import Desk, Saved
from app.services.entries import entry_of
from app.services.validate import changed_only
from app.sync.pending import STANDING, changes_of
from app.sync.settle import send_again, take_followers_along


@dataclass(frozen=True, slots=True)
class Correctable:
    """What a person may correct of one entry: the fields it wrote, with the values that stand there now."""

    seq: int
    kind: str
    keys: tuple[str, ...]
    values: Mapping[str, Any]
    field: str  # the one the centre named; "" if it named none


def correctable(desk: Desk, seq: int) -> Correctable | None:
    """None when nothing can be corrected: it was taken, or all it wrote is written once."""
    with desk.read() as session:
        op = session.get(Operation, seq)
        if op is None or op.result not in STANDING or op.settled or not desk.may(_permission(op.kind)):
            return None
        record = _record(session, op)
        keys = _keys(op)
        if record is None or not keys:
            return None
        entry = entry_of(record, opens=desk.opener(session))
        values = MappingProxyType({key: entry[key] for key in keys})
        named = op.result_field or ""
        return Correctable(seq, op.kind, keys, values, named if named in keys else "")


def correct(desk: Desk, seq: int, values: Mapping[str, Any]) -> Saved:
    """Save the corrected fields: one new operation with all that the old one wanted, which is settled with it."""
    with desk.read() as session:
        found = session.get(Operation, seq)
        kind = found.kind if found is not None else "case"
    unit = desk.write(_permission(kind))
    with unit as session:
        op = session.get(Operation, seq)
        record = _record(session, op) if op is not None else None
        if op is None or record is None:
            raise NotFound(_("This entry is not in the outbox of this laptop."))
        if op.result not in STANDING or op.settled:
            raise Conflicted(_("Only an entry that was refused or is held can be corrected; this one is done."))
        keys = _keys(op)
        clean = changed_only(type(record), {key: value for key, value in values.items() if key in keys})
        before = _last(session, record.id)
        for key, value in clean.items():
            setattr(record, key, value)
        session.flush()
        _carry_over(session, op, after=before, now=desk.now)
        take_followers_along(session, op, now=desk.now)
        audit(session, "settle-correct", op.kind, op.record, tuple(clean))
        session.info["journal"].touch(op.kind, op.record, op.case_id)
        record_id = record.id
    return Saved(record_id, unit.changes)


def _carry_over(session: Session, op: Operation, *, after: int, now: Any) -> None:
    """What the person changed just now takes along what the old operation wanted besides; unchanged, it goes again."""
    query = select(Operation).where(Operation.record == op.record, Operation.kind == op.kind, Operation.seq > after)
    fresh = session.scalars(query.order_by(Operation.seq)).first()
    if fresh is None:
        send_again(session, op, now=now)
        return
    fresh.changes = msgspec.msgpack.encode(_together(changes_of(op), changes_of(fresh)))
    fresh.before = msgspec.msgpack.encode({**msgspec.msgpack.decode(fresh.before), **msgspec.msgpack.decode(op.before)})
    fresh.new = op.new and not fresh.base_rev
    op.settled = True


def _together(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Both changes as one; of a set, what was added first and taken away then is not added."""
    found = {**old, **new}
    for key in old.keys() & new.keys():
        if isinstance(old[key], dict) and isinstance(new[key], dict):
            adds = (set(old[key]["add"]) - set(new[key]["remove"])) | set(new[key]["add"])
            removes = (set(old[key]["remove"]) - set(new[key]["add"])) | set(new[key]["remove"])
            found[key] = {"add": sorted(adds), "remove": sorted(removes)}
    return found


def _keys(op: Operation) -> tuple[str, ...]:
    record_class = KINDS.get(op.kind)
    wrote = changes_of(op).keys() | {op.result_field or ""}
    return tuple(
        field.key for field in said_fields(record_class) if field.key in wrote
        and field.merge is not Merge.ONCE and field.kind is not Kind.REF
    ) if record_class else ()  # fmt: skip


def _record(session: Session, op: Operation) -> Record | None:
    record_class = KINDS.get(op.kind)
    return session.get(record_class, op.record) if record_class else None


def _last(session: Session, record: str) -> int:
    query = select(Operation.seq).where(Operation.record == record).order_by(Operation.seq.desc()).limit(1)
    return session.scalar(query) or 0


def _permission(kind: str) -> Permission:
    return Permission.DIRECTORY if kind == "agency" else Permission.WRITE_CASE
