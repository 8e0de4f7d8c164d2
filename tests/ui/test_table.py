"""Lists of any length: what is fetched, what is shown, what stays when it changes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.table import PAGE, PAGES_KEPT, Column, PagedModel, Query, ToneRole
from app.ui.table_view import TableView
from app.ui.theme import Tone
from tests.ui.conftest import assert_accessible

BIG = 100_000


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    number: str
    victim: str
    risk: str
    due: str | None


class Shelf:
    """A source over a plain list; it notes which pages were asked for."""

    def __init__(self, count: int) -> None:
        self.all = [f"case-{n:06}" for n in range(count)]
        self.gone: set[str] = set()
        self.asked: list[tuple[str, int]] = []
        self.queries: list[Query] = []

    def ids(self, query: Query) -> list[str]:
        self.queries.append(query)
        found = [i for i in self.all if query.text in i]
        return sorted(found, reverse=query.descending)

    def rows(self, ids):
        self.asked.append((ids[0], len(ids)))
        return [None if i in self.gone else self.row(i) for i in ids]

    def row(self, record: str) -> Row:
        n = int(record[5:])
        return Row(record, f"A.{n}", "HIGH" if n % 3 == 0 else "LOW", None if n % 2 else f"{n} Nov")


COLUMNS = [
    Column("number", "Number", width=120, style="strong"),
    Column("victim", "Victim", width=150, stretch=True),
    Column("risk", "Risk", width=80, text=str.title, tone=lambda v: Tone.DANGER if v == "HIGH" else None),
    Column("due", "Due", width=90, sortable=False),
    Column("hidden", "Tone", width=60, hidden=True, whole_row=True, text=lambda row: f"{row.number}/{row.risk}"),
]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(BIG)


@pytest.fixture
def view(shelf, qtbot) -> TableView:
    model = PagedModel(shelf, columns=COLUMNS)
    view = TableView(model, name="Kasus", empty="Belum ada kasus")
    qtbot.addWidget(view)
    view.resize(800, 500)
    model.refresh()
    return view


def _text(model: QAbstractItemModel, row: int, column: int = 0) -> str:
    return model.index(row, column).data()


def test_a_hundred_thousand_rows_are_all_there_and_only_the_looked_at_pages_are_fetched(view, shelf):
    model = view.model()
    assert model.rowCount() == BIG
    assert shelf.asked == []
    for row in (0, 1, PAGE - 1, PAGE, 50_000, BIG - 1):
        assert _text(model, row) == f"case-{row:06}"
    assert [first for first, _n in shelf.asked] == ["case-000000", "case-000064", "case-049984", "case-099968"]
    assert shelf.asked[-1][1] == BIG % PAGE


def test_every_row_of_a_long_list_is_right_and_the_cache_stays_small(view, shelf):
    model = view.model()
    assert all(_text(model, row) == shelf.all[row] for row in range(BIG))
    assert len(shelf.asked) == -(-BIG // PAGE)
    assert len(model._pages) == PAGES_KEPT


def test_least_recently_seen_page_is_forgotten_first(view, shelf):
    model = view.model()
    for page in range(PAGES_KEPT):
        _text(model, page * PAGE)
    _text(model, 0)
    _text(model, PAGES_KEPT * PAGE)
    shelf.asked.clear()
    _text(model, 0)
    assert shelf.asked == []
    _text(model, PAGE)
    assert shelf.asked == [("case-000064", PAGE)]


def test_model_keeps_the_contract_of_qt(qtbot):
    model = PagedModel(Shelf(200), columns=COLUMNS)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.refresh()
    model.search(Query(text="case-00001"))
    model.sort(0, Qt.SortOrder.DescendingOrder)
    model.forget(["case-000011"])
    assert model.rowCount() == 10


def test_search_keeps_the_sort_and_asks_the_source(view, shelf):
    view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    view.model().search(Query(text="case-0999", filters=(("status", "active"),)))
    assert shelf.queries[-1] == Query("case-0999", (("status", "active"),), "number", True)
    assert _text(view.model(), 0) == "case-099999"


def test_column_that_cannot_be_sorted_moves_neither_list_nor_sign(view, shelf, qtbot):
    view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    asked = len(shelf.queries)
    view.horizontalHeader().setSortIndicator(3, Qt.SortOrder.AscendingOrder)
    header = view.horizontalHeader()
    assert (header.sortIndicatorSection(), header.sortIndicatorOrder()) == (0, Qt.SortOrder.DescendingOrder)
    assert shelf.queries[asked:] in ([], [shelf.queries[-1]])
    assert _text(view.model(), 0) == "case-099999"


def test_same_record_stays_current_when_the_list_is_read_again(view, shelf):
    view.choose("case-000500")
    seen = []
    view.chosen.connect(seen.append)
    shelf.all.insert(0, "case-000000")
    view.model().refresh()
    assert view.current_id() == "case-000500"
    assert view.currentIndex().row() == 501
    shelf.all.remove("case-000500")
    view.model().refresh()
    assert view.current_id() is None
    assert seen[-1] is None


def test_refresh_leaves_the_list_where_it_was_scrolled_to(view, qtbot):
    view.show()
    view.choose("case-000003")
    view.verticalScrollBar().setValue(7000)
    view.model().refresh()
    assert view.verticalScrollBar().value() == 7000


def test_changed_record_is_read_again_in_its_place(view, shelf):
    model = view.model()
    _text(model, 5)
    shelf.gone.add("case-000005")
    assert _text(model, 5) == "case-000005"
    model.forget(["case-000005"])
    assert _text(model, 5) == "-"
    assert model.index(5, 2).data(ToneRole) is None


def test_tone_and_text_come_from_the_value_or_the_whole_row(view):
    model = view.model()
    assert model.index(0, 2).data(ToneRole) == Tone.DANGER
    assert model.index(1, 2).data(ToneRole) is None
    assert _text(model, 0, 2) == "High"
    assert _text(model, 1, 3) == ""
    assert _text(model, 0, 4) == "case-000000/HIGH"


def test_those_who_hear_the_list_hear_whole_rows(view):
    heard = view.model().index(3, 1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "case-000003" in heard
    assert "A.3" in heard
    assert_accessible(view)


def test_tab_leaves_the_table(qtbot, shelf):
    window = QWidget()
    qtbot.addWidget(window)
    box, model = QVBoxLayout(window), PagedModel(shelf, columns=COLUMNS)
    before, view, after = QLineEdit(), TableView(model, name="Kasus"), QLineEdit()
    for widget in (before, view, after):
        box.addWidget(widget)
    model.refresh()
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    before.setFocus()
    qtbot.waitUntil(before.hasFocus)
    qtbot.keyClick(before, Qt.Key.Key_Tab)
    assert view.hasFocus()
    assert view.current_id() == "case-000000"
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert after.hasFocus()


def test_enter_opens_the_current_record(view, qtbot):
    view.choose("case-000007")
    with qtbot.waitSignal(view.opened) as opened:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened.args == ["case-000007"]


def test_layout_survives_being_stored(view, shelf, qtbot):
    view.horizontalHeader().moveSection(2, 0)
    view.setColumnWidth(0, 222)
    view.columns.show(3, on=False)
    view.columns.show(4, on=True)
    view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    state = view.columns.state()
    other = TableView(PagedModel(shelf, columns=COLUMNS), name="Kasus")
    qtbot.addWidget(other)
    other.columns.restore(state)
    assert other.columns.state() == state
    assert other.columns.visible() == [2, 0, 1, 4]
    assert other.columnWidth(0) == 222


def test_layout_of_another_version_is_read_as_far_as_it_goes(view):
    view.columns.restore({"order": ["due", "no_such_column"], "widths": {"nothing": 4}, "hidden": ["nothing"]})
    assert view.columns.visible() == [3, 0, 1, 2]
    view.columns.restore({})
    assert view.columns.visible() == [0, 1, 2, 3]


def test_widths_follow_the_font_scale(view, qapp):
    view.setColumnWidth(0, 200)
    state = view.columns.state()
    theme.apply(qapp, scale=150)
    view.columns.restore(state)
    assert view.columnWidth(0) == 300
    assert view.verticalHeader().defaultSectionSize() == 57


def test_stretching_column_fills_the_width_until_a_person_sets_one(view):
    view.show()
    shown = view.columns.visible()
    assert abs(sum(view.columnWidth(n) for n in shown) - view.viewport().width()) <= 1
    view.setColumnWidth(1, 77)
    view.resize(1200, 500)
    assert view.columnWidth(1) == 77


def test_chooser_offers_every_column_and_a_way_back(view, qtbot):
    menu = view.columns.menu()
    actions = menu.actions()
    assert [a.isChecked() for a in actions[:5]] == [True, True, True, True, False]
    actions[1].trigger()
    assert 1 not in view.columns.visible()
    with qtbot.waitSignal(view.columns.changed):
        actions[-1].trigger()
    assert view.columns.visible() == [0, 1, 2, 3]
    menu.close()


def test_last_visible_column_cannot_be_hidden(view):
    for number in (1, 2, 3):
        view.columns.show(number, on=False)
    menu = view.columns.menu()
    assert [a.isEnabled() for a in menu.actions()[:5]] == [False, True, True, True, True]
    menu.close()


def test_context_menu_is_for_the_row_under_the_pointer(view, qtbot):
    view.show()
    asked = []

    def actions(record: str) -> list[QAction]:
        asked.append(record)
        return [QAction("Buka", view)]

    view.actions_for = actions
    point = view.visualRect(view.model().index(2, 0)).center()
    event = QContextMenuEvent
    QApplication.sendEvent(view.viewport(), event(event.Reason.Mouse, point, view.viewport().mapToGlobal(point)))
    assert asked == ["case-000002"]
    QApplication.activePopupWidget().close()
