"""A worker gets a key slot and an entry, or neither."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.errors import Forbidden, Invalid
from app.models.office import User
from app.services.desk import Desk
from app.services.users import add_user
from app.vault.workspace import Workspace

WHO = {"login": "dewi", "name": "Dewi", "role": "SUPERVISOR", "password": "lautan tenang di sore hari"}


def test_a_supervisor_lets_somebody_in(as_role: Callable[[str], Desk], workspace: Workspace) -> None:
    desk = as_role("SUPERVISOR")
    saved = add_user(desk, workspace, **WHO)
    assert [user.id for user in workspace.users() if user.login == "dewi"] == [saved.id]
    with desk.read() as session:
        assert session.scalars(select(User.role).where(User.id == saved.id)).one() == "SUPERVISOR"


def test_neither_slot_nor_entry_without_the_right_or_a_password(
    desk: Desk, as_role: Callable[[str], Desk], workspace: Workspace
) -> None:
    with pytest.raises(Forbidden):
        add_user(desk, workspace, **WHO)
    with pytest.raises(Invalid):
        add_user(as_role("SUPERVISOR"), workspace, **{**WHO, "password": "pendek"})
    assert [user.login for user in workspace.users()] == ["siti"]
