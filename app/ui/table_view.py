"""The quiet table over a PagedModel: whole rows, no grid, a tint for the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from app.ui import theme
from app.ui.columns import Columns
from app.ui.delegates import ROW_HEIGHT, RowDelegate
from app.ui.table import PagedModel


class TableView(QTableView):
    """A list of records.

    `chosen(id)` follows the current row (None when there is none; again after a refresh), `opened(id)` is Enter or a
    double click. `columns` holds the chooser and the layout. `actions_for(id)` gives the context menu.
    """

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, model: PagedModel, *, name: str, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.actions_for: Callable[[Any], Sequence[QAction]] = lambda record: ()
        self.empty = empty
        self._kept: tuple[Any, int] = (None, 0)
        self._paged = model
        model.setParent(self)
        self.setModel(model)
        self._dress()
        self.columns = Columns(self, model=model)
        model.modelAboutToBeReset.connect(self._keep_current)
        model.modelReset.connect(self._restore_current)
        self.doubleClicked.connect(lambda index: self.opened.emit(model.id_at(index.row())))

    def current_id(self) -> Any:
        """The id of the current row, None without one."""
        return self._paged.id_at(self.currentIndex().row())

    def choose(self, record: Any) -> bool:
        """Make a record the current row; False when the list does not hold it."""
        row = self._paged.row_of(record)
        if row >= 0:
            self.setCurrentIndex(self._paged.index(row, self.columns.visible()[0]))
        return row >= 0

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        if current.row() != previous.row():
            self.chosen.emit(self._paged.id_at(current.row()))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Arriving by keyboard makes the first row current, so that arrows and Enter work at once."""
        super().focusInEvent(event)
        if self.current_id() is None and self._paged.rowCount() and event.reason() != Qt.FocusReason.MouseFocusReason:
            self.choose(self._paged.id_at(0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current_id() is not None:
            self.opened.emit(self.current_id())
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        at = self.visualRect(self.currentIndex()).center() if by_key else event.pos()
        record = self._paged.id_at(self.rowAt(at.y()))
        actions = list(self.actions_for(record)) if record is not None else []
        if actions:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addActions(actions)
            menu.popup(self.viewport().mapToGlobal(QPoint(at)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.columns.spread()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.verticalHeader().setDefaultSectionSize(theme.px(ROW_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.empty and not self._paged.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(theme.current().colour("muted"))
            room = self.viewport().rect().adjusted(theme.px(24), theme.px(24), -theme.px(24), -theme.px(24))
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(room, int(flags), self.empty)
            painter.end()

    def _dress(self) -> None:
        self.setItemDelegate(RowDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows, header = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(theme.px(ROW_HEIGHT))
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def _keep_current(self) -> None:
        self._kept = (self.current_id(), self.verticalScrollBar().value())

    def _restore_current(self) -> None:
        """The same record stays current and the list stays where it was scrolled to."""
        record, scrolled = self._kept
        if record is None:
            return
        if self.choose(record):
            self.verticalScrollBar().setValue(scrolled)
        else:
            self.chosen.emit(None)
