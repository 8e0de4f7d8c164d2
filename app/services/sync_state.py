"""How this laptop stands with the centre, cheap enough to be always in view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import settings
from app.models.local import Feed, Operation
from app.models.permission import Permission
from app.services.desk import Desk
from app.sync.urgent import URGENT_KINDS

AMBER, RED = timedelta(days=7), timedelta(days=14)


@dataclass(frozen=True, slots=True)
class SyncState:
    """What waits, and when the centre last confirmed that both hold the same."""

    enrolled: bool
    waiting: int  # saves the centre has not answered
    stopped: int  # refused or held: a person has to look
    proven_at: datetime | None  # the oldest of the feeds; None: never
    began_at: datetime | None  # the first save on this laptop: how long it has been alone, if never proven
    urgent: bool = False  # a referral, or a step of one, waits

    def age(self, now: datetime) -> timedelta:
        """How long ago the last proof was, or the first work that was never proven."""
        since = self.proven_at or self.began_at
        return now - since if since else timedelta()

    def level(self, now: datetime) -> str:
        """'red' after 14 days without a proof, 'amber' after 7, else ''."""
        age = self.age(now)
        return "red" if age >= RED else "amber" if age >= AMBER else ""


def sync_state(desk: Desk) -> SyncState:
    """Read it."""
    with desk.read(Permission.SYNC) as session:
        return state_in(session)


def state_in(session: Session) -> SyncState:
    """The same inside a session, also where a lease that ran out keeps everything else shut."""
    unsettled = Operation.settled.is_(False)
    open_ = (Operation.result.is_(None), unsettled)
    waiting = session.scalar(select(func.count()).where(*open_)) or 0
    stopped = session.scalar(select(func.count()).where(Operation.result.in_(("refused", "held")), unsettled)) or 0
    urgent = select(Operation.seq).where(*open_, Operation.kind.in_(URGENT_KINDS)).limit(1)
    feeds = session.scalars(select(Feed.proven_at)).all()
    proven = min((moment for moment in feeds if moment), default=None) if all(feeds) else None
    return SyncState(
        enrolled=settings.get(session, "certificate") is not None,
        waiting=waiting,
        stopped=stopped,
        proven_at=proven,
        began_at=session.scalar(select(func.min(Operation.at))),
        urgent=session.scalar(urgent) is not None,
    )
