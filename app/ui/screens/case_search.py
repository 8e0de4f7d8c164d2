"""Searching the cases: the field, the filters in force, the columns, and the table that answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from app.i18n import _, format_number, ngettext
from app.services import case_list
from app.services.case_list import ACTIVE, CaseCounts
from app.ui import icons
from app.ui.screens.case_filters import filter_menu, filter_words
from app.ui.screens.case_source import CaseModel, CaseSource, case_columns, without
from app.ui.screens.saved_filters import SavedFilters
from app.ui.table import Query
from app.ui.table_view import TableView
from app.ui.widgets.basics import button
from app.ui.widgets.pills import FilterChips
from app.ui.widgets.search import SearchField
from app.ui.workplace import Workplace

COLUMNS = "columns:cases"


class CaseSearch(QObject):
    """Holds the parts; the screen lays them out. `opened(case id)` by Enter or a double click.

    `moved()` when another case, or none, is the chosen one; `counted(words)` after every answer.
    """

    opened = Signal(str)
    moved = Signal()
    counted = Signal(str)

    def __init__(self, place: Workplace, *, owner: QWidget) -> None:
        super().__init__(owner)
        self.place, self._owner = place, owner
        self._counts = CaseCounts()
        start = Query(filters=(("status", ACTIVE),), sort="due")
        self.model = CaseModel(place, columns=case_columns(place), query=start)
        self.field = SearchField(name=_("Search cases"), hint=_("Search name, alias, NIK, case number, notes…"))
        self.chips = FilterChips()
        self.table = TableView(
            self.model, name=_("Cases"), empty=_("No case matches. Change the search or the filters.")
        )
        self.filters = button(_("Filters"), icon=icons.icon("filter"), clicked=self._show_filter_menu)
        self.columns = button(_("Columns"), icon=icons.icon("columns"), clicked=self._show_columns_menu)
        kept = place.user_setting(COLUMNS)
        if isinstance(kept, dict):
            self.table.columns.restore(kept)
        self.saved = SavedFilters(place, owner=owner, chosen=self._show_saved)
        self._connect()
        self.reload()

    def case_id(self, key: int | None = None) -> str:
        """The case of a row, of the chosen one without a key; '' when there is none."""
        source = self.model.source
        assert isinstance(source, CaseSource)
        return source.case_id(self.table.current_id() if key is None else key)

    def show(self, query: Query) -> None:
        """Search for this."""
        place = next(n for n, column in enumerate(self.model.columns) if column.key == "found")
        if self.table.isColumnHidden(place) == bool(query.text):  # only words can be found somewhere
            self.table.columns.show(place, on=bool(query.text))
        self.model.search(query)
        self._show_chips()

    def reload(self) -> None:
        """Count behind the screen (it takes a moment for very many), then read the list anew."""
        desk = self.place.desk
        self.place.load(lambda: case_list.counts(desk), owner=self._owner, then=self._show_counts)

    def reset(self) -> None:
        """Every case."""
        self.field.clear()
        self.show(replace(self.model.query, text="", filters=()))

    def _connect(self) -> None:
        self.model.modelReset.connect(self._show_answer)
        self.field.searched.connect(lambda words: self.show(replace(self.model.query, text=words)))
        self.chips.removed.connect(self._drop_filter)
        self.table.chosen.connect(lambda _key: self.moved.emit())
        self.table.opened.connect(lambda key: self.opened.emit(self.case_id(key)))
        state = self.table.columns
        state.changed.connect(lambda: self.place.put_user_setting(COLUMNS, state.state()))
        self.table.actions_for = self._actions

    def _show_counts(self, counts: CaseCounts) -> None:
        self._counts, self.model.total = counts, counts.total
        self.model.refresh()
        self._show_chips()

    def _show_answer(self) -> None:
        """The ids are there, now or from behind the screen."""
        query, shown = self.model.query, self.model.rowCount()
        self.counted.emit(_counted(self._counts, shown=shown, filtered=bool(query.text or query.filters)))
        if self.table.current_id() is None and shown:
            self.table.choose(self.model.id_at(0))
        elif not shown:
            self.moved.emit()

    def _show_chips(self) -> None:
        self.chips.show_filters([(name, *filter_words(name, value)) for name, value in self.model.query.filters])

    def _actions(self, key: Any) -> list[QAction]:
        action = QAction(_("Open"), self)
        action.triggered.connect(lambda: self.opened.emit(self.case_id(key)))
        return [action]

    def _show_filter_menu(self) -> None:
        menu = filter_menu(self.place, self._owner, chosen=self._filter, reset=self.reset)
        self.saved.offer(menu, shown=self.model.query)
        menu.popup(_below(self.filters))

    def _show_saved(self, query: Query) -> None:
        self.field.setText(query.text)
        self.field.search_now()
        self.show(query)

    def _drop_filter(self, name: str) -> None:
        self.field.setFocus()  # the chip that had the keyboard goes
        self.show(without(self.model.query, name))

    def _filter(self, name: str, value: str) -> None:
        self.show(self.model.query.with_filter(name, value=value))

    def _show_columns_menu(self) -> None:
        self.table.columns.menu().popup(_below(self.columns))


def _below(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(QPoint(0, widget.height()))


def _counted(counts: CaseCounts, *, shown: int, filtered: bool) -> str:
    total = ngettext("{n} case", "{n} cases", counts.total).format(n=format_number(counts.total))
    active = _("{n} active").format(n=format_number(counts.active))
    words = f"{total} \u00b7 {active}"
    return words + " \u00b7 " + _("{n} shown").format(n=format_number(shown)) if filtered else words
