"""What the centre decided: the outcome of every operation, kept in the transaction that acknowledges its batch."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.models.ids import chunks
from app.models.local import Batch, Operation
from app.sync import erasing
from app.sync.device import Clock
from app.sync.pending import STANDING, changes_of
from app.sync.settle import take_followers_along
from app.wire.messages import BatchResult, Outcome, Status

_TAKEN = (Status.ACCEPTED, Status.MERGED, Status.DUPLICATE)
_PLAIN = (*_TAKEN, Status.CONFLICT)
_OUTCOME = (
    update(Operation)
    .where(Operation.seq == bindparam("s"))
    .values(result=bindparam("r"), result_code=bindparam("c"), result_field=bindparam("f"), result_rev=bindparam("v"))
)


def acknowledge(session: Session, batch: Batch, *, result: BatchResult, now: Clock) -> None:
    """Keep every outcome and mark the batch: all of it or nothing."""
    batch.state, batch.offset, batch.acked_at = "ACKED", len(batch.data), now()
    if all(outcome.status in _PLAIN for outcome in result.outcomes) and not _any_standing(session):
        _keep_outcomes(session, batch.n, outcomes=result.outcomes)
        return erasing.answered(session, (), now=now())
    query = select(Operation).where(Operation.batch == batch.n).order_by(Operation.idx)
    answered = list(zip(session.scalars(query).all(), result.outcomes, strict=True))
    standing = _standing(session, [op.record for op, _outcome in answered])
    for op, outcome in answered:
        _note(op, outcome)
        earlier = [other for other in standing.get(op.record, ()) if other.seq < op.seq]
        if outcome.status in _TAKEN and earlier:
            _settle_earlier(session, op, earlier=earlier, now=now)
        elif outcome.status.value in STANDING:
            standing.setdefault(op.record, []).append(op)
    return erasing.answered(session, [op for op, _outcome in answered], now=now())


def decide(session: Session, op: Operation, outcome: Outcome, *, now: Clock) -> None:
    """Keep the outcome of one operation whose batch was answered before."""
    _note(op, outcome)
    if outcome.status in _TAKEN:
        earlier = [other for other in _standing(session, [op.record]).get(op.record, ()) if other.seq < op.seq]
        _settle_earlier(session, op, earlier=earlier, now=now)
    erasing.answered(session, [op], now=now())


def _note(op: Operation, outcome: Outcome) -> None:
    op.result, op.result_code = outcome.status.value, outcome.code or None
    op.result_field, op.result_rev = outcome.field or None, outcome.rev or None


def _any_standing(session: Session) -> bool:
    query = select(Operation.seq).where(Operation.result.in_(STANDING), Operation.settled.is_(False))
    return session.scalar(query.limit(1)) is not None


def _keep_outcomes(session: Session, n: int, *, outcomes: Sequence[Outcome]) -> None:
    """Most batches: all taken, and nothing waits for that. As rows, not as objects."""
    lines = session.scalars(select(Operation.seq).where(Operation.batch == n).order_by(Operation.idx)).all()
    told = [
        {"s": seq, "r": one.status.value, "c": one.code or None, "f": one.field or None, "v": one.rev or None}
        for seq, one in zip(lines, outcomes, strict=True)
    ]
    session.connection().execute(_OUTCOME, told)


def _standing(session: Session, records: Sequence[str]) -> dict[str, list[Operation]]:
    """Refused and held work on these records, in order."""
    found: dict[str, list[Operation]] = {}
    query = select(Operation).where(Operation.result.in_(STANDING), Operation.settled.is_(False))
    for ids in chunks(sorted(set(records))):
        for op in session.scalars(query.where(Operation.record.in_(ids)).order_by(Operation.seq)):
            found.setdefault(op.record, []).append(op)
    return found


def _settle_earlier(session: Session, op: Operation, *, earlier: Sequence[Operation], now: Clock) -> None:
    """Refused or held work on the same fields is done with: this one took its place."""
    keys = changes_of(op).keys()
    # a record made anew was sent whole: it holds all that stood before
    done = [other for other in earlier if not other.settled and (op.new or changes_of(other).keys() <= keys)]
    for other in done:
        other.settled = True
    if op.new and any(other.new for other in done):
        take_followers_along(session, op, now=now)
