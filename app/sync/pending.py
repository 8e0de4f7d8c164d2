"""Local work that the centre has not taken into the content this laptop knows, and how a record looks because of it.

A record a worker sees = the centre's version (its shadow) with that work on top, in the order it was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.base import KINDS, Record
from app.models.content import Content, content_of, fill
from app.models.ids import chunks
from app.models.local import Operation, Shadow
from app.wire.merge import replay
from app.wire.messages import FeedRow, Status

# Work the centre did not take stays on its record until a person replaces it or gives it up; held work may yet go in.
STANDING = (Status.REFUSED.value, Status.HELD.value, Status.LEFT.value)

Row = TypeVar("Row")


def work_on(session: Session, records: Iterable[str]) -> dict[str, list[Operation]]:
    """All operations on these records that may still count, in order: standing ones, and those decided lately."""
    found: dict[str, list[Operation]] = {}
    query = select(Operation).where(Operation.settled.is_(False)).order_by(Operation.seq)
    for ids in chunks(sorted(set(records))):
        for op in session.scalars(query.where(Operation.record.in_(ids))):
            found.setdefault(op.record, []).append(op)
    return found


def pending_on(session: Session, rows: Sequence[FeedRow]) -> dict[str, list[Operation]]:
    """The operations on those of these rows' records on which some stand that the row does not hold."""
    revs = {row.record.hex(): row.rev for row in rows}
    query = select(Operation.record, Operation.result, Operation.result_rev).where(Operation.settled.is_(False))
    standing: set[str] = set()
    for ids in chunks(sorted(revs)):
        for record, result, rev in session.execute(query.where(Operation.record.in_(ids))):
            if result is None or result in STANDING or (rev or 0) > revs[record]:
                standing.add(record)
    return work_on(session, standing)


def is_pending(op: Operation, rev: int) -> bool:
    """Whether the centre's content at this number does not hold this operation yet."""
    if op.result is None or op.result in STANDING:
        return not op.settled
    # decided, but the row at hand is older than the decision: a segment kept from before the push
    return (op.result_rev or 0) > rev


def with_work(content: Mapping[str, Any], work: Sequence[Operation]) -> Content:
    """The content with this work on top."""
    shown = dict(content)
    for op in work:
        shown = replay(shown, changes_of(op))
    return shown


def changes_of(op: Operation) -> dict[str, Any]:
    """Field key -> change, as the operation keeps them."""
    changes: dict[str, Any] = msgspec.msgpack.decode(op.changes)
    return changes


def show(record: Record, content: Mapping[str, Any], *, work: Sequence[Operation]) -> bool:
    """Make the record hold the centre's content with the work on top; whether it needs no shadow any more.

    A record that cannot hold the content exactly (a newer peer's shape) keeps its shadow: the digest counts that.
    ValueError if a value has not the shape of its field.
    """
    fill(record, with_work(content, work))
    return not work and content_of(record) == content


def settle_shadows(session: Session, scope: str) -> None:
    """After the centre confirmed that we hold all it has: let go of every shadow without standing work.

    An operation that changed nothing at the centre (both wanted the same, or the centre's value stayed) brings no row,
    so only this tells the record.
    """
    shadows = list(session.scalars(select(Shadow).where(Shadow.scope == scope)))
    work = work_on(session, [shadow.record for shadow in shadows])
    for shadow in shadows:
        standing = [op for op in work.get(shadow.record, []) if op.result is None or op.result in STANDING]
        rebuild(session, shadow, work=standing)


def only_kept(session: Session) -> list[Shadow]:
    """What an older version of this program only kept, because it knew no such kind, though this one does."""
    kinds = [kind for kind in session.scalars(select(Shadow.kind).distinct()) if kind in KINDS]
    lost = [select(Shadow).where(Shadow.kind == kind, Shadow.record.not_in(select(KINDS[kind].id))) for kind in kinds]
    return [shadow for query in lost for shadow in session.scalars(query)]


def rebuild(session: Session, shadow: Shadow, *, work: Sequence[Operation]) -> None:
    """Show the record of this shadow again; the shadow goes if nothing stands on it. A kind unknown here stays.

    What an older version of this program only kept, because it knew no such kind, becomes a record now.
    """
    record_class = KINDS.get(shadow.kind)
    if record_class is None:
        return
    there = session.get(record_class, shadow.record)
    record = there or record_class(id=shadow.record)
    try:
        exact = show(record, msgspec.msgpack.decode(shadow.content), work=work)
    except ValueError:
        return
    record.rev, record.scope = shadow.rev, shadow.scope
    if there is None:
        session.add(record)
    if exact:
        session.delete(shadow)
