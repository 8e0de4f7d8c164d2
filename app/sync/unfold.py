"""A short segment made whole again: own work and differences become the contents that the centre has.

What is worked out here is held against the sum in the segment's header. Any doubt ends it: whole rows are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.base import KINDS
from app.models.content import Content
from app.models.field import field_map
from app.models.ids import chunks
from app.models.local import Operation, Shadow
from app.sync.tables import Stored, by_id, by_number, shadows
from app.wire import REFERENCE
from app.wire.digest import ScopeDigest, item_digest
from app.wire.merge import replay
from app.wire.messages import FeedRow, RowKind, Status
from app.wire.segment import OpenedSegment

_TAKEN = (Status.ACCEPTED.value, Status.MERGED.value, Status.DUPLICATE.value)
SHARED_KINDS = ("agency", "office_key")  # in the scope that everybody reads
_SHORT = (RowKind.DELTA, RowKind.OWN)


class Doubt(Exception):
    """This laptop cannot work out what the centre has: it lacks a version, an operation, or the sum differs."""


@dataclass(frozen=True, slots=True)
class _Done:
    """An operation of this device that the centre took, and where."""

    record: str
    kind: str
    case: str | None
    new: bool
    rev: int
    changes: dict[str, Any]


def unfold(session: Session, segment: OpenedSegment, *, scope: str) -> list[FeedRow]:
    """The rows with whole contents. Doubt if one of them cannot be made."""
    if not any(row.row in _SHORT for row in segment.rows):
        return segment.rows
    there = {shadow.record: shadow for shadow in shadows(session, Shadow.scope == scope)}
    made = _differences(session, [r for r in segment.rows if r.row is RowKind.DELTA], scope=scope, there=there)
    made |= _own_work(session, [r for r in segment.rows if r.row is RowKind.OWN], scope=scope, there=there)
    total = ScopeDigest()
    for row in made.values():
        total.add(item_digest(row.kind, row.record, row.rev, row.content))
    if total.value() != segment.header.own:
        raise Doubt
    return [made.get(row.seq, row) for row in segment.rows]


def _differences(
    session: Session, rows: Sequence[FeedRow], *, scope: str, there: dict[str, Stored]
) -> dict[int, FeedRow]:
    by_kind: dict[str, list[FeedRow]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    made: dict[int, FeedRow] = {}
    for kind, some in by_kind.items():
        bases = _bases(session, kind, some, scope=scope, there=there)
        for row in some:
            base = bases.get(row.record.hex() or row.base)
            if base is None or base.rev != row.base or base.scope != scope:
                raise Doubt
            content = {key: value for key, value in base.content.items() if key not in row.gone} | row.content
            made[row.seq] = _whole(row.seq, kind, base.record, rev=row.rev, content=content)
    return made


def _bases(
    session: Session, kind: str, rows: Sequence[FeedRow], *, scope: str, there: dict[str, Stored]
) -> dict[str | int, Stored]:
    """By record, and by number, what is here; a record that stands in a shadow is what the shadow says."""
    bases: dict[str | int, Stored] = {}
    if kind in KINDS:
        bases.update(by_id(session, kind, {row.record.hex() for row in rows if row.record}))
        for stored in by_number(session, kind, {row.base for row in rows if not row.record}, scope=scope).values():
            bases[stored.rev] = stored
    for shadow in there.values():
        if shadow.kind == kind:
            bases[shadow.record] = bases[shadow.rev] = shadow
    return bases


def _own_work(session: Session, rows: Sequence[FeedRow], *, scope: str, there: dict[str, Stored]) -> dict[int, FeedRow]:
    last = {done.rev: done for done in _last_done(session, [row.seq for row in rows], scope=scope)}
    if last.keys() != {row.seq for row in rows}:
        raise Doubt
    kinds: dict[str, set[str]] = {}
    for done in last.values():
        kinds.setdefault(done.kind, set()).add(done.record)
    known: dict[str, Stored] = {}
    for kind, ids in kinds.items():
        known |= by_id(session, kind, ids) if kind in KINDS else {}
    known |= {record: shadow for record, shadow in there.items() if record in {d.record for d in last.values()}}
    before = _done_on(session, {done.record for done in last.values()})
    return {
        seq: _whole(seq, done.kind, done.record, rev=seq, content=_replayed(done, known, before[done.record]))
        for seq, done in last.items()
    }


def _replayed(last: _Done, known: dict[str, Stored], work: Sequence[_Done]) -> Content:
    """What this laptop had of the record, with all of its own work since then that the centre took."""
    base = known.get(last.record)
    rev, content = (base.rev, base.content) if base is not None and base.rev else (0, {})
    if rev > last.rev or (not rev and not any(done.new for done in work)):
        raise Doubt
    keys = field_map(KINDS[last.kind]) if last.kind in KINDS else {}
    for done in work:
        if rev < done.rev <= last.rev:
            content = replay(content, {keys[k].key if k in keys else k: v for k, v in done.changes.items()})
    return content


def _last_done(session: Session, numbers: Sequence[int], *, scope: str) -> Iterable[_Done]:
    """The operation behind each number, if it is certain which. Another scope may have given the same number."""
    found: dict[int, dict[str, _Done]] = {}
    for some in chunks(numbers):
        for done in _done(session, Operation.result_rev.in_(some)):
            found.setdefault(done.rev, {})[done.record] = done
    several = [done for of_one in found.values() if len(of_one) > 1 for done in of_one.values()]
    elsewhere = _elsewhere(session, several, scope=scope)
    for of_one in found.values():
        here = [done for done in of_one.values() if done.record not in elsewhere]
        if len(here) == 1:
            yield here[0]


def _elsewhere(session: Session, done: Sequence[_Done], *, scope: str) -> set[str]:
    """Those of these records that another scope numbers: they stand in it, or belong to a case of another office."""
    ids: dict[str, set[str]] = {}
    for one in done:
        ids.setdefault(one.kind, set()).add(one.record)
    stored: dict[str, Stored] = {}
    for kind, some in ids.items():
        stored |= by_id(session, kind, some) if kind in KINDS else {}
    cases = by_id(session, "case", {one.case for one in done if one.case})
    gone = set()
    for one in done:
        there, of_case = stored.get(one.record), cases.get(one.case or "")
        if (one.kind in SHARED_KINDS) != (scope == REFERENCE) or _is_foreign(there, of_case, scope=scope):
            gone.add(one.record)
    return gone


def _is_foreign(there: Stored | None, of_case: Stored | None, *, scope: str) -> bool:
    """Whether this is another scope's, though it may be shown in this one: then its case was begun elsewhere."""
    if any(one is not None and one.scope not in (None, scope) for one in (there, of_case)):
        return True
    first = of_case or there
    return scope != REFERENCE and first is not None and first.content.get("made_office", scope) != scope


def _done_on(session: Session, records: Iterable[str]) -> dict[str, list[_Done]]:
    """All own work on these records that the centre took, in the order in which it took it."""
    found: dict[str, list[_Done]] = {}
    for some in chunks(sorted(records)):
        for done in _done(session, Operation.record.in_(some)):
            found.setdefault(done.record, []).append(done)
    return found


def _done(session: Session, where: Any) -> Iterable[_Done]:
    query = select(
        Operation.record, Operation.kind, Operation.case_id, Operation.new, Operation.result_rev, Operation.changes,
        Operation.result,
    ).where(where)  # fmt: skip
    order = (Operation.result_rev, Operation.batch, Operation.idx)
    for record, kind, case, new, rev, changes, result in session.execute(query.order_by(*order)):
        if result in _TAKEN:  # asked in the query, SQLite went through all that was ever taken, for each handful
            yield _Done(record, kind, case, new, rev or 0, msgspec.msgpack.decode(changes))


def _whole(seq: int, kind: str, record: str, *, rev: int, content: Content) -> FeedRow:
    return FeedRow(seq, RowKind.FULL, kind, bytes.fromhex(record), rev, content)
