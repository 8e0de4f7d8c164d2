"""The window of a laptop that was alone too long: a band, then only the sync, then everything again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import context as contexts
from app import i18n
from app.central import admin
from app.context import Context, NewUser
from app.services.first_run import Beginning
from app.services.intake import take
from app.sync.enrol import enrol
from app.ui.application import Application, Options
from app.ui.screens.sync import SyncView
from app.ui.screens.unlock import UnlockScreen
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Vault
from tests.centre import CentreUnderTest, centre, postgres
from tests.conftest import Clock
from tests.ui.conftest import words_in
from tests.worlds import PASSWORD, intake

__all__ = ["centre", "postgres"]
LONG = 20_000  # ms: a whole sync on a busy machine


@pytest.fixture
def laptop(tmp_path: Path, vault: Vault, clock: Clock, centre: CentreUnderTest) -> Iterator[Context]:
    """An enrolled laptop with a case."""
    user = NewUser("siti", "Siti Rahma", "SOCIAL_WORKER", PASSWORD)
    beginning = Beginning("UPTD PPA Kota Bandung", "UPTD_PPA", "3273", language="en")
    made = contexts.create(tmp_path / "laptop", user=user, beginning=beginning, now=clock, vault=vault)
    with made.first_transport(centre.base_url) as transport:
        enrol(made.sync_setup(), transport, code=centre.code("A"), tag="S1")
    admin.confirm(centre.owner, made.workspace.device.id)
    made.sign_in_again()
    take(made.desk, intake())
    yield made
    made.close()


@pytest.fixture
def program(qapp: QApplication, laptop: Context, vault: Vault, clock: Clock) -> Iterator[Application]:
    """The program over its folder."""
    before = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)
    i18n.use("en")
    made = Application(qapp, Options(laptop.workspace.directory, "en", None, vault, clock))
    yield made
    made._leave()
    made._end_door_jobs()
    made.deleteLater()
    qapp.setQuitOnLastWindowClosed(before)


def window_of(program: Application, qtbot: QtBot) -> WorkspaceWindow:
    window = program.window
    assert isinstance(window, WorkspaceWindow)
    qtbot.waitUntil(lambda: window.jobs.idle)
    return window


def test_a_band_warns_and_goes_with_the_sync(program: Application, laptop: Context, clock: Clock, qtbot: QtBot) -> None:
    clock.forward(days=20)
    program.enter(laptop)
    window = window_of(program, qtbot)
    assert "has not confirmed this laptop for 20 days" in words_in(window)
    panel = window.go("sync")
    assert isinstance(panel, SyncView)
    qtbot.waitUntil(panel.start_button.isEnabled)
    QTest.mouseClick(panel.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "has not confirmed this laptop" not in words_in(window), timeout=LONG)
    assert program.window is window, "nobody was shut out"
    qtbot.waitUntil(lambda: window.jobs.idle, timeout=LONG)


def test_a_lease_that_ran_out_shows_the_sync_alone_until_it_is_done(
    program: Application, laptop: Context, clock: Clock, qtbot: QtBot
) -> None:
    clock.forward(days=61)
    program.enter(laptop)
    window = window_of(program, qtbot)
    panel = window.current()
    assert window.is_locked and isinstance(panel, SyncView)
    assert "No record is shown" in words_in(window)
    assert window.go("cases") is None and window.go("home") is None
    assert "Sitti" not in words_in(window)
    qtbot.waitUntil(panel.start_button.isEnabled)
    QTest.mouseClick(panel.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: program.window is not window, timeout=LONG)
    again = window_of(program, qtbot)
    assert not again.is_locked and again.go("cases") is not None
    qtbot.waitUntil(lambda: again.jobs.idle, timeout=LONG)


def test_a_window_left_open_is_shut_when_the_lease_runs_out(
    program: Application, laptop: Context, clock: Clock, qtbot: QtBot
) -> None:
    program.enter(laptop)
    window = window_of(program, qtbot)
    clock.forward(days=61)
    window.count()
    assert isinstance(program.window, UnlockScreen) and program.context is None
