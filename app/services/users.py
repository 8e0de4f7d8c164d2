"""The workers who open this workspace: a key slot and an entry of the office, together."""

from __future__ import annotations

from contextlib import suppress

from app.errors import DiskFull
from app.models.journal import audit
from app.models.office import User
from app.models.permission import Permission
from app.services.audit_log import note
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


def change_password(desk: Desk, workspace: Workspace, *, old: str, new: str) -> None:
    """Another password for the signed-in user; see `Workspace.change_password` for what is refused."""
    workspace.change_password(old=old, new=new)
    with suppress(DiskFull):  # it is changed: nobody may believe that it is not
        note(desk, "change_password", kind="user", record=desk.actor.user)


def remove_user(desk: Desk, workspace: Workspace, user_id: str) -> Saved:
    """Let a worker in no more: their key slot goes, everything is encrypted anew, their entry is no longer active.

    The slot goes first. If the entry could not be saved afterwards, the same call again does the rest. Conflicted for
    oneself, and while somebody who stays has to sign in once more; see `Workspace.remove_user`.
    """
    desk.require(Permission.MANAGE_USERS)
    if user_id in {user.id for user in workspace.users()} or not _is_active(desk, user_id):
        workspace.remove_user(user_id)
    unit = desk.write(Permission.MANAGE_USERS)
    with unit as session:
        audit(session, "remove_user", "user", user_id)
        entry = session.get(User, user_id)
        if entry is not None:
            entry.active = False
    return Saved(user_id, unit.changes)


def _is_active(desk: Desk, user_id: str) -> bool:
    with desk.read(Permission.MANAGE_USERS) as session:
        entry = session.get(User, user_id)
        return entry is not None and bool(entry.active)
