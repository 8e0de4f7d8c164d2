"""The workers who open this workspace: a key slot and an entry of the office, together."""

from __future__ import annotations

from contextlib import suppress

from app.errors import DiskFull
from app.i18n import _
from app.models.journal import audit
from app.models.office import User
from app.models.permission import CLEARED_BY_DEFAULT, Permission
from app.services.audit_log import note
from app.services.desk import Desk, Saved
from app.vault.slot import UserSlot
from app.vault.workspace import Workspace

GIVEN, WITHDRAWN = "clear", "withdraw"  # what the audit calls it


def users(desk: Desk, workspace: Workspace) -> tuple[UserSlot, ...]:
    """Everybody who may sign in, and whether they may read sealed entries, for who looks after them."""
    desk.require(Permission.MANAGE_USERS)
    return workspace.users()


def add_user(
    desk: Desk,
    workspace: Workspace,
    *,
    login: str,
    name: str,
    role: str,
    password: str,
    cleared: bool | None = None,
) -> Saved:
    """Let one more worker sign in. The slot comes first: an entry without a slot would be somebody who cannot.

    Whether they may read sealed entries follows from the role unless it is said. Who may not cannot give it: then
    the result carries a warning, or it is Forbidden if it was asked for.
    """
    desk.require(Permission.MANAGE_USERS)
    due = role in CLEARED_BY_DEFAULT if cleared is None else cleared
    given = due and (workspace.cleared or cleared is True)
    slot = workspace.add_user(login=login, name=name, role=role, password=password, cleared=given)
    unit = desk.write(Permission.MANAGE_USERS)
    with unit as session:
        session.add(User(id=slot.id, login=slot.login, name=slot.name, role=slot.role, active=True))
        if given:
            audit(session, GIVEN, "user", slot.id)
    missing = _("{name} cannot read sealed entries yet: a colleague who can has to let them.").format(name=slot.name)
    return Saved(slot.id, unit.changes, (missing,) if due and not given else ())


def change_password(desk: Desk, workspace: Workspace, *, old: str, new: str) -> None:
    """Another password for the signed-in user; see `Workspace.change_password` for what is refused."""
    workspace.change_password(old=old, new=new)
    with suppress(DiskFull):  # it is changed: nobody may believe that it is not
        note(desk, "change_password", kind="user", record=desk.actor.user)


def set_cleared(desk: Desk, workspace: Workspace, user_id: str, *, cleared: bool) -> Saved:
    """Let a worker read sealed entries, or no more; then everything is encrypted anew. See `Workspace.set_cleared`."""
    desk.require(Permission.MANAGE_USERS)
    workspace.set_cleared(user_id, cleared)
    if not cleared and desk.search is not None:
        desk.search.renew()
    unit = desk.note(Permission.MANAGE_USERS)
    with unit as session:
        audit(session, GIVEN if cleared else WITHDRAWN, "user", user_id)
    return Saved(user_id, unit.changes)


def remove_user(desk: Desk, workspace: Workspace, user_id: str) -> Saved:
    """Let a worker in no more: their key slot goes, everything is encrypted anew, their entry is no longer active.

    The slot goes first. If the entry could not be saved afterwards, the same call again does the rest. Conflicted for
    oneself, and while somebody who stays has to sign in once more; see `Workspace.remove_user`.
    """
    desk.require(Permission.MANAGE_USERS)
    if user_id in {user.id for user in workspace.users()} or not _is_active(desk, user_id):
        workspace.remove_user(user_id)
        if desk.search is not None:
            desk.search.renew()
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
