"""The door: the right password opens, a wrong one waits, and nothing about a case is to be seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app import context as contexts
from app.context import Context
from app.ui.jobs import Jobs
from app.ui.screens.unlock import Door, UnlockScreen
from app.vault.workspace import Vault, Workspace
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, words_in
from tests.worlds import PASSWORD


@pytest.fixture
def directory(context: Context) -> Path:
    """A locked workspace with an office."""
    context.close()
    return context.workspace.directory


@pytest.fixture
def door(directory: Path, vault: Vault, clock: Clock, jobs: Jobs, qtbot: QtBot) -> Iterator[UnlockScreen]:
    """The door of it; what was opened is closed again."""
    screen = UnlockScreen(
        Door(directory, lambda login, word: contexts.unlock(directory, login=login, password=word, now=clock,
                                                            vault=vault), clock), jobs=jobs
    )  # fmt: skip
    opened: list[Context] = []
    screen.opened.connect(opened.append)
    screen.found = opened  # type: ignore[attr-defined]
    qtbot.addWidget(screen)
    screen.show()
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    yield screen
    for context in opened:
        context.close()


def enter(door: UnlockScreen, password: str) -> None:
    QTest.keyClicks(door.password.line, password)
    QTest.keyClick(door.password.line, Qt.Key.Key_Return)


def test_typing_the_password_and_enter_opens(door: UnlockScreen, qtbot: QtBot) -> None:
    assert door.password.line.hasFocus()
    with qtbot.waitSignal(door.opened) as signal:
        enter(door, PASSWORD)
    assert signal.args and signal.args[0].desk.actor.name == "Siti Rahma"
    assert door.password.text() == ""


def test_a_wrong_password_says_so_and_the_next_try_is_possible_at_once(door: UnlockScreen, qtbot: QtBot) -> None:
    enter(door, "bukan kata sandi ini")
    qtbot.waitUntil(lambda: door.button.isEnabled() and bool(door.line.text()) and door.line.isVisible())
    with qtbot.waitSignal(door.opened):
        enter(door, PASSWORD)


def test_after_four_wrong_ones_it_counts_down_and_lets_in_when_the_time_is_over(
    door: UnlockScreen, clock: Clock, jobs: Jobs, qtbot: QtBot
) -> None:
    for _try in range(4):
        enter(door, "salah salah salah salah")
        qtbot.waitUntil(lambda: jobs.idle)
    assert not door.button.isEnabled() and "5" in door.line.text()
    clock.forward(seconds=3)
    door._tick()
    assert not door.button.isEnabled() and "2" in door.line.text()
    clock.forward(seconds=3)
    door._tick()
    assert door.button.isEnabled() and not door.line.isVisible()
    with qtbot.waitSignal(door.opened):
        enter(door, PASSWORD)


def test_the_wait_of_the_one_before_is_shown_to_the_next(
    door: UnlockScreen, directory: Path, clock: Clock, jobs: Jobs, qtbot: QtBot
) -> None:
    for _try in range(4):
        enter(door, "salah salah salah salah")
        qtbot.waitUntil(lambda: jobs.idle)
    again = UnlockScreen(Door(directory, lambda *_: None, clock), jobs=jobs)
    qtbot.addWidget(again)
    assert not again.button.isEnabled()
    again._timer.stop()
    door._timer.stop()


def test_caps_lock_is_noticed(door: UnlockScreen) -> None:
    QTest.keyClick(door.password.line, Qt.Key.Key_A)
    assert not door.password.hint.isVisible()
    QTest.keyClick(door.password.line, "A")  # a capital without Shift
    assert door.password.hint.isVisible()
    QTest.keyClick(door.password.line, Qt.Key.Key_CapsLock)
    assert not door.password.hint.isVisible()


def test_a_second_program_is_told_that_the_first_one_is_open(
    door: UnlockScreen, directory: Path, vault: Vault, clock: Clock, qtbot: QtBot
) -> None:
    with vault.unlock(directory, login="siti", password=PASSWORD, now=clock):
        enter(door, PASSWORD)
        qtbot.waitUntil(lambda: "jendela lain" in door.line.text() or "another window" in door.line.text())
    assert door.button.isEnabled()


def test_a_damaged_file_offers_to_restore_a_backup(
    door: UnlockScreen, directory: Path, workspace: Workspace, qtbot: QtBot
) -> None:
    workspace.database.write_bytes(b"x" * 8192)
    enter(door, PASSWORD)
    qtbot.waitUntil(door.restore.isVisible)
    assert door.line.text()


def test_a_folder_without_a_workspace_lets_nobody_try(tmp_path: Path, clock: Clock, jobs: Jobs, qtbot: QtBot) -> None:
    screen = UnlockScreen(Door(tmp_path, lambda *_: None, clock), jobs=jobs)
    qtbot.addWidget(screen)
    assert not screen.button.isEnabled() and screen.line.text()


def test_nothing_of_a_case_and_every_control_has_a_name(door: UnlockScreen) -> None:
    words = words_in(door)
    assert "3273" not in words and "UPTD" not in words and "Naungan" in words
    assert_accessible(door)


def test_the_language_can_be_chosen_before_anybody_signs_in(door: UnlockScreen, qtbot: QtBot) -> None:
    with qtbot.waitSignal(door.language_wanted) as signal:
        door._languages()[1].click()
    assert signal.args == ["en"]
