"""From the door to the window and back: what is locked is closed, what was open is kept, faults are shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import i18n
from app.context import Context
from app.errors import DiskFull, NetworkDown, NotFound, WrongPassword
from app.services import drafts
from app.ui import look, problems, theme
from app.ui.application import Application, Options, shoot
from app.ui.idle import IdleWatch
from app.ui.problems import BugDialog, Message, report_of
from app.ui.screens.case import CaseView
from app.ui.screens.first_run import FirstRun
from app.ui.screens.unlock import UnlockScreen
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Vault
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, words_in
from tests.worlds import PASSWORD

SECRET = "Sitti Aminah 3204115508090000"


@pytest.fixture
def program(qapp: QApplication, tmp_path: Path, vault: Vault, clock: Clock, qtbot: QtBot) -> Iterator[Application]:
    """The program over a folder; closed and forgotten at the end."""
    before = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)
    made = Application(qapp, Options(tmp_path / "ws", "id", None, vault, clock))
    yield made
    made._leave()
    made._end_door_jobs()
    made.deleteLater()
    qapp.setQuitOnLastWindowClosed(before)


def unlock(program: Application, qtbot: QtBot) -> WorkspaceWindow:
    door = program.window
    assert isinstance(door, UnlockScreen)
    QTest.keyClicks(door.password.line, PASSWORD)
    QTest.keyClick(door.password.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(program.window, WorkspaceWindow))
    window = program.window
    assert isinstance(window, WorkspaceWindow)
    qtbot.waitUntil(lambda: window.jobs.idle)
    return window


def test_without_a_workspace_it_begins_with_the_first_run(program: Application) -> None:
    program.start()
    assert isinstance(program.window, FirstRun) and program.window.isVisible()


def test_unlock_work_lock_unlock(
    program: Application, context: Context, case_id: str, vault: Vault, clock: Clock, qtbot: QtBot
) -> None:
    context.close()
    program.start()
    window = unlock(program, qtbot)
    opened = program.context
    assert opened is not None
    page = window.go("case", target=case_id)
    assert isinstance(page, CaseView)
    page.deeds.add_note()
    assert page.deeds.dialog is not None
    QTest.keyClicks(page.deeds.dialog.form.boxes["text"].editor.target, "Belum selesai")
    window.activateWindow()
    window.lock()
    assert isinstance(program.window, UnlockScreen) and program.context is None
    assert opened.workspace.keys.wiped
    assert "3273" not in words_in(program.window)
    again = unlock(program, qtbot)
    assert [draft.content["text"] for draft in drafts.mine(again.place.desk)] == ["Belum selesai"]


def test_the_door_offers_whoever_was_here_last(
    program: Application, context: Context, tmp_path: Path, qtbot: QtBot
) -> None:
    context.workspace.add_user(login="dewi", name="Dewi Lestari", role="SUPERVISOR", password="sandi dewi yang panjang")
    context.close()
    look.keep(look.Look(login="dewi"), tmp_path / "ws")
    program._look = look.read(tmp_path / "ws")
    program.start()
    assert isinstance(program.window, UnlockScreen)
    assert program.window.who.currentData() == "dewi" != program.window.who.itemData(0)
    program.window.who.setCurrentIndex(0)
    window = unlock(program, qtbot)
    window.lock()
    assert isinstance(program.window, UnlockScreen)
    assert program.window.who.currentData() == look.read(tmp_path / "ws").login == program.window.who.itemData(0)


def test_nobody_at_the_keyboard_locks(program: Application, context: Context, qtbot: QtBot) -> None:
    context.close()
    program.start()
    unlock(program, qtbot)
    program._idle.start(1)
    program._idle._since.start()
    qtbot.waitUntil(lambda: isinstance(program.window, UnlockScreen))


def test_a_touch_puts_the_lock_off(qapp: QApplication, context: Context, window: WorkspaceWindow, qtbot: QtBot) -> None:
    watch = IdleWatch(qapp)
    watch.watch(window.windowHandle())
    seen: list[int] = []
    watch.idle.connect(lambda: seen.append(1))
    watch.start(1)
    watch._timer.stop()
    qtbot.waitUntil(lambda: watch._since.hasExpired(1000))
    QTest.mouseMove(window.windowHandle(), QPoint(10, 10))
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Shift)
    watch._look()
    assert not seen and watch._timer.isActive()
    watch.stop()
    watch.deleteLater()


def test_language_at_the_door_is_remembered_beside_the_workspace(
    program: Application, context: Context, qtbot: QtBot
) -> None:
    context.close()
    program.start()
    assert isinstance(program.window, UnlockScreen)
    program.window.language_wanted.emit("en")
    assert isinstance(program.window, UnlockScreen) and "Unlock" in words_in(program.window)


def test_a_look_survives_the_file_and_nonsense_does_not(tmp_path: Path) -> None:
    chosen = look.Look("en", "WIT", 150, "dark")
    look.keep(chosen, tmp_path)
    assert look.read(tmp_path) == chosen
    (tmp_path / look.FILE).write_text('{"language": "xx", "scale": 17, "scheme": 3, "more": 1}')
    assert look.read(tmp_path) == look.Look()
    (tmp_path / look.FILE).write_text("[")
    assert look.read(tmp_path, language="en").language == "en"


def test_a_users_mistake_is_said_at_the_foot_of_the_window(window: WorkspaceWindow) -> None:
    problems.show(window, NotFound("Tidak ada di laptop ini."))
    assert window.toast.isVisible() and "Tidak ada" in words_in(window.toast)


@pytest.mark.parametrize("error", [DiskFull("Disk penuh."), NetworkDown("Tidak ada jaringan.")])
def test_the_environments_fault_is_a_dialog_that_blocks_nothing(window: WorkspaceWindow, error: Exception) -> None:
    problems.show(window, error)
    dialog = window.findChild(Message)
    assert dialog is not None and str(error) in words_in(dialog)
    assert_accessible(dialog)
    dialog.accept()


def test_a_fault_of_the_program_is_told_without_any_content(window: WorkspaceWindow) -> None:
    def broken() -> None:
        raise ValueError(SECRET)

    try:
        broken()
    except ValueError as error:
        problems.show(window, error)
        report = report_of(error)
    dialog = window.findChild(BugDialog)
    assert dialog is not None
    assert "ValueError" in report and "broken" in report
    assert "Sitti" not in report and "3204" not in report and "Sitti" not in words_in(dialog)
    dialog.copy()
    assert QApplication.clipboard().text() == report
    QApplication.clipboard().clear()
    assert_accessible(dialog)
    dialog.accept()


def test_seconds_to_wait_are_part_of_the_sentence() -> None:
    assert "30" in problems.sentence(WrongPassword("Salah.", 30))


def test_pictures_of_every_screen_without_a_display(
    context: Context, case_id: str, tmp_path: Path, qapp: QApplication
) -> None:
    i18n.use("en", "WIB")
    made = shoot(context, tmp_path / "shots", languages=("id",), dark=(True,))
    names = {path.name.removesuffix("-id-dark.png") for path in made}
    assert {"home", "cases", "case", "settings", "unlock", "first-run"} <= names
    assert all(path.stat().st_size > 5_000 for path in made)
    assert i18n.language() == "en" and not theme.current().dark


def test_a_closed_window_ends_the_program(
    program: Application, context: Context, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(program._app, "quit", lambda: ended.append(1))
    context.close()
    program.start()
    window = unlock(program, qtbot)
    opened = program.context
    window.close()
    assert ended and opened is not None and opened.workspace.keys.wiped
