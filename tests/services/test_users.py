"""A worker gets a key slot and an entry, or neither."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.errors import Conflicted, Forbidden, Invalid, NotFound, WrongPassword
from app.models.local import AuditEntry
from app.models.office import User
from app.services.desk import Desk
from app.services.users import GIVEN, WITHDRAWN, add_user, remove_user, set_cleared, users
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


def test_new_workers_are_cleared_by_role_or_as_it_is_said(as_role: Callable[[str], Desk], workspace: Workspace) -> None:
    desk, cleared = as_role("SUPERVISOR"), {}
    roles = ("SOCIAL_WORKER", "SUPERVISOR", "PARTNER", "SECRETARY", "ADMIN")
    for role in roles:
        saved = add_user(desk, workspace, **{**WHO, "login": role.lower(), "role": role})
        assert saved.warnings == ()
        cleared[role] = next(user.cleared for user in users(desk, workspace) if user.id == saved.id)
    assert [cleared[role] for role in roles] == [True, True, True, False, False]
    told = add_user(desk, workspace, **{**WHO, "login": "said"}, cleared=False).id
    set_cleared(desk, workspace, told, cleared=True)
    set_cleared(desk, workspace, told, cleared=False)
    with desk.read() as session:
        entries = select(AuditEntry.action).where(AuditEntry.record == told).order_by(AuditEntry.seq)
        assert [action for action in session.scalars(entries) if action in (GIVEN, WITHDRAWN)] == [GIVEN, WITHDRAWN]
    for refused in (lambda desk: users(desk, workspace), lambda desk: set_cleared(desk, workspace, told, cleared=True)):
        with pytest.raises(Forbidden):
            refused(as_role("SOCIAL_WORKER"))


def test_who_is_not_cleared_lets_somebody_in_with_a_warning(
    as_role: Callable[[str], Desk], workspace: Workspace, vault: Vault, clock: Clock
) -> None:
    desk = as_role("SUPERVISOR")
    add_user(desk, workspace, **{**WHO, "role": "ADMIN"})
    workspace.close()
    with vault.unlock(workspace.directory, login="dewi", password=WHO["password"], now=clock) as theirs:
        desk.engine = theirs.engine
        (warning,) = add_user(desk, theirs, **{**WHO, "login": "rina", "name": "Rina"}).warnings
        assert "Rina" in warning
        with pytest.raises(Forbidden):
            add_user(desk, theirs, **{**WHO, "login": "rini"}, cleared=True)
