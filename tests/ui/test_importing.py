"""A register comes in through the screen: columns, words, a dry run, decisions, one transaction, and out again."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtWidgets import QRadioButton
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.services import case_list, drafts, imports
from app.services.case_list import CaseQuery
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.imports import SKIP
from app.ui.screens.importing import CHECK, COLUMNS, DONE, FILE, FORM, WORDS, ImportView
from app.ui.workspace_window import WorkspaceWindow
from tests.ui.conftest import assert_accessible, press, words_in
from tests.worlds import GIRL

HEADS = ["Laporan 2024"], ["No", "Tgl lapor", "Saluran", "Nama Korban", "JK", "Umur", "Tgl lahir", "Catatan"]
ROWS = (
    ["1", "3/2/2024", "Datang langsung", "Budi", "L", "31", "", "Dari register"],
    ["2", "3/2/2024", "Datang langsung", "Ani & Rina", "anak pr", "9", "", ""],
    ["3", "40/2/2024", "Datang langsung", "Rahasia Sekali", "P", "12", "", ""],
    ["4", "5/2/2024", "Radio", GIRL["name"], "P", "", "?/8/2009", ""],
)  # fmt: skip


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([*HEADS, *ROWS])
    return path


@pytest.fixture
def view(window: WorkspaceWindow) -> ImportView:
    found = window.go("import")
    assert isinstance(found, ImportView)
    return found


def arrive(view: ImportView, step: int, qtbot: QtBot) -> None:
    """At a step, with nothing on its way."""
    qtbot.waitUntil(lambda: view.here == step and not view.running.is_on and view.place.jobs.idle)


def to_columns(view: ImportView, path: Path, qtbot: QtBot) -> None:
    view.read(path)
    qtbot.waitUntil(lambda: view.work.sheet is not None and view.place.jobs.idle)
    assert view.work.heading == 1
    view.go_on()
    arrive(view, COLUMNS, qtbot)


def test_a_register_goes_through_every_step_and_out_again(
    view: ImportView, case_id: str, desk: Desk, register: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    to_columns(view, register, qtbot)
    assert view.work.columns[3] == "victim.name"
    assert "Risiko" in view.columns.missing.text()
    view.columns.given.put("risk", "HIGH")
    assert view.columns.missing.isHidden()
    assert_accessible(view)
    view._next.setFocus()
    view.go_on()
    arrive(view, WORDS, qtbot)
    qtbot.waitUntil(lambda: view.isAncestorOf(view.window().focusWidget()))  # the button was off meanwhile
    assert [(word.words, word.often) for word in view.words.source.items] == [("anak pr", 1), ("Radio", 1)]
    assert view.words.chooser is not None
    view.words.chooser.set_value("P")
    view.words.chooser.committed.emit()
    view.words.table.choose(1)
    press(view.words, _("Leave this word out"))
    assert view.work.words == {"case.channel": {"radio": ""}, "victim.sex": {"anak pr": "P"}}
    assert_accessible(view)
    view.go_on()
    arrive(view, CHECK, qtbot)
    assert view.work.plan is not None
    assert {row.number for row in view.work.plan.rows if row.problems} == {5, 6}, "no channel is left in row 6"
    assert "40/2/2024" in words_in(view.rows.card)
    view.rows.save_list(tmp_path / "wrong.csv")
    qtbot.waitUntil((tmp_path / "wrong.csv").exists)
    saved = (tmp_path / "wrong.csv").read_text(encoding="utf-8-sig")
    assert saved.splitlines()[1].startswith("5,B,")
    assert not any(word in saved for word in ("Rahasia", "40/2", "Radio"))
    view.go_back()
    view.go_to(COLUMNS)
    view.columns.given.put("channel", "WALKIN")
    view.go_on()
    arrive(view, WORDS if view.work.plan.unknown else CHECK, qtbot)
    assert view.here == CHECK
    view.rows.which.setCurrentIndex(2)
    qtbot.waitUntil(lambda: len(view.rows.card.findChildren(QRadioButton)) == 3)
    _new, same, _skip = view.rows.card.findChildren(QRadioButton)
    same.click()
    girl = open_page(desk, case_id).victims[0].person.id
    assert view.work.decided == {6: girl}
    assert_accessible(view)
    view.work.decided[3] = SKIP
    view.go_on()
    arrive(view, DONE, qtbot)
    (batch,) = imports.taken(desk)
    assert (batch.cases, batch.file, drafts.mine(desk)) == (2, "register.csv", ())
    pages = [open_page(desk, item.id) for item in case_list.rows(desk, case_list.ids(desk, CaseQuery()))]
    assert sorted(page.victims[0].person.id == girl for page in pages) == [False, True, True]
    imports.undo(desk, batch.id)
    assert len(case_list.ids(desk, CaseQuery())) == 1


def test_a_stop_saves_nothing_and_what_was_chosen_is_offered_again(
    view: ImportView, window: WorkspaceWindow, desk: Desk, register: Path, qtbot: QtBot
) -> None:
    to_columns(view, register, qtbot)
    view.columns.given.put("risk", "HIGH")
    view.work.columns[0] = "case.old_number"
    view.go_on()
    arrive(view, WORDS, qtbot)
    view.go_on()
    arrive(view, CHECK, qtbot)
    view.go_on()
    view.running.stop.click()
    qtbot.waitUntil(lambda: not view.running.is_on)
    assert imports.taken(desk) == () or view.here == DONE, "a stop that comes too late says what came in"
    if view.here == DONE:
        return
    view.keeper.touch()
    view.save_draft()
    qtbot.waitUntil(lambda: window.jobs.idle)
    (draft,) = drafts.mine(desk)
    assert draft.form == FORM
    assert "Budi" not in str(draft.content)
    again = ImportView(window.place)
    qtbot.addWidget(again)
    again.restore(draft)
    arrive(again, COLUMNS, qtbot)
    assert again.work.columns == view.work.columns
    assert again.work.given == {"risk": "HIGH"}


def test_a_file_that_cannot_be_read_says_why_in_its_place(view: ImportView, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK nothing")
    view.read(tmp_path / "a.xlsx")
    qtbot.waitUntil(lambda: bool(view.file.said.text()))
    assert view.here == FILE
    assert not view.file.said.isHidden()
