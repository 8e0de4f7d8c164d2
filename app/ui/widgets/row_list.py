"""What lists of drawn lines share: a model of frozen rows, and a view that opens the row in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QWidget

Index = QModelIndex | QPersistentModelIndex
RowRole = Qt.ItemDataRole.UserRole
Words = Callable[[Any], str]


class RowList(QListView):
    """`opened(id)` by Enter; a row has an `id`. `said` is its first words, `spoken` all a screen reader tells of it."""

    opened = Signal(str)

    def __init__(self, *, name: str, said: Words, spoken: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model_of_rows = _Rows(said, spoken)
        self.setModel(self.model_of_rows)
        self.setAccessibleName(name)
        self.setProperty("role", "timeline")
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def rows(self) -> Sequence[Any]:
        """What is shown."""
        return self.model_of_rows.rows

    def replace(self, rows: Sequence[Any]) -> None:
        """Show these, in this order."""
        self.model_of_rows.replace(rows)

    def open_at(self, index: Index) -> None:
        """Tell that this row was opened."""
        self.opened.emit(self.rows[index.row()].id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        here = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and here.isValid():
            self.open_at(here)
            return
        super().keyPressEvent(event)


class _Rows(QAbstractListModel):
    """The rows as Qt wants them."""

    def __init__(self, said: Words, spoken: Words) -> None:
        super().__init__()
        self.rows: Sequence[Any] = ()
        self._said, self._spoken = said, spoken

    def replace(self, rows: Sequence[Any]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == RowRole:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return self._said(row)
        return self._spoken(row) if role == Qt.ItemDataRole.AccessibleTextRole else None
