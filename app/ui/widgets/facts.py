"""A short list of things to do: what, about whom, until when; arrows move, Enter opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.ui import theme
from app.ui.delegates import draw_chip
from app.ui.theme import Tone
from app.ui.widgets.row_list import Index, RowList, RowRole

LINE_HEIGHT = 52


@dataclass(frozen=True)
class FactLine:
    """One thing: a title with a chip, words under it, a date in its tone at the right."""

    id: str
    title: str
    words: str
    date: str = ""
    tone: str = Tone.NEUTRAL
    chip: tuple[str, str] = ("", Tone.NEUTRAL)


class FactList(RowList):
    """`opened(id)` by Enter or a click."""

    def __init__(self, *, name: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(name=name, said=lambda line: str(line.title), spoken=_spoken, parent=parent)
        self._empty = empty
        self.setItemDelegate(_LineDelegate(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.clicked.connect(self.open_at)

    def show_lines(self, lines: Sequence[FactLine]) -> None:
        """Show these; the same thing stays chosen."""
        here = self.currentIndex()
        kept = self.rows[here.row()].id if here.isValid() else None
        self.replace(lines)
        for row, line in enumerate(lines):
            if line.id == kept:
                self.setCurrentIndex(self.model().index(row, 0))
        self.viewport().update()

    def lines(self) -> Sequence[FactLine]:
        """What is shown."""
        return self.rows

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.rows:
            self.setCurrentIndex(self.model().index(0, 0))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.rows:
            painter = QPainter(self.viewport())
            painter.setPen(theme.current().colour("muted"))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect(), int(flags), self._empty)
            painter.end()


def _spoken(line: FactLine) -> str:
    return "; ".join(part for part in (line.title, line.chip[0], line.words, line.date) if part)


class _LineDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme.px(120), theme.px(LINE_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, rect = theme.current(), option.rect
        line: FactLine = index.data(RowRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, option)
        pad, middle = look.px(8), rect.top() + rect.height() // 2
        bold, plain = look.font(weight=QFont.Weight.DemiBold), look.font()
        metrics = QFontMetrics(plain)
        date = metrics.horizontalAdvance(line.date)
        painter.setFont(plain)
        painter.setPen(look.tone(line.tone)[0] if line.tone != Tone.NEUTRAL else look.colour("muted"))
        room = QRect(rect.right() - pad - date - 2, rect.top(), date + 2, rect.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, line.date)
        width = rect.width() - date - 3 * pad
        upper = QRect(rect.left() + pad, middle - metrics.height() - 1, width, metrics.height())
        painter.setFont(bold)
        painter.setPen(look.colour("text"))
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, _cut(line.title, bold, width))
        taken = min(QFontMetrics(bold).horizontalAdvance(line.title), width) + pad
        if line.chip[0] and width - taken > look.px(60):
            draw_chip(painter, upper.adjusted(taken, 0, 0, 0), text=line.chip[0], tone=line.chip[1])
        painter.setFont(plain)
        painter.setPen(look.colour("muted"))
        painter.drawText(
            upper.translated(0, metrics.height() + 2), Qt.AlignmentFlag.AlignVCenter, _cut(line.words, plain, width)
        )
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """A hairline below; a tint under the pointer or the chosen line."""
        look, rect = theme.current(), option.rect
        view: QWidget = option.widget
        chosen = bool(option.state & QStyle.StateFlag.State_Selected) and view.hasFocus()
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("accent_tint" if chosen else "row_line"))
            painter.drawRoundedRect(QRectF(rect), look.px(6), look.px(6))
        painter.setPen(QPen(look.colour("row_line"), 1))
        painter.drawLine(QPointF(rect.left(), rect.bottom() + 0.5), QPointF(rect.right(), rect.bottom() + 0.5))


def _cut(words: str, font: QFont, width: int) -> str:
    return QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, width)
