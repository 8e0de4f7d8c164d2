"""What happened in a case, newest first: a dot, a chip, when and who, and the sentence; readable by arrows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)  # fmt: skip
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.ui import theme
from app.ui.delegates import draw_chip
from app.ui.theme import Tone
from app.ui.widgets.basics import chip_font

Index = QModelIndex | QPersistentModelIndex
EntryRole = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened: `meta` says when, who and from which office."""

    id: str
    kind: str
    text: str
    meta: str = ""
    tone: str = Tone.NEUTRAL


class Timeline(QListView):
    """`opened(id)` by Enter or a double click."""

    opened = Signal(str)

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries = _Entries()
        self.setModel(self._entries)
        self.setItemDelegate(_EntryDelegate(self))
        self.setAccessibleName(name)
        self.setProperty("role", "timeline")
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setWordWrap(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubleClicked.connect(lambda index: self.opened.emit(self._entries.entries[index.row()].id))

    def show_entries(self, entries: Sequence[TimelineEntry]) -> None:
        """Show these, in this order."""
        self._entries.replace(entries)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        here = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and here.isValid():
            self.opened.emit(self._entries.entries[here.row()].id)
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.scheduleDelayedItemsLayout()


class _Entries(QAbstractListModel):
    """The entries as Qt wants them."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: Sequence[TimelineEntry] = ()

    def replace(self, entries: Sequence[TimelineEntry]) -> None:
        self.beginResetModel()
        self.entries = tuple(entries)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entries[index.row()]
        if role == EntryRole:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        return f"{entry.kind}, {entry.meta}: {entry.text}" if role == Qt.ItemDataRole.AccessibleTextRole else None


class _EntryDelegate(QStyledItemDelegate):
    """Draws one entry; its height is that of its wrapped text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        view = self.parent()
        assert isinstance(view, QListView)
        width = view.viewport().width()
        entry: TimelineEntry = index.data(EntryRole)
        words = self._words(QRect(0, 0, width, 0), entry.text)
        return QSize(width, words.bottom() + theme.px(10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, rect = theme.current(), option.rect
        entry: TimelineEntry = index.data(EntryRole)
        ink, _ground = look.tone(entry.tone)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(look.colour("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), look.px(6), look.px(6))
        self._thread(painter, rect, last=index.row() + 1 == index.model().rowCount())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(self._dot(rect), look.px(5), look.px(5))
        left, line = rect.left() + look.px(26), self._line_height()
        chip = QRect(left, rect.top() + look.px(4), rect.width() - look.px(30), line)
        taken = draw_chip(painter, chip, text=entry.kind, tone=entry.tone)
        painter.setFont(look.font(11))
        painter.setPen(look.colour("muted"))
        meta = chip.adjusted(taken + look.px(8), 0, 0, 0)
        shown = QFontMetrics(look.font(11)).elidedText(entry.meta, Qt.TextElideMode.ElideRight, meta.width())
        painter.drawText(meta, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setFont(look.font())
        painter.setPen(look.colour("text"))
        painter.drawText(self._words(rect, entry.text), _WRAP, entry.text)
        painter.restore()

    def _thread(self, painter: QPainter, rect: QRect, *, last: bool) -> None:
        """The line that ties the dots together."""
        if not last:
            dot = self._dot(rect)
            painter.setPen(QPen(theme.current().colour("line"), 1.5))
            painter.drawLine(dot, QPointF(dot.x(), rect.bottom() + 8))

    def _dot(self, rect: QRect) -> QPointF:
        return QPointF(rect.left() + theme.px(11), rect.top() + theme.px(4) + self._line_height() / 2)

    def _line_height(self) -> int:
        return QFontMetrics(chip_font()).height() + theme.px(4)

    def _words(self, rect: QRect, words: str) -> QRect:
        top = rect.top() + theme.px(7) + self._line_height()
        room = QRect(rect.left() + theme.px(26), top, max(40, rect.width() - theme.px(34)), 100_000)
        return QFontMetrics(theme.current().font()).boundingRect(room, _WRAP, words)


_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
