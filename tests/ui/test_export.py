"""The export dialog: looked at in memory, under a password, in the register before it is a file."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pikepdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from sqlalchemy.orm import Session

from app.i18n import _
from app.models.local import Export
from app.services import consents, directory
from app.services.desk import Desk
from app.ui.clipboard import BriefClipboard
from app.ui.screens.export import ExportDialog
from app.ui.workspace_window import WorkspaceWindow
from tests.ui.conftest import assert_accessible, press, words_in


@pytest.fixture
def dialog(window: WorkspaceWindow, case_id: str, qtbot: QtBot) -> ExportDialog:
    """The dialog of the girl's case, with the pages of the paper that stays inside."""
    made = ExportDialog(window.place, case_id, parent=window)
    made.open()
    qtbot.waitUntil(lambda: bool(made.pages._pictures))
    return made


def register(desk: Desk) -> list[Export]:
    with Session(desk.engine) as session:
        return session.query(Export).all()


def agency(desk: Desk, name: str) -> str:
    return next(a.id for a in directory.recipients(desk) if name in a["name"])


def saved(dialog: ExportDialog, path: Path, qtbot: QtBot) -> str:
    dialog.write(path)
    qtbot.waitUntil(lambda: dialog.done_page.isVisible())
    return dialog.done_page.words.text()


def test_pages_are_shown_before_anything_is_written(
    dialog: ExportDialog, desk: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    assert all(not picture.isNull() for picture in dialog.pages._pictures)
    assert register(desk) == []
    assert list(tmp_path.rglob("*.pdf")) == []
    assert_accessible(dialog)


def test_outside_it_needs_a_consent_and_says_so(dialog: ExportDialog, desk: Desk, case_id: str, qtbot: QtBot) -> None:
    given = consents.usable(desk, case_id, None)[0].id
    consents.withdraw(desk, given)
    dialog.form.put("profile", "POLICE")
    dialog.form.put("agency", agency(desk, "Polrestabes"))
    wanted = _("No consent covers this recipient: record one on the case first.")
    qtbot.waitUntil(lambda: wanted in words_in(dialog.form) and dialog.pages._pictures == [])
    assert not dialog.save_button.isEnabled()


def test_file_opens_with_the_words_shown_and_with_nothing_else(
    dialog: ExportDialog, desk: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog.form.put("profile", "POLICE")
    dialog.form.put("agency", agency(desk, "Polrestabes"))
    qtbot.waitUntil(dialog.save_button.isEnabled)
    path = tmp_path / "keluar.pdf"
    loose = os.umask(0o022)
    words = saved(dialog, path, qtbot)
    os.umask(loose)
    assert len(words.split("-")) == 6
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(path)
    with pikepdf.open(path, password=words) as file:
        assert len(file.pages) >= 1
    assert path.stat().st_mode & 0o077 == 0
    [entry] = register(desk)
    assert (entry.profile, entry.recipient) == ("POLICE", "Unit PPA Polrestabes Bandung")
    assert "person.name" in entry.fields
    assert_accessible(dialog)


def test_without_a_password_it_says_that_anybody_can_open_it(
    dialog: ExportDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog.protect.setChecked(False)
    path = tmp_path / "terbuka.pdf"
    assert saved(dialog, path, qtbot) == ""
    assert _("{name}: anybody can open it.").format(name="terbuka.pdf") in words_in(dialog.done_page)
    with pikepdf.open(io.BytesIO(path.read_bytes())) as file:
        assert len(file.pages) >= 1


def test_folder_that_takes_no_file_is_said_and_the_dialog_stays(
    dialog: ExportDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog.write(tmp_path / "tiada" / "x.pdf")
    wanted = _("The file could not be written there. Choose another folder.")
    qtbot.waitUntil(lambda: wanted in words_in(dialog))
    assert not dialog.done_page.isVisible()
    assert dialog.save_button.isEnabled()


def test_suggested_name_says_nothing_about_anybody(dialog: ExportDialog, qtbot: QtBot) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(dialog.findChildren(QFileDialog)))
    [ask] = dialog.findChildren(QFileDialog)
    assert Path(ask.selectedFiles()[0]).name == "naungan-20261123.pdf"
    ask.reject()


def test_words_copied_leave_the_clipboard_by_themselves(dialog: ExportDialog, tmp_path: Path, qtbot: QtBot) -> None:
    words = saved(dialog, tmp_path / "x.pdf", qtbot)
    press(dialog.done_page, _("Copy"))
    assert QGuiApplication.clipboard().text() == words
    dialog.done_page._clipboard.wipe()
    assert QGuiApplication.clipboard().text() == ""


def test_clipboard_is_emptied_after_its_time_but_not_of_what_somebody_else_put_there(
    window: WorkspaceWindow, qtbot: QtBot
) -> None:
    brief = BriefClipboard(window, seconds=0.05)
    brief.put("rahasia")
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "")
    brief.put("rahasia")
    QGuiApplication.clipboard().setText("lain")
    qtbot.waitUntil(lambda: not brief._timer.isActive())
    assert QGuiApplication.clipboard().text() == "lain"


def test_ctrl_p_opens_it_for_the_case_that_is_shown(window: WorkspaceWindow, case_id: str, qtbot: QtBot) -> None:
    window.go("case", target=case_id)
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(window.findChildren(ExportDialog)))
    [dialog] = window.findChildren(ExportDialog)
    dialog.reject()
