"""The receipts that are kept, held against the rows: whether this laptop still holds what was signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.errors import Conflicted
from app.models.local import Feed
from app.sync.device import SyncSetup, membership
from app.sync.proof import opened_receipt, point_of
from app.wire.messages import Signed, decode


@dataclass(frozen=True, slots=True)
class ScopeCheck:
    """One scope: whether its rows give the digest that the centre signed. `newer`: more was received since."""

    scope: str
    equal: bool
    newer: bool
    digest: str
    proven_at: datetime | None


def check_receipts(setup: SyncSetup) -> tuple[ScopeCheck, ...]:
    """Every scope with a receipt; empty before the first one. NotTheCentre if a receipt is not the centre's."""
    with setup.read() as session:
        try:
            member = membership(session)
        except Conflicted:
            return ()
        found = []
        for feed in session.scalars(select(Feed).where(Feed.receipt.is_not(None)).order_by(Feed.scope)):
            receipt = opened_receipt(decode(feed.receipt or b"", Signed), centre_key=member.centre_key)
            point = point_of(session, feed.scope)
            same = (receipt.scope, receipt.digest, receipt.count) == (point.scope, point.digest, point.count)
            newer = point.seq > receipt.seq
            found.append(ScopeCheck(feed.scope, same or newer, newer, point.digest.hex(), feed.proven_at))
        return tuple(found)
