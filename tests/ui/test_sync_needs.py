"""After a sync: what did not go over and what needs a person is said and leads there; the keyboard keeps its place."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from app.context import Context
from app.i18n import _
from app.services import attachments, case_list, cases
from app.services.case_list import CaseItem, CaseQuery
from app.sync.link import METERED
from app.sync.report import SyncProgress
from app.ui.screens.conflicts import ConflictsView
from app.ui.screens.home import HomeView
from app.ui.screens.sync import SyncView
from app.ui.screens.sync_run import IDLE, PAUSED
from app.ui.workspace_window import WorkspaceWindow
from tests.centre import CentreUnderTest, centre, postgres
from tests.conftest import Clock
from tests.sync.country import Country
from tests.sync.proxy import Link
from tests.ui.conftest import assert_accessible, words_in
from tests.ui.test_sync_panel import (
    LONG,
    enrolled,
    laptop,
    link,
    refuse,
    run_to_end,
    states,
    view,
    window,
)

__all__ = ["centre", "enrolled", "laptop", "link", "postgres", "view", "window"]


def the_case(context: Context) -> CaseItem:
    [case] = case_list.rows(context.desk, case_list.ids(context.desk, CaseQuery()))
    assert case is not None
    return case


def last_step(view: SyncView) -> str:
    """How the step of the attachments is told to a person who does not see it."""
    return view.card.steps.findChildren(QAbstractButton)[-1].accessibleName().rpartition(", ")[2]


def test_a_file_that_did_not_go_over_is_not_ticked_though_the_records_are_green(
    view: SyncView, link: Link, enrolled: Context, qtbot: QtBot
) -> None:
    case = the_case(enrolled)
    attachments.add(enrolled.desk, case.id, "Surat", b"%PDF-1.4\n" + bytes(range(256)) * 800 + b"\n%%EOF\n")
    steps: list[str] = []

    def cut(at: SyncProgress) -> None:
        if at.step == "files" and "files" not in steps:
            link.mend(cut_at=0)
        steps.append(at.step)

    view.run.progressed.connect(cut)
    report = run_to_end(view, qtbot)
    assert report.green and report.files_left == 1
    assert last_step(view) == _("not yet")
    assert _("The files that are left follow when you press Start, or with the next sync.") in words_in(view.card)
    link.mend()
    assert run_to_end(view, qtbot).files_left == 0
    assert last_step(view) == _("done")


def test_what_needs_a_person_is_said_and_leads_there(view: SyncView, enrolled: Context, qtbot: QtBot) -> None:
    assert not view.card.stopped.isVisibleTo(view) and not view.card.conflicts.isVisibleTo(view)
    refuse(enrolled, view, qtbot, result="refused", code="not_found")
    assert not view.card.conflicts.isVisibleTo(view)
    view.card.stopped.click()
    qtbot.waitUntil(lambda: states(view) == {"refused"})
    assert view.window().focusWidget() is view.list.table


def test_a_conflict_that_came_with_a_sync_is_heard_and_leads_to_the_choice(
    view: SyncView, window: WorkspaceWindow, enrolled: Context, centre: CentreUnderTest, tmp_path: Path,
    clock: Clock, qtbot: QtBot,
) -> None:  # fmt: skip
    assert run_to_end(view, qtbot).green
    case = the_case(enrolled)
    country = Country(centre, tmp_path, clock)
    second = country.laptop("a2")
    country.sync(second)
    cases.change_case(second.desk, case.id, {"transit": "Dumai"})
    assert country.sync(second).green
    country.close()
    cases.change_case(enrolled.desk, case.id, {"transit": "Batam"})
    window.go("home")
    with qtbot.waitSignal(view.run.ended, timeout=LONG):
        view.run.start(asked=False)
    qtbot.waitUntil(window.toast.isVisible)
    assert "1" in window.toast.accessibleName()
    window.go("sync")
    qtbot.waitUntil(lambda: view.card.conflicts.isVisibleTo(view))
    assert_accessible(view)
    view.card.conflicts.click()
    assert isinstance(window.current(), ConflictsView)
    window.go("home")
    home = window.current()
    assert isinstance(home, HomeView)
    qtbot.waitUntil(lambda: home.conflicts.isVisibleTo(home))


def test_the_keyboard_goes_from_start_to_pause_and_back(window: WorkspaceWindow, view: SyncView, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert window.focusWidget() is view.pause_button
    QTest.keyClick(view.pause_button, Qt.Key.Key_Space)
    assert view.run.state == PAUSED
    assert window.focusWidget() is view.start_button
    with qtbot.waitSignal(view.run.ended, timeout=LONG) as ended:
        QTest.keyClick(view.start_button, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: not view.run.is_stopping, timeout=LONG)
    qtbot.waitUntil(lambda: view.run.state == IDLE, timeout=LONG)
    assert ended.args is not None


def test_on_a_metered_link_files_wait_until_they_are_wanted(view: SyncView, enrolled: Context, qtbot: QtBot) -> None:
    attachments.add(enrolled.desk, the_case(enrolled).id, "Tiket", b"%PDF-1.4\n%%EOF\n")
    view.on_refresh()
    qtbot.waitUntil(lambda: view.card.files.isVisibleTo(view))
    view.card.metered.setFocus()
    QTest.keyClick(view.card.metered, Qt.Key.Key_Space)
    assert not view.card.files.isChecked()
    qtbot.waitUntil(lambda: enrolled.setting(METERED) is True)
    report = run_to_end(view, qtbot)
    assert (report.green, report.files_later) == (True, 1)
    view.card.files.setChecked(True)  # this once, all the same
    assert run_to_end(view, qtbot).files_later == 0
    assert enrolled.setting(METERED) is True
