"""Files of a case: attached by choosing or dropping, shown from memory, told when they cannot be opened here."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from app.i18n import _
from app.services.case_page import open_page
from app.ui import presenting
from app.ui.screens.attachments import PAGES, AttachDialog, AttachmentView, DropArea
from app.ui.screens.case import CaseView
from app.ui.workspace_window import WorkspaceWindow
from app.vault.attachments import ATTACHMENTS
from tests.ui.conftest import assert_accessible, press, words_in


def photograph(path: Path) -> Path:
    Image.new("RGB", (3000, 1500), "darkgreen").save(path, "JPEG")
    return path


def scan(path: Path, *, pages: int) -> Path:
    held = io.BytesIO()
    canvas = Canvas(held)
    for n in range(pages):
        canvas.drawString(72, 720, f"Halaman {n + 1}")
        canvas.showPage()
    canvas.save()
    path.write_bytes(held.getvalue())
    return path


@pytest.fixture
def page(window: WorkspaceWindow, case_id: str) -> CaseView:
    """The files of the girl's case, as a cleared worker sees them."""
    found = window.go("case", target=case_id)
    assert isinstance(found, CaseView)
    found.tabs.go("attachments")
    return found


def attach(page: CaseView, file: Path, qtbot: QtBot, *, title: str) -> None:
    page.deeds.attach([file])
    dialog = page.window().findChild(AttachDialog)
    assert dialog is not None
    assert_accessible(dialog)
    dialog.title.setText(title)
    before = len(page.page.attachments)  # type: ignore[union-attr]
    with qtbot.waitSignal(dialog.done_well):
        dialog.save()
    qtbot.waitUntil(lambda: page.page is not None and len(page.page.attachments) == before + 1)


def opened(page: CaseView, qtbot: QtBot) -> AttachmentView:
    qtbot.waitUntil(lambda: _("Open") in words_in(page.tabs).split("\n"))
    press(page.tabs, _("Open"))
    view = page.window().findChild(AttachmentView)
    assert view is not None
    qtbot.waitUntil(lambda: _("Opening…") not in words_in(view))
    return view


def test_a_photograph_is_attached_and_shown_from_memory(
    page: CaseView, window: WorkspaceWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    attach(page, photograph(tmp_path / "luka.jpg"), qtbot, title="Foto luka")
    assert "Foto luka" in words_in(page.tabs) and _("Photograph") in words_in(page.tabs)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    view = opened(page, qtbot)
    assert len(view.pages._pictures) == 1 and view.pages._pictures[0].width() <= 2200
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before
    assert b"JFIF" not in b"".join(path.read_bytes() for path in (tmp_path / "ws" / ATTACHMENTS).iterdir())
    assert_accessible(view)
    view.accept()


def test_the_pages_of_a_scan_are_drawn_and_a_very_long_one_says_so(
    page: CaseView, tmp_path: Path, qtbot: QtBot
) -> None:
    attach(page, scan(tmp_path / "bap.pdf", pages=PAGES + 1), qtbot, title="BAP")
    view = opened(page, qtbot)
    assert len(view.pages._pictures) == PAGES and str(PAGES) in view.said.text()
    view.accept()


def test_a_file_dropped_on_the_list_is_asked_about(page: CaseView, tmp_path: Path) -> None:
    area = page.tabs.currentWidget()
    assert isinstance(area, DropArea)
    carried = QMimeData()
    carried.setUrls([QUrl.fromLocalFile(str(photograph(tmp_path / "surat jalan.jpg")))])
    at, none = QPointF(5, 5), Qt.KeyboardModifier.NoModifier
    area.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, carried, Qt.MouseButton.LeftButton, none))
    dialog = page.window().findChild(AttachDialog)
    assert dialog is not None and dialog.title.text() == "surat jalan" and dialog.button.isEnabled()
    dialog.reject()


def test_what_is_no_picture_is_refused_in_the_dialog(page: CaseView, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "a.jpg").write_bytes(b"#!/bin/sh\n")
    page.deeds.attach([tmp_path / "a.jpg"])
    dialog = page.window().findChild(AttachDialog)
    assert dialog is not None
    dialog.save()
    qtbot.waitUntil(lambda: bool(dialog.said.text()))
    assert dialog.isVisible() and page.page is not None and page.page.attachments == ()
    dialog.reject()


def test_missing_bytes_are_told_and_nothing_is_offered(
    page: CaseView, window: WorkspaceWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    attach(page, photograph(tmp_path / "a.jpg"), qtbot, title="Foto")
    shutil.rmtree(tmp_path / "ws" / ATTACHMENTS)
    page.on_refresh()
    said = words_in(page.tabs)
    assert _("Not on this laptop yet.") in said
    labels = page.tabs.findChildren(QLabel)
    [small] = [each for each in labels if each.accessibleName() == _("Small picture of the file")]
    assert small.pixmap().toImage().pixelColor(10, 10).green() > 80, "what it shows is seen all the same"
    assert _("Open") not in said.split("\n")


def test_who_is_not_cleared_sees_that_there_is_a_file(
    page: CaseView, window: WorkspaceWindow, case_id: str, tmp_path: Path, qtbot: QtBot
) -> None:
    attach(page, photograph(tmp_path / "a.jpg"), qtbot, title="Foto luka")
    keyring, window.place.desk.keyring = window.place.desk.keyring, None
    try:
        assert open_page(window.place.desk, case_id).attachments[0]["title"] != "Foto luka"
        page.on_refresh()
        said = words_in(page.tabs)
        assert "Foto luka" not in said and presenting.hidden_words() in said
        assert _("Open") not in said.split("\n") and _("Attach a file…") not in said
    finally:
        window.place.desk.keyring = keyring
