"""Backups from the screen: listed, made, checked, carried, tried out, restored; the daily one comes by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.context import Context
from app.errors import DiskFull
from app.services import backups as service
from app.services.case_list import CaseQuery, ids
from app.services.intake import take
from app.ui.application import Application, Options
from app.ui.screens.backups import BackupsView
from app.ui.screens.restore_dialog import Restorable, RestoreDialog
from app.ui.screens.unlock import UnlockScreen
from app.ui.workspace_window import WorkspaceWindow
from app.vault.backup import Backup, backups
from app.vault.restoring import save_copy
from app.vault.workspace import Vault
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, press, words_in
from tests.worlds import PASSWORD, intake


@pytest.fixture
def made(context: Context, case_id: str) -> Backup:
    """A backup, and one case more since."""
    found = service.make(context.desk, context.workspace)
    context.now.forward(minutes=5)  # type: ignore[attr-defined]
    take(context.desk, intake())
    return found


@pytest.fixture
def view(made: Backup, window: WorkspaceWindow, qtbot: QtBot) -> BackupsView:
    found = window.go("backups")
    assert isinstance(found, BackupsView)
    qtbot.waitUntil(lambda: window.jobs.idle)
    return found


@pytest.fixture
def program(qapp: QApplication, context: Context, vault: Vault, clock: Clock) -> Iterator[Application]:
    before = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)
    made = Application(qapp, Options(context.workspace.directory, "id", None, vault, clock))
    yield made
    made.quit()
    made.deleteLater()
    qapp.setQuitOnLastWindowClosed(before)


def test_the_list_says_when_how_large_whole_and_by_whom(view: BackupsView, window: WorkspaceWindow) -> None:
    words = words_in(view)
    assert "23 Nov 2026" in words and "Siti Rahma" in words and view.chosen() is not None
    assert_accessible(view)
    assert window.sidebar is not None


def test_one_more_a_check_a_copy_and_a_drill(
    view: BackupsView, window: WorkspaceWindow, qtbot: QtBot, tmp_path: Path, clock: Clock
) -> None:
    clock.forward(days=1)
    for act in (view.back_up, view.check, view.drill, lambda: view.save_copy(tmp_path)):
        act()
        assert not view.make.isEnabled()
        qtbot.waitUntil(lambda: window.jobs.idle, timeout=15_000)
        assert view.said.property("tone") == "good", view.said.text()
        assert view.make.isEnabled() and view.restore.isEnabled()
    assert view.model.rowCount() == 2 and len(list(tmp_path.glob("naungan-*"))) == 1
    assert view.drill_state.words
    damaged = view.chosen()
    assert damaged is not None
    (damaged.path / "workspace.db").write_bytes(b"ruined" * 2000)
    view.check()
    qtbot.waitUntil(lambda: window.jobs.idle, timeout=15_000)
    assert "Rusak" in words_in(view) or "Damaged" in words_in(view)
    for box in QApplication.topLevelWidgets():
        if box is not window and box.isVisible():
            box.close()


def test_a_restore_says_what_is_lost_and_takes_the_place(
    program: Application, context: Context, made: Backup, qtbot: QtBot
) -> None:
    program.enter(context)
    window = program.window
    assert isinstance(window, WorkspaceWindow)
    found = window.go("backups")
    assert isinstance(found, BackupsView)
    qtbot.waitUntil(lambda: window.jobs.idle)
    found.ask_restore()
    dialog = window.findChild(RestoreDialog)
    assert dialog is not None
    assert_accessible(dialog)
    lost = service.losses(context.desk, context.workspace, made)
    assert str(lost.entries) in dialog.lost.text() and lost.entries > 3
    dialog.password.put("bukan kata sandinya")
    dialog.restore()
    qtbot.waitUntil(lambda: dialog.said.property("tone") == "danger" and window.jobs.idle, timeout=15_000)
    dialog.password.put(PASSWORD)
    dialog.restore()
    qtbot.waitUntil(lambda: isinstance(program.window, UnlockScreen), timeout=30_000)
    door = program.window
    assert isinstance(door, UnlockScreen) and door.line.text(), "the result is told"
    assert len(backups(context.workspace.directory)) == 2, "one more, of what is replaced"
    door.password.put(PASSWORD)
    door.try_it()
    qtbot.waitUntil(lambda: program.context is not None, timeout=15_000)
    again = program.window
    assert isinstance(again, WorkspaceWindow) and again.toast.isVisible()
    assert program.context is not None and len(ids(program.context.desk, CaseQuery())) == 1
    qtbot.waitUntil(lambda: again.jobs.idle)


@pytest.mark.parametrize("harm", ["missing", "cut", "key file gone"])
def test_the_door_of_a_damaged_workspace_offers_a_backup(
    program: Application, context: Context, made: Backup, qtbot: QtBot, harm: str
) -> None:
    directory = context.workspace.directory
    context.close()
    database = directory / "workspace.db"
    if harm == "missing":
        database.unlink()
    elif harm == "cut":
        database.write_bytes(database.read_bytes()[:20_000])
    else:
        (directory / "naungan.keys").unlink()
    program.start()
    door = program.window
    assert isinstance(door, UnlockScreen)
    if harm == "cut":
        door.password.put(PASSWORD)
        door.try_it()
    qtbot.waitUntil(door.restore.isVisible, timeout=15_000)
    assert_accessible(door)
    press(door, door.restore.text())
    dialog = door.findChild(RestoreDialog)
    assert dialog is not None and dialog.backup() == made and dialog.lost.text()
    dialog.password.put(PASSWORD)
    dialog.restore()
    qtbot.waitUntil(lambda: program.window is not door, timeout=30_000)
    fresh = program.window
    assert isinstance(fresh, UnlockScreen) and not fresh.restore.isVisible()
    fresh.password.put(PASSWORD)
    fresh.try_it()
    qtbot.waitUntil(lambda: program.context is not None, timeout=15_000)
    assert isinstance(program.window, WorkspaceWindow)
    qtbot.waitUntil(lambda: program.window.jobs.idle)  # type: ignore[union-attr]


def test_a_folder_that_was_carried_here_is_offered_too(
    context: Context, made: Backup, window: WorkspaceWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    copy = save_copy(made.path, folder=tmp_path)
    dialog = RestoreDialog(Restorable(tmp_path, (), context.now), jobs=window.jobs, parent=window)
    assert not dialog.button.isEnabled()
    dialog.add_folder(tmp_path)
    assert dialog.said.property("tone") == "warn"
    dialog.add_folder(copy)
    assert dialog.button.isEnabled() and dialog.who.count() == 1
    dialog.reject()


def test_the_daily_one_comes_by_itself_and_says_when_it_cannot(
    window: WorkspaceWindow, context: Context, qtbot: QtBot, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert window.daily.isActive()

    def full(*_a: object, **_k: object) -> None:
        raise DiskFull("penuh")

    with monkeypatch.context() as patch:
        patch.setattr("app.vault.backup.sync_file", full)
        window.daily.timeout.emit()
        qtbot.waitUntil(lambda: window.jobs.idle and window.toast.isVisible(), timeout=15_000)
    assert "penuh" in words_in(window.toast)
    assert backups(context.workspace.directory) == ()
    settings = window.go("settings")
    assert settings is not None and "penuh" in words_in(settings)
    clock.forward(hours=2)
    window.daily.timeout.emit()
    qtbot.waitUntil(lambda: window.jobs.idle, timeout=15_000)
    assert len(backups(context.workspace.directory)) == 1
    window.daily.timeout.emit()
    qtbot.waitUntil(lambda: window.jobs.idle, timeout=15_000)
    assert len(backups(context.workspace.directory)) == 1
