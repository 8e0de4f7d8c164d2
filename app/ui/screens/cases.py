"""The list of cases: search as you type, filters, columns, and the chosen case beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout, QWidget

from app.i18n import N_, _, format_number, ngettext
from app.models.journal import Changes
from app.models.permission import Permission
from app.services import case_list
from app.services.case_list import ACTIVE, CaseCounts, CaseQuery
from app.ui import icons, theme
from app.ui.screens.case_filters import filter_menu, filter_words
from app.ui.screens.case_preview import CasePreview
from app.ui.screens.case_source import CaseModel, CaseSource, case_columns, list_query, without
from app.ui.table import Query
from app.ui.table_view import TableView
from app.ui.widgets.basics import button, only_if, row, text
from app.ui.widgets.pills import FilterChips
from app.ui.widgets.search import SearchField
from app.ui.workplace import Workplace

ROOM_FOR_BOTH = 900
PREVIEW_MS = 60  # after the last arrow key: scrolling through the list must not read every case


class CasesScreen:
    """The list of cases."""

    name, title, icon, section = "cases", N_("Cases"), "cases", "main"

    def build(self, context: Any) -> QWidget:
        """The list, newly made."""
        return CasesView(context)


class CasesView(QWidget):
    """`open(CaseQuery)` shows a filtered list."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        start = Query(filters=(("status", ACTIVE),), sort="due")
        self.model = CaseModel(place, columns=case_columns(place), query=start)
        self.search = SearchField(name=_("Search cases"), hint=_("Search name, alias, NIK, case number, notes…"))
        self.chips = FilterChips()
        self.table = TableView(
            self.model, name=_("Cases"), empty=_("No case matches. Change the search or the filters.")
        )
        self.preview = CasePreview(place)
        self.counted = text("", role="muted")
        self._counts = CaseCounts()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PREVIEW_MS)
        self._timer.timeout.connect(self._show_chosen)
        self._lay_out()
        self._restore_columns()
        self._connect()
        self._reload()

    def open(self, target: Any) -> None:
        """Show the list with the filters of a CaseQuery."""
        if isinstance(target, CaseQuery):
            self.search.setText(target.text)
            self._search(list_query(target))

    def refresh(self, changes: Changes) -> None:
        """Read again when a case, or somebody in one, changed."""
        if changes.cases or "person" in changes.kinds:
            self._reload()
            self.preview.refresh(changes)

    def on_refresh(self) -> None:
        """F5."""
        self._reload()
        self._show_chosen()

    def on_new_referral(self) -> None:
        """Ctrl+Shift+N refers the victim of the chosen case."""
        self.preview.refer()

    def on_pdf(self) -> None:
        """Ctrl+P makes the document of the chosen case."""
        self.preview.export()

    # inside

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room for both, the list has all of it; Enter opens the case."""
        super().resizeEvent(event)
        self.preview.setVisible(self.width() >= theme.px(ROOM_FOR_BOTH))

    def _connect(self) -> None:
        self.model.modelReset.connect(self._show_list)
        self.search.searched.connect(lambda words: self._search(replace(self.model.query, text=words)))
        self.chips.removed.connect(lambda name: self._search(without(self.model.query, name)))
        self.table.chosen.connect(lambda _key: self._timer.start())
        self.table.opened.connect(self._open_page)
        self.table.columns.changed.connect(self._keep_columns)
        self.table.actions_for = self._actions

    def _search(self, query: Query) -> None:
        self.model.search(query)
        self._show_filters()

    def _reload(self) -> None:
        """Count behind the screen (a second for very many), then read the list anew."""
        desk = self.place.desk
        self.place.load(lambda: case_list.counts(desk), owner=self, then=self._show_counts)

    def _show_counts(self, counts: CaseCounts) -> None:
        self._counts, self.model.total = counts, counts.total
        self.model.refresh()
        self._show_filters()

    def _show_list(self) -> None:
        """The ids are there, now or from behind the screen."""
        self._say_counts()
        if self.table.current_id() is None and self.model.rowCount():
            self.table.choose(self.model.id_at(0))
        elif not self.model.rowCount():
            self._timer.start()

    def _say_counts(self) -> None:
        filtered = bool(self.model.query.text or self.model.query.filters)
        self.counted.setText(_counted(self._counts, shown=self.model.rowCount(), filtered=filtered))

    def _show_filters(self) -> None:
        self.chips.show_filters([(name, *filter_words(name, value)) for name, value in self.model.query.filters])

    def _show_chosen(self) -> None:
        source = self.model.source
        assert isinstance(source, CaseSource)
        self.preview.show_case(source.case_id(self.table.current_id()))

    def _open_page(self, key: int) -> None:
        source = self.model.source
        assert isinstance(source, CaseSource)
        self.place.go("case", target=source.case_id(key))

    def _actions(self, key: int) -> list[QAction]:
        action = QAction(_("Open"), self)
        action.triggered.connect(lambda: self._open_page(key))
        return [action]

    def _filter_menu(self) -> None:
        menu = filter_menu(self, chosen=self._filter, reset=self._reset)
        menu.popup(self._below(self.filters))

    def _filter(self, name: str, value: str) -> None:
        self._search(self.model.query.with_filter(name, value=value))

    def _reset(self) -> None:
        self.search.clear()
        self._search(replace(self.model.query, text="", filters=()))

    def _restore_columns(self) -> None:
        kept = self.place.user_setting("columns:cases")
        if isinstance(kept, dict):
            self.table.columns.restore(kept)

    def _keep_columns(self) -> None:
        self.place.put_user_setting("columns:cases", self.table.columns.state())

    def _below(self, widget: QWidget) -> QPoint:
        return widget.mapToGlobal(QPoint(0, widget.height()))

    def _lay_out(self) -> None:
        may = self.place.desk.may(Permission.WRITE_CASE)
        new = button(_("New case"), kind="primary", icon=icons.icon("add", colour="on_accent"))
        new.setToolTip("Ctrl+N")
        new.clicked.connect(lambda: self.place.go("intake"))
        only_if(may, new)
        self.filters: QPushButton = button(_("Filters"), icon=icons.icon("filter"), clicked=self._filter_menu)
        self.columns_button = button(_("Columns"), icon=icons.icon("columns"), clicked=self._columns_menu)
        self.sides = QSplitter(Qt.Orientation.Horizontal)
        self.sides.setChildrenCollapsible(False)
        self.sides.addWidget(self.table)
        self.sides.addWidget(self.preview)
        self.sides.setStretchFactor(0, 1)
        self.sides.setStretchFactor(1, 1)
        self.sides.setSizes([590, 520])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(12))
        layout.addLayout(row(text(_("Cases"), role="title"), self.counted, None, new))
        line = row(self.search, self.filters, self.columns_button)
        line.insertWidget(1, self.chips, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(line)
        self.setFocusProxy(self.table)
        layout.addWidget(self.sides, 1)

    def _columns_menu(self) -> None:
        self.table.columns.menu().popup(self._below(self.columns_button))


def _counted(counts: CaseCounts, *, shown: int, filtered: bool) -> str:
    total = ngettext("{n} case", "{n} cases", counts.total).format(n=format_number(counts.total))
    active = _("{n} active").format(n=format_number(counts.active))
    words = f"{total} \u00b7 {active}"
    return words + " \u00b7 " + _("{n} shown").format(n=format_number(shown)) if filtered else words
