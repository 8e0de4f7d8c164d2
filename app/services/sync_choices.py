"""What an office chose about its sync: whether it may happen unasked. Off until somebody who may turns it on."""

from __future__ import annotations

from app.models import settings
from app.models.journal import audit
from app.models.permission import Permission
from app.services.desk import Desk
from app.sync.auto import AUTO


def is_automatic(desk: Desk) -> bool:
    """Whether this laptop synchronises without being asked."""
    with desk.read(Permission.SYNC) as session:
        return bool(settings.get(session, AUTO, False))


def set_automatic(desk: Desk, on: bool) -> None:
    """Turn it on or off. Forbidden for who does not oversee the office; who did it stands in the audit."""
    with desk.note(Permission.MANAGE_USERS) as session:
        settings.put(session, AUTO, True if on else None)
        audit(session, "auto_sync", "setting", "on" if on else "off")
