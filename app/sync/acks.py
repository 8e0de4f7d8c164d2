"""What the centre decided: the outcome of every operation, kept in the transaction that acknowledges its batch."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.local import Batch, Operation
from app.sync.device import Clock
from app.sync.pending import STANDING, changes_of
from app.sync.settle import send_again
from app.wire.messages import BatchResult, Status

_TAKEN = (Status.ACCEPTED, Status.MERGED, Status.DUPLICATE)
_WAITED = ("not_found", "no_predecessor")


def acknowledge(session: Session, batch: Batch, *, result: BatchResult, now: Clock) -> None:
    """Keep every outcome and mark the batch: all of it or nothing."""
    query = select(Operation).where(Operation.batch == batch.n).order_by(Operation.idx)
    for op, outcome in zip(session.scalars(query).all(), result.outcomes, strict=True):
        op.result, op.result_code = outcome.status.value, outcome.code or None
        op.result_field, op.result_rev = outcome.field or None, outcome.rev or None
        if outcome.status in _TAKEN:
            _settle_earlier(session, op, now=now)
    batch.state, batch.offset, batch.acked_at = "ACKED", len(batch.data), now()


def _settle_earlier(session: Session, op: Operation, *, now: Clock) -> None:
    """Refused or held work on the same fields is done with: this one took its place."""
    keys = changes_of(op).keys()
    standing = _standing(session, op.record, before=op.seq)
    # a record made anew was sent whole: it holds all that stood before
    done = [earlier for earlier in standing if op.new or changes_of(earlier).keys() <= keys]
    for earlier in done:
        earlier.settled = True
    if op.new and any(earlier.new for earlier in done):
        _let_followers_go(session, op, now=now)


def _standing(session: Session, record: str, *, before: int) -> Sequence[Operation]:
    query = select(Operation).where(
        Operation.record == record,
        Operation.seq < before,
        Operation.result.in_(STANDING),
        Operation.settled.is_(False),
    )
    return session.scalars(query).all()


def _let_followers_go(session: Session, op: Operation, *, now: Clock) -> None:
    """A record refused at first is there now: what was refused only because it was missing goes again."""
    if op.case_id is None:
        return
    query = select(Operation).where(
        Operation.case_id == op.case_id,
        Operation.record != op.record,
        Operation.result.in_(STANDING),
        Operation.result_code.in_(_WAITED),
        Operation.settled.is_(False),
    )
    for follower in session.scalars(query.order_by(Operation.seq)).all():
        send_again(session, follower, now=now)
