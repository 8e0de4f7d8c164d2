"""A worker gets a key slot and an entry, or neither."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.errors import Conflicted, Forbidden, Invalid, NotFound, WrongPassword
from app.models.local import AuditEntry
from app.models.office import User
from app.services.desk import Desk
from app.services.users import add_user, remove_user
from app.vault.workspace import Vault, Workspace
from tests.conftest import Clock
from tests.worlds import PASSWORD

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


def test_a_supervisor_lets_somebody_in_no_more(
    as_role: Callable[[str], Desk], workspace: Workspace, vault: Vault, clock: Clock
) -> None:
    desk = as_role("SUPERVISOR")
    gone = add_user(desk, workspace, **WHO).id
    assert remove_user(desk, workspace, gone).changes.records == {gone}
    with desk.read() as session:
        assert session.scalars(select(User.active).where(User.id == gone)).one() is False
        assert "remove_user" in session.scalars(select(AuditEntry.action).where(AuditEntry.record == gone)).all()
    with pytest.raises(NotFound):
        remove_user(desk, workspace, gone)
    workspace.close()
    with pytest.raises(WrongPassword):
        vault.unlock(workspace.directory, login="dewi", password=WHO["password"], now=clock)
    vault.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock).close()


def test_what_was_cut_off_before_the_entry_is_done_by_the_same_call(
    as_role: Callable[[str], Desk], workspace: Workspace
) -> None:
    desk = as_role("SUPERVISOR")
    gone = add_user(desk, workspace, **WHO).id
    workspace.remove_user(gone)
    remove_user(desk, workspace, gone)
    with desk.read() as session:
        assert session.scalars(select(User.active).where(User.id == gone)).one() is False


def test_nobody_is_removed_without_the_right_or_removes_themselves(
    desk: Desk, as_role: Callable[[str], Desk], workspace: Workspace
) -> None:
    gone = add_user(as_role("SUPERVISOR"), workspace, **WHO).id
    with pytest.raises(Forbidden):
        remove_user(desk, workspace, gone)
    with pytest.raises(Conflicted):
        remove_user(as_role("ADMIN"), workspace, workspace.user.id)
    assert len(workspace.users()) == 2
