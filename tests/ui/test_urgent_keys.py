"""Whoever is looked over the shoulder, or must go, has no time to close a dialog first."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.services import drafts
from app.services.desk import Desk
from app.ui.dialogs import FormDialog
from app.ui.screens.case import CaseView
from app.ui.widgets.editors import LongEditor
from app.ui.workspace_window import WorkspaceWindow

HIDE = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def dialog(window: WorkspaceWindow, case_id: str, qtbot: QtBot) -> FormDialog:
    """A note in the middle of being written, over a case."""
    page = window.go("case", target=case_id)
    assert isinstance(page, CaseView)
    page.deeds.add_note()
    made = page.deeds.dialog
    assert made is not None
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    editor = made.form.boxes["text"].editor
    assert isinstance(editor, LongEditor)
    editor.area.setFocus()
    QTest.keyClicks(editor.area, "Tidak boleh dibaca")
    return made


def test_a_dialog_goes_out_of_sight_with_its_window_and_comes_back_as_it_was(
    window: WorkspaceWindow, dialog: FormDialog, qtbot: QtBot
) -> None:
    modality = dialog.windowModality()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_H, HIDE)
    neutral = window._neutral
    assert neutral is not None and neutral.isVisible()
    assert not dialog.isVisible() and not window.isVisible()
    neutral.activateWindow()
    qtbot.waitUntil(neutral.isActiveWindow)
    QTest.keyClick(neutral, Qt.Key.Key_H, HIDE)
    assert window.isVisible() and dialog.isVisible() and dialog.windowModality() == modality
    assert dialog.current_values()["text"] == "Tidak boleh dibaca"
    dialog.reject()


def test_a_lock_goes_through_an_open_dialog_and_keeps_what_is_in_it(
    window: WorkspaceWindow, dialog: FormDialog, desk: Desk, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(window.lock_wanted):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: [d.content.get("text") for d in drafts.mine(desk)] == ["Tidak boleh dibaca"])
    dialog.reject()
