"""What became of an operation after its batch was answered: held work that found its predecessor, or a mended rule."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.local import Operation
from app.sync import acks
from app.sync.device import Clock
from app.sync.pending import STANDING
from app.wire.messages import FeedRow, Outcome, RowKind


def take_verdicts(session: Session, rows: Sequence[FeedRow], *, now: Clock) -> None:
    """Keep the terminal result of each of these operations. What has one already, or is not ours, stays as it is."""
    for row in rows:
        if row.row is not RowKind.RESULT:
            continue
        try:
            n, position = int(row.content["n"]), int(row.content["position"])
            outcome = msgspec.convert(row.content["outcome"], Outcome)
        except (KeyError, TypeError, ValueError):  # of a newer peer: what is not understood changes nothing
            continue
        op = session.scalar(select(Operation).where(Operation.batch == n, Operation.idx == position))
        if op is not None and op.result in STANDING:
            acks.decide(session, op, outcome, now=now)
