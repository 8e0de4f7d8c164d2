"""The list of cases: what is typed finds, filters lead there and away, nothing names anybody."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.services import care, cases
from app.services.case_list import ACTIVE, CaseQuery
from app.services.desk import Desk
from app.services.intake import take
from app.ui.screens.case import CaseView
from app.ui.screens.case_source import CaseModel, case_columns, case_query, list_query
from app.ui.screens.cases import CasesView
from app.ui.screens.filter_dialogs import ask_days
from app.ui.table import Query
from app.ui.widgets.pills import Pill
from app.ui.workspace_window import WorkspaceWindow
from tests.attack.fuzz import strings
from tests.attacks import Survived, Tries
from tests.ui.conftest import assert_accessible, press, words_in
from tests.worlds import intake

MAN = {"name": "Bambang Wijaya", "sex": "L", "birth_date": "1990-05-17", "nationality": "ID"}


@pytest.fixture
def two(desk: Desk, case_id: str) -> tuple[str, str]:
    """A girl's case of high risk, and a man's of low risk that is overdue."""
    low = {"channel": "WALKIN", "risk": "LOW", "summary": "Dijanjikan kerja di kapal."}
    other = take(desk, intake(case={**low}, victim=MAN, consent=None)).id
    care.add_service(desk, other, {"service_type": "H.VISUM", "due": "2026-11-20"})
    return case_id, other


@pytest.fixture
def view(two: tuple[str, str], window: WorkspaceWindow, qtbot: QtBot) -> CasesView:
    """The list, with both cases in it."""
    found = window.go("cases")
    assert isinstance(found, CasesView)
    qtbot.waitUntil(lambda: found.preview.page is not None)
    return found


def shown(view: CasesView) -> list[str]:
    return [view.list.model.row_at(row).victims[:4] for row in range(view.list.model.rowCount())]


def test_typing_a_name_finds_the_case(view: CasesView, qtbot: QtBot) -> None:
    QTest.keyClick(view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is view.list.field)
    QTest.keyClicks(view.list.field, "bamb")
    qtbot.waitUntil(lambda: shown(view) == ["B.W."])
    qtbot.waitUntil(lambda: view.preview.page is not None and view.preview.page.row.victims.startswith("B.W."))
    assert "1 ditampilkan" in view.counted.text() or "1 shown" in view.counted.text()
    QTest.keyClick(view.list.field, Qt.Key.Key_Escape)
    assert len(shown(view)) == 2


def test_nothing_found_says_so_and_shows_no_case(view: CasesView, qtbot: QtBot) -> None:
    QTest.keyClicks(view.list.field, "zzzzz")
    QTest.keyClick(view.list.field, Qt.Key.Key_Return)
    assert shown(view) == []
    qtbot.waitUntil(lambda: view.preview.page is None)


def test_a_filter_is_a_chip_that_can_be_taken_away(view: CasesView, qtbot: QtBot) -> None:
    view.open(CaseQuery(status=ACTIVE, risk="LOW"))
    assert shown(view) == ["B.W."]
    qtbot.waitUntil(lambda: any(pill.isVisible() for pill in view.list.chips.findChildren(Pill)))
    press(view.list.chips, "rendah")
    assert len(shown(view)) == 2


def test_overdue_shows_what_is_overdue(view: CasesView) -> None:
    view.open(CaseQuery(overdue=True))
    assert shown(view) == ["B.W."]
    assert "3" in view.list.model.data(view.list.model.index(0, 4))  # days


def test_closed_cases_are_out_of_sight_until_they_are_asked_for(
    view: CasesView, desk: Desk, two: Any, qtbot: QtBot
) -> None:
    cases.close_case(desk, two[1], reason="GOALS_MET")
    qtbot.waitUntil(lambda: len(shown(view)) == 1)
    view.list.reset()
    assert len(shown(view)) == 2


def test_enter_opens_the_case(view: CasesView, window: WorkspaceWindow, two: Any) -> None:
    view.list.table.setFocus(Qt.FocusReason.TabFocusReason)
    first = view.list.model.row_at(view.list.table.currentIndex().row()).id
    QTest.keyClick(view.list.table, Qt.Key.Key_Return)
    page = window.current()
    assert isinstance(page, CaseView)
    assert page.page is not None and page.page.case.id == first


def test_neither_list_nor_preview_names_anybody(view: CasesView) -> None:
    for tab in range(view.preview.tabs.count()):
        view.preview.tabs.setCurrentIndex(tab)
        read = words_in(view)
        assert "Sitti" not in read and "Bambang" not in read and "Mina" not in read
    assert "B.W." in words_in(view)


def test_hidden_columns_stay_hidden_after_the_window_is_made_anew(
    view: CasesView, window: WorkspaceWindow, qtbot: QtBot
) -> None:
    view.list.table.columns.show(2, on=False)
    qtbot.waitUntil(lambda: bool(window.place.user_setting("columns:cases")))
    window.rebuild()
    again = window.go("cases")
    assert isinstance(again, CasesView) and again is not view
    assert 2 not in again.list.table.columns.visible()


def test_a_save_elsewhere_appears_by_itself(view: CasesView, desk: Desk, qtbot: QtBot) -> None:
    take(desk, intake(victim={**MAN, "name": "Yusuf Kamal"}, consent=None))
    qtbot.waitUntil(lambda: "Y.K." in shown(view))


def test_a_long_list_is_looked_up_behind_the_screen(view: CasesView, window: WorkspaceWindow, qtbot: QtBot) -> None:
    view.list.model.total = 10**6
    view.list.show(Query(text="bamb"))
    assert not window.jobs.idle
    qtbot.waitUntil(lambda: shown(view) == ["B.W."])


@pytest.mark.parametrize(
    "query",
    [CaseQuery(), CaseQuery(text="x", status=ACTIVE, risk="HIGH"), CaseQuery(overdue=True, quiet=True, shared=True)],
)
def test_a_query_survives_the_way_through_the_list(query: CaseQuery) -> None:
    assert case_query(list_query(query)) == query


def test_sorting_by_every_column_that_offers_it(view: CasesView, window: WorkspaceWindow) -> None:
    model = CaseModel(window.place, columns=case_columns(window.place), query=Query())
    for number, column in enumerate(model.columns):
        if column.sortable:
            model.sort(number, Qt.SortOrder.DescendingOrder)
            assert model.rowCount() == 2, column.key


def test_every_control_has_a_name(view: CasesView) -> None:
    assert_accessible(view)


def test_whatever_is_typed_into_the_search_finds_or_finds_nothing(
    view: CasesView, window: WorkspaceWindow, qtbot: QtBot, tries: Tries, survived: Survived
) -> None:
    """An error in a slot, a Qt warning or a log line fails every test here."""
    crashed: list[object] = []
    window.jobs.crashed.connect(crashed.append)
    count, answered = tries(ci=30, full=200), 0
    for typed in strings(count, seed=11):
        view.list.field.setText(typed)
        view.list.field.search_now()
        qtbot.waitUntil(lambda: window.jobs.idle)
        answered += view.list.model.rowCount() in (0, 1, 2)
    view.list.field.setText("bamb")
    view.list.field.search_now()
    qtbot.waitUntil(lambda: shown(view) == ["B.W."])
    assert crashed == []
    survived(answered, of=count, control="a name that is there is found by the same box afterwards")


def test_words_show_where_they_were_found_and_a_filter_is_kept(view: CasesView, qtbot: QtBot, desk: Desk) -> None:
    QTest.keyClicks(view.list.field, "kapal")
    QTest.keyClick(view.list.field, Qt.Key.Key_Return)
    place = [column.key for column in view.list.model.columns].index("found")
    assert not view.list.table.isColumnHidden(place)
    assert "\u2039kapal\u203a" in view.list.model.data(view.list.model.index(0, place))
    view.list.saved.keep("Kapal", query=view.list.model.query)
    qtbot.waitUntil(lambda: view.place.jobs.idle)
    view.list.reset()
    assert view.list.table.isColumnHidden(place)
    assert len(shown(view)) == 2
    kept = view.place.user_setting("filters:cases")
    assert list(kept) == ["Kapal"]
    menu = QMenu(view)
    view.list.saved.offer(menu, shown=view.list.model.query)
    _find(menu, "Kapal").trigger()
    assert shown(view) == ["B.W."]
    assert view.list.field.text() == "kapal"


def test_a_question_of_a_filter_becomes_its_chip(view: CasesView, qtbot: QtBot) -> None:
    dialog = ask_days(view.place, view, chosen=view.list._filter)
    dialog.form.set_values({"since": "2026-11-??", "until": "2026-??-??"})
    dialog.save()
    qtbot.waitUntil(lambda: ("since", "2026-11-01") in view.list.model.query.filters)
    assert ("until", "2026-12-31") in view.list.model.query.filters
    assert len(shown(view)) == 2


def _find(menu: QMenu, words: str) -> QAction:
    actions = [each for under in [menu, *menu.findChildren(QMenu)] for each in under.actions()]
    return next(action for action in actions if action.text() == words)
