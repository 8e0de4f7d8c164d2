"""When this laptop last proved its contact with the centre, and the latest moment it has ever seen: two settings.

Both are written by whoever learns them (the sync, opening, closing) and weighed in services.lease. The centre's own
signed time counts, never this laptop's; and since a clock can be set back, the latest moment ever seen is kept too.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import settings
from app.models.field import from_ms, to_ms
from app.models.local import AuditEntry

PROVEN, SEEN = "contact", "latest_moment"


@dataclass(frozen=True, slots=True)
class Contact:
    """`proven`: the centre's signed time of the last contact. `seen`: the latest moment known here since then."""

    proven: datetime
    seen: datetime


def read_contact(session: Session) -> Contact | None:
    """What is known; None for a workspace that never belonged to a centre."""
    kept = settings.get(session, PROVEN)
    if kept is None:
        return None
    proven, known = from_ms(kept["at"]), from_ms(settings.get(session, SEEN, kept["at"]))
    assert proven is not None
    assert known is not None
    last = _last_audited(session)
    # What was written before the contact says nothing: with it the centre put a wrong clock right.
    later = [last[1]] if last and last[0] > kept["audit"] else []
    return Contact(proven, max([proven, known, *later]))


def prove_contact(session: Session, at: int) -> None:
    """The centre signed something at this moment (milliseconds), whatever the clock here says."""
    last = _last_audited(session)
    settings.put(session, PROVEN, {"at": at, "audit": last[0] if last else 0})
    settings.put(session, SEEN, at)


def keep_seen(session: Session, moment: datetime) -> None:
    """It has been this late; an earlier moment changes nothing. Only for a workspace that belongs to a centre."""
    if settings.get(session, PROVEN) is not None and to_ms(moment) > settings.get(session, SEEN, 0):
        settings.put(session, SEEN, to_ms(moment))


def _last_audited(session: Session) -> tuple[int, datetime] | None:
    row = session.execute(select(AuditEntry.seq, AuditEntry.at).order_by(AuditEntry.seq.desc()).limit(1)).one_or_none()
    return (row[0], row[1]) if row else None
