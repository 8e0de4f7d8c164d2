"""Settings: what is chosen counts at once and is kept; copies and checks are real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from app import i18n
from app.errors import WrongPassword
from app.services.desk import Desk
from app.services.oversight import NEEDS_APPROVAL
from app.ui import theme
from app.ui.application import Application, Options
from app.ui.screens.account_dialogs import ChangePassword, NewUser
from app.ui.screens.enrolment import EnrolDialog
from app.ui.screens.settings import SettingsView
from app.ui.workspace_window import WorkspaceWindow
from app.vault.backup import backups
from app.vault.entrance import users
from app.vault.workspace import Vault, Workspace
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, press, words_in
from tests.worlds import PASSWORD

NEW = "gunung sungai kapas lentera"


@pytest.fixture
def settings(window: WorkspaceWindow) -> SettingsView:
    found = window.go("settings")
    assert isinstance(found, SettingsView)
    return found


@pytest.fixture
def program(qapp: QApplication, tmp_path: Path, vault: Vault, clock: Clock) -> Iterator[Application]:
    """The program around an open workspace: it is what dresses the windows."""
    before = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)
    made = Application(qapp, Options(tmp_path, "id", None, vault, clock))
    yield made
    made._leave()
    made.deleteLater()
    qapp.setQuitOnLastWindowClosed(before)


def choose(combo: QComboBox, value: object) -> None:
    at = combo.findData(value)
    combo.setCurrentIndex(at)
    combo.activated.emit(at)


def test_language_size_and_palette_count_at_once(program: Application, window: WorkspaceWindow, qtbot: QtBot) -> None:
    program.enter(window.place.context)
    shown = program.window
    assert isinstance(shown, WorkspaceWindow)
    first = shown.go("settings")
    assert isinstance(first, SettingsView)
    choose(first.language, "en")
    qtbot.waitUntil(lambda: i18n.language() == "en" and shown.current() is not first)
    second = shown.current()
    assert isinstance(second, SettingsView) and "Language and look" in words_in(second)
    choose(second.font_size, 150)
    qtbot.waitUntil(lambda: theme.current().scale == 150 and shown.current() is not second)
    third = shown.current()
    assert isinstance(third, SettingsView) and third.font_size.currentData() == 150
    choose(third.scheme, "dark")
    qtbot.waitUntil(lambda: theme.current().dark)
    assert (window.place.workspace.directory.parent / "screen.json").exists()


def test_minutes_until_the_lock_are_kept(settings: SettingsView, window: WorkspaceWindow, qtbot: QtBot) -> None:
    choose(settings.minutes, 15)
    qtbot.waitUntil(lambda: window.place.user_setting("lock_minutes") == 15)
    window.rebuild()
    assert "15" in words_in(window.sidebar)


def test_a_backup_is_made_and_listed(settings: SettingsView, workspace: Workspace, qtbot: QtBot) -> None:
    press(settings, settings.back_up_button.text())
    qtbot.waitUntil(lambda: len(backups(workspace.directory)) == 1, timeout=15_000)
    qtbot.waitUntil(lambda: settings.back_up_button.isEnabled())
    assert "23 Nov 2026" in words_in(settings)


def test_the_file_and_the_chain_are_verified(settings: SettingsView, qtbot: QtBot) -> None:
    press(settings, settings.verify_button.text())
    qtbot.waitUntil(lambda: settings.said.property("tone") == "good", timeout=15_000)


def test_the_password_is_changed(
    settings: SettingsView, window: WorkspaceWindow, workspace: Workspace, vault: Vault, clock: Clock, qtbot: QtBot
) -> None:
    settings._change_password()
    dialog = window.findChild(ChangePassword)
    assert dialog is not None
    assert_accessible(dialog)
    QTest.keyClicks(dialog.old.line, "bukan yang lama ini")
    QTest.keyClicks(dialog.new.first.line, NEW)
    QTest.keyClicks(dialog.new.second.line, NEW)
    dialog.save()
    qtbot.waitUntil(lambda: dialog.said.text() != "")
    dialog.old.put(PASSWORD)
    with qtbot.waitSignal(dialog.done_well, timeout=15_000):
        dialog.save()
    window.end()
    workspace.close()
    with pytest.raises(WrongPassword):
        vault.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock)
    vault.unlock(workspace.directory, login="siti", password=NEW, now=clock).close()


def test_a_weak_new_password_never_reaches_the_vault(settings: SettingsView, window: WorkspaceWindow) -> None:
    settings._change_password()
    dialog = window.findChild(ChangePassword)
    assert dialog is not None
    dialog.new.first.put("pendek")
    dialog.new.second.put("pendek")
    dialog.save()
    assert dialog.new.said.text() and window.jobs.idle
    dialog.reject()


def test_only_who_may_adds_a_worker(
    window: WorkspaceWindow, workspace: Workspace, as_role: Callable[[str], Desk], qtbot: QtBot
) -> None:
    plain = window.go("settings")
    assert isinstance(plain, SettingsView)
    assert "Tambah petugas" not in words_in(plain) and "Add a worker" not in words_in(plain)
    window.place.context.desk = as_role("SUPERVISOR")
    dialog = NewUser(window.place, window)
    dialog.name.setText("Dewi Lestari")
    dialog.login.setText("dewi")
    dialog.password.first.put(NEW)
    dialog.password.second.put(NEW)
    assert_accessible(dialog)
    with qtbot.waitSignal(dialog.done_well, timeout=15_000):
        dialog.save()
    assert "dewi" in [user.login for user in users(workspace.directory)]


def test_enrolling_without_a_network_says_so_and_can_be_tried_again(
    settings: SettingsView, window: WorkspaceWindow, qtbot: QtBot
) -> None:
    dialog = EnrolDialog(window.place, window)
    dialog.open()
    assert not dialog.button.isEnabled()
    QTest.keyClicks(dialog.fields.url, "http://127.0.0.1:9")
    QTest.keyClicks(dialog.fields.code, "ABCD-EFGH")
    assert_accessible(dialog)
    dialog.button.click()
    qtbot.waitUntil(lambda: dialog.button.isEnabled() and dialog.said.property("tone") == "danger", timeout=15_000)
    dialog.reject()


def test_every_control_has_a_name(settings: SettingsView) -> None:
    assert_accessible(settings)


def test_a_supervisor_says_whether_a_closure_is_approved(
    settings: SettingsView, window: WorkspaceWindow, as_role: Callable[[str], Desk], qtbot: QtBot
) -> None:
    assert not hasattr(settings, "approval")
    place = window.place
    place.context.desk = as_role("SUPERVISOR")
    chief = SettingsView(place)
    qtbot.addWidget(chief)
    chief.approval.setCurrentIndex(0)
    chief.approval.activated.emit(0)
    qtbot.waitUntil(lambda: place.setting(NEEDS_APPROVAL) is True)
