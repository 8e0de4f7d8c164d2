"""What is known of the link to the centre: how quick it was last, and whether every byte of it costs money."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.models import settings
from app.sync.device import SyncSetup

METERED, SPEED = "metered", "link_speed"


def is_metered(session: Session) -> bool:
    """Whether the person said that the link is slow or paid by the byte: no files, the closest packing."""
    return bool(settings.get(session, METERED, False))


def link_speed(session: Session) -> float:
    """Bytes per second at the last sync that carried enough to tell; 0 if none did."""
    return float(settings.get(session, SPEED, 0) or 0)


def remember_speed(setup: SyncSetup, speed: float) -> None:
    """Keep what was measured; nothing, if nothing could be."""
    if speed > 0:
        with setup.write() as session:
            settings.put(session, SPEED, round(speed))
