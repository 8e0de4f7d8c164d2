"""The window of a laptop whose workspace the centre ordered destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import context as contexts
from app.central import admin
from app.context import Context, NewUser
from app.services.first_run import Beginning
from app.sync.enrol import enrol
from app.sync.wiping import proved_order
from app.ui.application import Application, Options
from app.ui.problems import Message
from app.ui.screens.first_run import FirstRun
from app.ui.screens.sync import SyncView
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Vault
from tests.centre import CentreUnderTest, centre, postgres
from tests.conftest import Clock
from tests.ui.conftest import words_in
from tests.worlds import PASSWORD

__all__ = ["centre", "postgres"]
LONG = 20_000  # ms: a whole sync on a busy machine


@pytest.fixture
def laptop(tmp_path: Path, vault: Vault, clock: Clock, centre: CentreUnderTest) -> Iterator[Context]:
    """An enrolled laptop."""
    user = NewUser("siti", "Siti Rahma", "SOCIAL_WORKER", PASSWORD)
    beginning = Beginning("UPTD PPA Kota Bandung", "UPTD_PPA", "3273")
    made = contexts.create(tmp_path / "laptop", user=user, beginning=beginning, now=clock, vault=vault)
    with made.first_transport(centre.base_url) as transport:
        enrol(made.sync_setup(), transport, code=centre.code("A"), tag="S1")
    made.sign_in_again()
    yield made
    made.close()


@pytest.fixture
def program(qapp: QApplication, laptop: Context, vault: Vault, clock: Clock) -> Iterator[Application]:
    """The program over it."""
    before = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)
    made = Application(qapp, Options(laptop.workspace.directory, "en", None, vault, clock))
    made.enter(laptop)
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


def test_the_sync_brings_the_order_and_the_program_begins_anew(
    program: Application, laptop: Context, centre: CentreUnderTest, clock: Clock, qtbot: QtBot
) -> None:
    device, folder = laptop.workspace.device.id, laptop.workspace.directory
    order = admin.wipe_order(centre.data_dir, device, reason="hilang di bus", now=clock)
    admin.revoke(centre.owner, device, order=order)
    panel = window_of(program, qtbot).go("sync")
    assert isinstance(panel, SyncView)
    qtbot.waitUntil(panel.start_button.isEnabled)
    QTest.mouseClick(panel.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: isinstance(program.window, FirstRun), timeout=LONG)
    assert not (folder / "naungan.keys").exists()
    assert not (folder / "workspace.db").exists()
    assert laptop.workspace.keys.wiped
    assert program.window is not None
    [said] = [w for w in QApplication.topLevelWidgets() if isinstance(w, Message) and w.isVisible()]
    assert "hilang di bus" in words_in(said)
    said.close()


def test_a_window_that_is_told_of_a_foreign_order_goes_on(
    program: Application, laptop: Context, centre: CentreUnderTest, clock: Clock, qtbot: QtBot
) -> None:
    device = laptop.workspace.device.id
    order = admin.wipe_order(centre.data_dir, device, reason="hilang", now=clock)
    wipe = proved_order(order, centre_key=laptop.setting("centre_key"), device=bytes.fromhex(device))
    assert wipe is not None
    window = window_of(program, qtbot)
    other = admin.wipe_order(centre.data_dir, "00" * 16, reason="hilang", now=clock)
    for foreign in (replace(wipe, proof=other), replace(wipe, proof=order[:-1])):
        program._obey(foreign)
        assert program.window is window
        assert (laptop.workspace.directory / "naungan.keys").exists()
    program._obey(wipe)
    assert isinstance(program.window, FirstRun)
    for said in [w for w in QApplication.topLevelWidgets() if isinstance(w, Message)]:
        said.close()
