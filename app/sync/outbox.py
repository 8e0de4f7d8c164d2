"""The outbox: from the operations of the journal to frozen, chained, signed batches. Frozen bytes never change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.field import to_ms
from app.models.ids import chunks
from app.models.local import Batch, Operation
from app.sync.device import SyncSetup, membership
from app.sync.pending import changes_of
from app.sync.sealing import Outgoing, Sealed, cut
from app.sync.urgent import in_order
from app.wire.batch import GENESIS, Place, Sign
from app.wire.merge import replay
from app.wire.messages import Change, Status


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be frozen now: batches, how many operations are urgent, the ones too large for any batch."""

    batches: tuple[Sealed, ...]
    urgent: int
    too_large: tuple[int, ...]
    outgoing: tuple[Outgoing, ...]


def freeze(setup: SyncSetup) -> list[int]:
    """Put all waiting operations into batches, durably; returns their numbers. Conflicted before enrolment."""
    with setup.read() as session:
        epoch = membership(session).epoch
        plan = plan_batches(session, device=setup.device, epoch=epoch, sign=setup.signer.sign)
    changes = {out.seq: out.change for out in plan.outgoing}
    with setup.write() as session:
        for seq in plan.too_large:
            _refuse_too_large(session, seq)
    for sealed in plan.batches:  # one transaction each: a big outbox must not keep a worker's save waiting
        with setup.write() as session:
            _keep(session, sealed, changes=changes)
            session.add(_batch(sealed, setup=setup))
    return [sealed.n for sealed in plan.batches]


def plan_batches(session: Session, *, device: bytes, epoch: str, sign: Sign) -> Plan:
    """Seal what waits without keeping anything: for freezing, and with a signature of zeros for the preview."""
    query = select(Operation).where(Operation.batch.is_(None), Operation.result.is_(None), Operation.settled.is_(False))
    ordered, urgent = in_order(list(session.scalars(query.order_by(Operation.seq))))
    outgoing = list(_outgoing(session, ordered))
    last = session.execute(
        select(Batch.n, Batch.digest).where(Batch.n > 0).order_by(Batch.n.desc()).limit(1)
    ).one_or_none()
    n, previous = (last[0], last[1]) if last else (0, GENESIS)
    batches, too_large = cut(outgoing, urgent=urgent, last=Place(device, n, previous, epoch), sign=sign)
    return Plan(tuple(batches), urgent, tuple(too_large), tuple(outgoing))


def _batch(sealed: Sealed, *, setup: SyncSetup) -> Batch:
    return Batch(
        n=sealed.n,
        data=sealed.data,
        digest=sealed.digest,
        operations=len(sealed.operations),
        state="FROZEN",
        offset=0,
        frozen_at=setup.now(),
    )


def _keep(session: Session, sealed: Sealed, *, changes: dict[int, Change]) -> None:
    position_of = {seq: position for position, seq in enumerate(sealed.operations)}
    for some in chunks(sealed.operations):
        for op in session.scalars(select(Operation).where(Operation.seq.in_(some))):
            op.batch, op.idx = sealed.n, position_of[op.seq]
            sent = changes[op.seq]
            if sent.new and not op.new:  # it makes anew what was refused: keep what was really sent
                op.new, op.changes = True, msgspec.msgpack.encode(sent.changes)


def _refuse_too_large(session: Session, seq: int) -> None:
    op = session.get_one(Operation, seq)
    op.result, op.result_code = Status.REFUSED.value, "too_large"


def _outgoing(session: Session, ordered: Sequence[Operation]) -> Iterator[Outgoing]:
    """The operations as changes.

    An edit on top of an own, undecided edit of the same field is based on what that one was based on: its author has
    not seen what the centre held instead.
    """
    seen = _undecided(session)
    refused = _refused_creations(session, [op.record for op in ordered if not op.new and not op.base_rev])
    for op in ordered:
        changes = changes_of(op)
        base = min([op.base_rev, *(seen.get((op.record, key), op.base_rev) for key in changes)])
        for key in changes:
            seen[op.record, key] = base
        new = op.new
        if not new and not op.base_rev and op.record in refused:
            new, changes = True, _whole([*refused.pop(op.record), changes])
        yield Outgoing(op.seq, _change(op, base_rev=base, new=new, changes=changes))


def _change(op: Operation, *, base_rev: int, new: bool, changes: dict[str, Any]) -> Change:
    case = bytes.fromhex(op.case_id) if op.case_id else None
    return Change(
        op.kind, bytes.fromhex(op.record), case, base_rev, new, changes,
        bytes.fromhex(op.actor), op.actor_name, to_ms(op.at),
    )  # fmt: skip


def _undecided(session: Session) -> dict[tuple[str, str], int]:
    """(record, field) -> the base of the earliest operation under way that changes it."""
    found: dict[tuple[str, str], int] = {}
    query = select(Operation).where(Operation.batch.is_not(None), Operation.result.is_(None)).order_by(Operation.seq)
    for op in session.scalars(query):
        for key in changes_of(op):
            found.setdefault((op.record, key), op.base_rev)
    return found


def _refused_creations(session: Session, records: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Records the centre refused to begin: what was asked for, in order. The next edit makes them anew, whole."""
    found: dict[str, list[dict[str, Any]]] = {}
    query = select(Operation).where(Operation.result == Status.REFUSED.value, Operation.settled.is_(False))
    for ids in chunks(sorted(set(records))):
        for op in session.scalars(query.where(Operation.record.in_(ids)).order_by(Operation.seq)):
            if op.new or op.record in found:
                found.setdefault(op.record, []).append(changes_of(op))
    return found


def _whole(changes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several changes of a new record as one; a set is sent as what is added to nothing."""
    content: dict[str, Any] = {}
    for change in changes:
        content = replay(content, change)
    return {key: {"add": v, "remove": []} if isinstance(v, list) else v for key, v in content.items()}
