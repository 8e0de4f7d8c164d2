"""Who works with this workspace, as a supervisor sees it: who may come in and read what, and what was left unsaved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.models.local import AuditEntry
from app.models.office import User
from app.models.permission import Permission
from app.services import drafts
from app.services.desk import Desk
from app.services.drafts import LeftWork
from app.vault.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who may sign in, or who no longer may and left work unsaved."""

    id: str
    name: str
    login: str
    role: str
    cleared: bool  # may read sealed values
    may_sign_in: bool
    is_me: bool
    last_sign_in: datetime | None  # on this laptop, as its audit knows
    left: tuple[LeftWork, ...]  # newest first


def workers(desk: Desk, workspace: Workspace) -> tuple[Worker, ...]:
    """Everybody who may sign in by name, then those who are gone and left something. For who manages users."""
    desk.require(Permission.MANAGE_USERS)
    left: dict[str, list[LeftWork]] = {}
    for one in drafts.of_others(desk):
        left.setdefault(one.user, []).append(one)
    with desk.read(Permission.MANAGE_USERS) as session:
        seen = select(AuditEntry.actor, func.max(AuditEntry.at)).where(AuditEntry.action == "sign_in")
        signed_in = {row[0]: row[1] for row in session.execute(seen.group_by(AuditEntry.actor))}
        entries = {user.id: user for user in session.scalars(select(User))}
    found = [
        Worker(
            user.id, user.name, user.login, user.role, user.cleared, True, user.id == desk.actor.user,
            signed_in.get(user.id), tuple(left.pop(user.id, ())),
        )
        for user in workspace.users()
    ]  # fmt: skip
    found.sort(key=lambda worker: worker.name.casefold())
    for user_id, work in left.items():
        entry = entries.get(user_id)
        name, login, role = (entry.name or "", entry.login or "", entry.role or "") if entry else ("", "", "")
        found.append(Worker(user_id, name, login, role, False, False, False, signed_in.get(user_id), tuple(work)))
    return tuple(found)
