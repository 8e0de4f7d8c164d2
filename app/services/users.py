"""The workers who open this workspace: a key slot and an entry of the office, together."""

from __future__ import annotations

from app.models.office import User
from app.models.permission import Permission
from app.services.desk import Desk, Saved
from app.vault.workspace import Workspace


def add_user(desk: Desk, workspace: Workspace, *, login: str, name: str, role: str, password: str) -> Saved:
    """Let one more worker sign in. The slot comes first: an entry without a slot would be somebody who cannot."""
    desk.require(Permission.MANAGE_USERS)
    slot = workspace.add_user(login=login, name=name, role=role, password=password)
    unit = desk.write(Permission.MANAGE_USERS)
    with unit as session:
        session.add(User(id=slot.id, login=slot.login, name=slot.name, role=slot.role, active=True))
    return Saved(slot.id, unit.changes)
