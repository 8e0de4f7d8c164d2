"""The columns of a list as a person likes them: which, in what order, how wide; stored as plain values."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMenu, QTableView

from app.i18n import _
from app.ui import theme
from app.ui.table import PagedModel

Layout = dict[str, Any]


class Columns(QObject):
    """Looks after the header of one table; `changed` says that the person moved, widened, hid, showed or sorted."""

    changed = Signal()

    def __init__(self, view: QTableView, *, model: PagedModel) -> None:
        super().__init__(view)
        self._view, self._model, self._header = view, model, view.horizontalHeader()
        self._widths_touched = self._quiet = False
        self.reset()
        self._header.sectionMoved.connect(self._say_changed)
        self._header.sectionResized.connect(self._note_width)
        self._header.sortIndicatorChanged.connect(self._note_sort)
        self._header.customContextMenuRequested.connect(lambda at: self.menu().popup(self._header.mapToGlobal(at)))

    def visible(self) -> list[int]:
        """The columns shown, from left to right."""
        order = (self._header.logicalIndex(place) for place in range(self._header.count()))
        return [number for number in order if not self._view.isColumnHidden(number)]

    def menu(self) -> QMenu:
        """The column chooser: a tick per column, and Reset. The last visible column cannot be hidden."""
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        visible = self.visible()
        for number, column in enumerate(self._model.columns):
            action = menu.addAction(_(column.title))
            action.setCheckable(True)
            action.setChecked(number in visible)
            action.setEnabled(visible != [number])
            action.toggled.connect(lambda on, number=number: self.show(number, on=on))
        menu.addSeparator()
        menu.addAction(_("Reset columns")).triggered.connect(self._reset_by_person)
        return menu

    def show(self, number: int, *, on: bool) -> None:
        """Show or hide a column; Qt tells of a new width then, which nobody chose."""
        was, self._quiet = self._quiet, True
        self._view.setColumnHidden(number, not on)
        self._quiet = was
        self.spread()
        self.changed.emit()

    def state(self) -> Layout:
        """Order, widths (at 100 %, only if touched), hidden columns and sort, fit for storing."""
        columns, query = self._model.columns, self._model.query
        order = [columns[self._header.logicalIndex(place)].key for place in range(self._header.count())]
        widths = {columns[n].key: self._base_width(n) for n in self.visible()} if self._widths_touched else {}
        hidden = [c.key for n, c in enumerate(columns) if self._view.isColumnHidden(n)]
        return {"order": order, "widths": widths, "hidden": hidden, "sort": query.sort, "descending": query.descending}

    def restore(self, state: Layout) -> None:
        """Put a stored layout back; unknown columns are ignored, new ones take their place at the end."""
        self.reset()
        numbers = {c.key: n for n, c in enumerate(self._model.columns)}
        known = [key for key in state.get("order", ()) if key in numbers]
        widths = {key: int(width) for key, width in (state.get("widths") or {}).items() if key in numbers}
        self._quiet = True
        for place, key in enumerate(known):
            self._header.moveSection(self._header.visualIndex(numbers[key]), place)
            self._view.setColumnHidden(numbers[key], key in state.get("hidden", ()))
        for key, width in widths.items():
            self._view.setColumnWidth(numbers[key], theme.px(max(24, width)))
        if state.get("sort") in numbers:
            order = Qt.SortOrder.DescendingOrder if state.get("descending") else Qt.SortOrder.AscendingOrder
            self._view.sortByColumn(numbers[state["sort"]], order)
        self._quiet, self._widths_touched = False, bool(widths)
        self.spread()

    def reset(self) -> None:
        """The declared order, widths and visible columns again; the sort stays."""
        self._quiet, self._widths_touched = True, False
        for number, column in enumerate(self._model.columns):
            self._header.moveSection(self._header.visualIndex(number), number)
            self._view.setColumnHidden(number, column.hidden)
            self._view.setColumnWidth(number, theme.px(column.width))
        self._quiet = False
        self.spread()

    def spread(self) -> None:
        """While nobody has touched the widths, those marked `stretch` share what is left or lacking."""
        visible = self.visible()
        if self._widths_touched or self._quiet or not visible:
            return
        columns = self._model.columns
        takers = [n for n in visible if columns[n].stretch] or visible[-1:]
        left = self._view.viewport().width() - sum(theme.px(columns[n].width) for n in visible)
        self._quiet = True
        for number in visible:
            width = theme.px(columns[number].width)
            share = max(left // len(takers), -width // 2) if number in takers else 0
            self._view.setColumnWidth(number, width + share)
        self._quiet = False

    def _base_width(self, number: int) -> int:
        return round(self._view.columnWidth(number) * 100 / theme.current().scale)

    def _reset_by_person(self) -> None:
        self.reset()
        self.changed.emit()

    def _note_width(self) -> None:
        if not self._quiet:
            self._widths_touched = True
            self.changed.emit()

    def _note_sort(self, number: int) -> None:
        """Move the sort sign back when the person clicked a column that cannot be sorted."""
        columns, query = self._model.columns, self._model.query
        if 0 <= number < len(columns) and columns[number].key != query.sort and not columns[number].sortable:
            sorted_by = next((n for n, c in enumerate(columns) if c.key == query.sort), -1)
            order = Qt.SortOrder.DescendingOrder if query.descending else Qt.SortOrder.AscendingOrder
            self._header.setSortIndicator(sorted_by, order)
            return
        self._say_changed()

    def _say_changed(self) -> None:
        if not self._quiet:
            self.changed.emit()
