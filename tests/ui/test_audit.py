"""The supervisor's audit: hidden from others, in words, quick at a hundred thousand entries, honest about the chain."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.context import Context
from app.models.journal import Journal, audit
from app.services.desk import Desk, log_view
from app.ui.application import SCREENS
from app.ui.screens.audit import AuditView
from app.ui.screens.audit_source import AuditFilters
from app.ui.workspace_window import WorkspaceWindow
from tests.ui.conftest import assert_accessible, press, words_in


@pytest.fixture
def chief(context: Context) -> Context:
    context.desk.actor = dataclasses.replace(context.desk.actor, role="SUPERVISOR")
    return context


@pytest.fixture
def shown(qtbot: QtBot, chief: Context, case_id: str) -> Iterator[WorkspaceWindow]:
    log_view(chief.desk, case_id)
    made = WorkspaceWindow(chief, screens=SCREENS)
    qtbot.addWidget(made)
    made.show()
    made.go("audit")
    qtbot.waitUntil(lambda: made.jobs.idle)
    yield made
    made.end()


def view_of(window: WorkspaceWindow) -> AuditView:
    found = window.current()
    assert isinstance(found, AuditView)
    return found


def test_only_who_may_read_it_sees_the_place(window: WorkspaceWindow) -> None:
    assert window.go("audit") is None
    assert "Audit" not in words_in(window.sidebar)
    places = set(window.sidebar._buttons)
    assert places == {"home", "cases", "persons", "tasks", "referrals", "conflicts", "settings", "help"}
    assert window.go("exports") is not None  # their own, from the settings


def test_who_oversees_has_the_places_for_it_in_the_sidebar(shown: WorkspaceWindow) -> None:
    places = list(shown.sidebar._buttons)
    assert places == [
        "home",
        "cases",
        "persons",
        "tasks",
        "referrals",
        "conflicts",
        "exports",
        "audit",
        "erasure",
        "settings",
        "help",
    ]


def test_it_speaks_in_sentences_and_says_that_the_chain_is_whole(shown: WorkspaceWindow, desk: Desk) -> None:
    view = view_of(shown)
    words = words_in(view)
    assert "Siti Rahma" in words and "3273-26-" in words
    assert "screening" not in words and "create" not in words and "{" not in words
    assert view.state.words and view._people == {desk.actor.user: "Siti Rahma"}
    assert_accessible(view)


def test_filters_are_chips_and_the_case_number_is_searched(shown: WorkspaceWindow, qtbot: QtBot, case_id: str) -> None:
    view = view_of(shown)
    everything = view.model.rowCount()
    view._pick("group", "views")
    qtbot.waitUntil(lambda: view.model.rowCount() == 1)
    view._pick("since", "0")
    assert view.chips._flow.count() == 2
    view.chips.removed.emit("group")
    view.chips.removed.emit("since")
    qtbot.waitUntil(lambda: view.model.rowCount() == everything)
    number = next(line.number for line in view.model.source.rows(list(range(1, everything + 1))) if line.number)
    view.field.setText(number[-6:])
    view.field.search_now()
    qtbot.waitUntil(lambda: 0 < view.model.rowCount() < everything)
    view.field.setText("9999")
    view.field.search_now()
    qtbot.waitUntil(lambda: view.model.rowCount() == 0)
    view._pick("", "")
    qtbot.waitUntil(lambda: view.model.rowCount() == everything)
    view._show_filters()
    menu = next(each for each in view.findChildren(QMenu) if isinstance(each, AuditFilters))
    below = menu.actions()[1].menu()
    assert below is not None
    below.actions()[1].trigger()
    assert menu.picked == ("group", "views")
    menu.close()


def test_enter_opens_the_case(shown: WorkspaceWindow, qtbot: QtBot) -> None:
    view = view_of(shown)
    row = next(n for n in range(view.model.rowCount()) if view.model.row_at(n).number)
    view.table.opened.emit(view.model.id_at(row))
    qtbot.waitUntil(lambda: shown.jobs.idle)
    assert shown.current() is not view and shown._here == "case"


def test_a_broken_chain_is_said_in_red_with_its_link(shown: WorkspaceWindow, qtbot: QtBot, chief: Context) -> None:
    view = view_of(shown)
    with chief.workspace.engine.begin() as connection:
        connection.execute(text("UPDATE audit SET fields = 'name' WHERE seq = 3"))
    press(view, view.again.text())
    qtbot.waitUntil(lambda: view.told.property("tone") == "danger")
    assert "3" in view.told.text() and "2" in view.state.words


def test_a_hundred_thousand_entries_cost_their_numbers(chief: Context, qtbot: QtBot) -> None:
    """A thousand here; what counts is that only the pages that are shown are read."""
    with Session(chief.workspace.engine) as session, session.begin():
        session.info["journal"] = Journal(chief.desk.actor, chief.now)
        for _n in range(1000):
            audit(session, "view", "case", "f" * 32)
    made = WorkspaceWindow(chief, screens=SCREENS)
    qtbot.addWidget(made)
    made.show()
    made.go("audit")
    view = view_of(made)
    qtbot.waitUntil(lambda: view.model.rowCount() > 1000 and made.jobs.idle)
    assert len(view.model._pages) <= 2
    view.table.scrollToBottom()
    qtbot.waitUntil(lambda: view.model.row_at(view.model.rowCount() - 1) is not None)
    assert len(view.model._pages) <= 4
    made.end()
