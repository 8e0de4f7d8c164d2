"""The list of cases: search as you type, filters, columns, and the chosen case beside it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.i18n import N_, _
from app.models.journal import Changes
from app.models.permission import Permission
from app.services.case_list import CaseQuery
from app.ui import icons, theme
from app.ui.screens.case_preview import CasePreview
from app.ui.screens.case_search import CaseSearch
from app.ui.screens.case_source import case_query, list_query
from app.ui.screens.export_list import ListExportDialog
from app.ui.widgets.basics import button, only_if, row, text
from app.ui.workplace import Workplace

ROOM_FOR_BOTH = 900
PREVIEW_MS = 60  # after the last arrow key: scrolling through the list must not read every case


class CasesScreen:
    """The list of cases."""

    name, title, icon, section = "cases", N_("Cases"), "cases", "main"
    permission = Permission.READ

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
        self.counted = text("", role="muted")
        self.preview = CasePreview(place)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PREVIEW_MS)
        self._timer.timeout.connect(self._show_chosen)
        self.list = CaseSearch(place, owner=self)
        self.list.counted.connect(self.counted.setText)
        self.list.moved.connect(self._timer.start)
        self.list.opened.connect(lambda case_id: place.go("case", target=case_id))
        self._lay_out()

    def open(self, target: Any) -> None:
        """Show the list with the filters of a CaseQuery."""
        if isinstance(target, CaseQuery):
            self.list.field.setText(target.text)
            self.list.show(list_query(target))

    def refresh(self, changes: Changes) -> None:
        """Read again when a case, or somebody in one, changed."""
        if changes.cases or "person" in changes.kinds:
            self.list.reload()
            self.preview.refresh(changes)

    def on_refresh(self) -> None:
        """F5."""
        self.list.reload()
        self._show_chosen()

    def on_new_referral(self) -> None:
        """Ctrl+Shift+N refers the victim of the chosen case."""
        self.preview.refer()

    def on_pdf(self) -> None:
        """Ctrl+P makes the document of the chosen case."""
        self.preview.export()

    def export_list(self) -> None:
        """Make a file of what the list shows."""
        model = self.list.model
        ListExportDialog(self.place, case_query(model.query), count=model.rowCount(), parent=self.window()).open()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room for both, the list has all of it; Enter opens the case."""
        super().resizeEvent(event)
        self.preview.setVisible(self.width() >= theme.px(ROOM_FOR_BOTH))

    def _show_chosen(self) -> None:
        self.preview.show_case(self.list.case_id())

    def _lay_out(self) -> None:
        new = button(_("New case"), kind="primary", icon=icons.icon("add", colour="on_accent"))
        new.setToolTip("Ctrl+N")
        new.clicked.connect(lambda: self.place.go("intake"))
        only_if(self.place.desk.may(Permission.WRITE_CASE), new)
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.setChildrenCollapsible(False)
        for at, side in enumerate((self.list.table, self.preview)):
            sides.addWidget(side)
            sides.setStretchFactor(at, 1)
        sides.setSizes([660, 450])
        leave = button(_("Export…"), icon=icons.icon("export"), clicked=self.export_list)
        only_if(self.place.desk.may(Permission.EXPORT), leave)
        line = row(self.list.field, self.list.filters, self.list.columns, leave)
        line.insertWidget(1, self.list.chips, 0, Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(12))
        twice = button(_("Duplicates"), icon=icons.icon("person"), clicked=lambda: self.place.go("duplicates"))
        take = button(_("Import…"), icon=icons.icon("import"), clicked=lambda: self.place.go("import"))
        only_if(self.place.desk.may(Permission.IMPORT), take)
        layout.addLayout(row(text(_("Cases"), role="title"), self.counted, None, twice, take, new))
        layout.addLayout(line)
        layout.addWidget(sides, 1)
        self.landing: QWidget = self.list.table
