"""What happened in a case, newest first: a dot, a chip, when and who, and the sentence; readable by arrows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.ui import theme
from app.ui.delegates import draw_chip
from app.ui.theme import Tone
from app.ui.widgets.basics import chip_font
from app.ui.widgets.row_list import Index, RowList, RowRole


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened: `meta` says when, who and from which office."""

    id: str
    kind: str
    text: str
    meta: str = ""
    tone: str = Tone.NEUTRAL


class Timeline(RowList):
    """`opened(id)` by Enter or a double click."""

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name=name, said=lambda entry: str(entry.text), spoken=_spoken, parent=parent)
        self.setItemDelegate(_EntryDelegate(self))
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setWordWrap(True)
        self.doubleClicked.connect(self.open_at)

    def show_entries(self, entries: Sequence[TimelineEntry]) -> None:
        """Show these, in this order."""
        self.replace(entries)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.scheduleDelayedItemsLayout()


def _spoken(entry: TimelineEntry) -> str:
    return f"{entry.kind}, {entry.meta}: {entry.text}"


class _EntryDelegate(QStyledItemDelegate):
    """Draws one entry; its height is that of its wrapped text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        view = self.parent()
        assert isinstance(view, QListView)
        width = view.viewport().width()
        entry: TimelineEntry = index.data(RowRole)
        words = self._words(QRect(0, 0, width, 0), entry.text)
        return QSize(width, words.bottom() + theme.px(10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, rect = theme.current(), option.rect
        entry: TimelineEntry = index.data(RowRole)
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
