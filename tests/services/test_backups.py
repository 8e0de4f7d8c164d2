"""Backups as people deal with them: once a day, told when they fail, checked, tried out, and what a restore loses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app import context as contexts
from app.errors import Conflicted, DiskFull, WorkspaceDamaged
from app.models.local import AuditEntry
from app.services import backups as service
from app.services import users
from app.services.desk import Desk
from app.services.intake import take
from app.vault import backup, restoring
from app.vault.backup import backups
from app.vault.workspace import Vault, Workspace
from tests.conftest import Clock
from tests.worlds import PASSWORD, intake

NEW = "gunung sungai kapas lentera"


def last_entry(desk: Desk) -> tuple[str, str]:
    with desk.read() as session:
        entry = session.query(AuditEntry).order_by(AuditEntry.seq.desc()).first()
        return (entry.action, entry.fields)


def test_a_day_has_one_backup_and_the_next_day_another(desk: Desk, workspace: Workspace, clock: Clock) -> None:
    assert service.is_due(desk, workspace)
    assert service.daily(desk, workspace) is not None
    assert last_entry(desk) == ("backup", "daily")
    clock.forward(hours=6)
    assert service.daily(desk, workspace) is None
    clock.forward(hours=14)  # past midnight in Jakarta, still the same day in UTC
    assert service.daily(desk, workspace) is not None
    assert service.standing(desk, workspace).newest == clock()


def test_a_backup_that_fails_is_kept_told_and_tried_again_later(
    desk: Desk, workspace: Workspace, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_a: object, **_k: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(backup, "sync_file", full)
        with pytest.raises(DiskFull):
            service.daily(desk, workspace)
    told = service.standing(desk, workspace)
    assert (told.failed_at, told.newest) == (clock(), None) and told.failed
    assert service.daily(desk, workspace) is None, "not at every look at the clock"
    clock.forward(hours=2)
    assert service.daily(desk, workspace) is not None
    assert service.standing(desk, workspace).failed == ""


class Unwanted(Exception):
    pass


class Stopped:
    """Not wanted any more after so many looks."""

    def __init__(self, looks: int) -> None:
        self.left, self.acts = looks, []

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Unwanted

    def when_stopped(self, act: Callable[[], None]) -> None:
        self.acts.append(act)


def test_a_backup_nobody_wants_any_more_stops_and_leaves_nothing(desk: Desk, workspace: Workspace) -> None:
    for looks in range(3):  # before it, while copying, while comparing
        stop = Stopped(looks)
        with pytest.raises(Unwanted):
            service.make(desk, workspace, stop=stop)
        assert backups(workspace.directory) == () and not list((workspace.directory / "backups").iterdir())
    assert len(stop.acts) == 1
    service.make(desk, workspace, stop=Stopped(1000))


def test_what_a_restore_would_lose_is_counted(desk: Desk, workspace: Workspace, clock: Clock) -> None:
    take(desk, intake())
    made = service.make(desk, workspace)
    assert service.losses(desk, workspace, made) == service.Losses(0, 0)
    clock.forward(minutes=1)
    take(desk, intake())
    lost = service.losses(desk, workspace, made)
    assert lost.entries == lost.unsent > 3


def test_a_check_is_kept_with_what_it_found(desk: Desk, workspace: Workspace, clock: Clock, case_id: str) -> None:
    made = service.make(desk, workspace)
    clock.forward(hours=1)
    service.check(desk, workspace, made)
    (listed,) = service.listed(desk, workspace)
    assert (listed.checked_at, listed.problem) == (clock(), "")
    assert last_entry(desk) == ("backup_check", made.path.name)
    (made.path / "workspace.db").write_bytes((made.path / "workspace.db").read_bytes()[:-4096])
    with pytest.raises(WorkspaceDamaged):
        service.check(desk, workspace, made)
    (listed,) = service.listed(desk, workspace)
    assert listed.problem


def test_who_opens_a_backup_with_which_password(
    desk: Desk, as_role: Callable[[str], Desk], workspace: Workspace
) -> None:
    chief = as_role("SUPERVISOR")
    other = users.add_user(chief, workspace, login="dewi", name="Dewi", role="PARTNER", password=NEW)
    service.make(desk, workspace)
    workspace.change_password(old=PASSWORD, new="padi bukit laut awan")
    (listed,) = service.listed(desk, workspace)
    assert [(o.login, o.today, o.gone) for o in listed.openers] == [("siti", False, False), ("dewi", True, False)]
    users.remove_user(chief, workspace, other.id)
    older = service.listed(desk, workspace)[-1]
    assert [(o.login, o.gone) for o in older.openers] == [("siti", False), ("dewi", True)]
    with pytest.raises(Conflicted):
        service.check(desk, workspace, older.backup)


def test_a_drill_restores_looks_and_leaves_no_trace(desk: Desk, workspace: Workspace, clock: Clock) -> None:
    with pytest.raises(Conflicted):
        service.drill(desk, workspace)
    take(desk, intake())
    service.make(desk, workspace)
    saved = take(desk, intake())
    clock.forward(days=91)
    assert service.standing(desk, workspace).drill_due
    found = service.drill(desk, workspace)
    assert found.problems == () and saved.id and found.newer > 3 and found.entries > 3
    assert last_entry(desk)[0] == "drill"
    told = service.standing(desk, workspace)
    assert (told.drilled_at, told.drill_due) == (clock(), False)
    assert {each.name for each in (workspace.directory / "backups").iterdir()} == {found.backup.path.name}


def test_a_backup_of_another_past_is_found_by_the_drill(
    desk: Desk, workspace: Workspace, vault: Vault, clock: Clock, tmp_path: Path, case_id: str
) -> None:
    """A copy of this workspace worked on elsewhere: its backup is whole, and is not this one's."""
    workspace.close()
    shutil.copytree(workspace.directory, tmp_path / "copy")
    for folder in (tmp_path / "copy", workspace.directory):
        opened = contexts.unlock(folder, login="siti", password=PASSWORD, now=clock, vault=vault)
        take(opened.desk, intake())
        if folder == tmp_path / "copy":
            strange = service.make(opened.desk, opened.workspace)
            shutil.copytree(strange.path, workspace.directory / "backups" / strange.path.name)
        else:
            assert service.drill(opened.desk, opened.workspace).problems
        opened.close()


def test_a_restore_is_told_at_the_next_sign_in(desk: Desk, workspace: Workspace, vault: Vault, clock: Clock) -> None:
    made = service.make(desk, workspace)
    workspace.close()
    restoring.prepare(made.path, directory=workspace.directory, login="siti", password=PASSWORD, now=clock)
    restoring.put_in_place(workspace.directory, now=clock)
    for told in (made.at, None):
        opened = contexts.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock, vault=vault)
        assert service.restored_since(opened.desk) == told
        take(opened.desk, intake())
        opened.close()
