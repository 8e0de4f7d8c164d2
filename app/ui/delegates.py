"""How a row of a list is drawn: a hairline below, an accent tint when chosen, words in their tone."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from app.ui import theme
from app.ui.table import MarkRole, StyleRole, ToneRole
from app.ui.theme import Tone
from app.ui.widgets import marks

ROW_HEIGHT = 38
Index = QModelIndex | QPersistentModelIndex


class RowDelegate(QStyledItemDelegate):
    """Paints one cell; knows no record, only text, tone and style."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, rect = theme.current(), option.rect
        painter.save()
        painter.fillRect(rect, _ground(option, index))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), look.colour("row_line"))
        if _is_focused_row(option, index) and index.column() == _first_column(option.widget):
            painter.fillRect(QRect(rect.left(), rect.top(), look.px(3), rect.height()), look.colour("accent"))
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        tone, style = index.data(ToneRole), str(index.data(StyleRole) or "plain")
        if text and style == "chip":
            draw_chip(painter, rect.adjusted(look.px(8), 0, -look.px(4), 0), text=text, tone=tone or Tone.NEUTRAL)
        elif text:
            rect = _draw_mark(painter, rect, name=str(index.data(MarkRole) or ""), tone=tone)
            _draw_words(painter, rect, text=text, style=style, tone=tone, alignment=_alignment(index))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics = QFontMetrics(theme.current().font())
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        return QSize(metrics.horizontalAdvance(text) + theme.px(24), theme.px(ROW_HEIGHT))


def draw_chip(painter: QPainter, rect: QRect, *, text: str, tone: str) -> int:
    """A pill with a word in it, at the left of a rectangle and no wider than it; the width it took."""
    look = theme.current()
    font = look.font(11, weight=QFont.Weight.DemiBold)
    metrics = QFontMetrics(font)
    pad, height = look.px(9), metrics.height() + look.px(4)
    width = min(metrics.horizontalAdvance(text) + 2 * pad, rect.width())
    pill = QRectF(rect.left(), rect.center().y() - height / 2 + 1, width, height)
    ink, ground = look.tone(tone)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(pill, height / 2, height / 2)
    painter.setPen(ink)
    painter.setFont(font)
    words = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(width - 2 * pad) + 1)
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)
    return width


def _draw_mark(painter: QPainter, rect: QRect, *, name: str, tone: str | None) -> QRect:
    """A sign before the words; what is left for them."""
    if not name:
        return rect
    look = theme.current()
    side = look.px(13)
    sign = QRectF(rect.left() + look.px(8), rect.center().y() - side / 2 + 1, side, side)
    marks.paint(painter, sign, name=name, colour=look.tone(tone or Tone.NEUTRAL)[0], width=1.9)
    return rect.adjusted(side + look.px(6), 0, 0, 0)


def _draw_words(
    painter: QPainter, rect: QRect, *, text: str, style: str, tone: str | None, alignment: Qt.AlignmentFlag
) -> None:
    look = theme.current()
    font = look.font(weight=QFont.Weight.DemiBold if style == "strong" else QFont.Weight.Normal)
    room = rect.adjusted(look.px(8), 0, -look.px(8), 0)
    painter.setFont(font)
    painter.setPen(look.tone(tone)[0] if tone else look.colour("muted" if style == "muted" else "text"))
    words = QFontMetrics(font).elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, alignment | Qt.TextFlag.TextSingleLine, words)


def _ground(option: QStyleOptionViewItem, index: Index) -> QColor:
    look = theme.current()
    if option.state & QStyle.StateFlag.State_Selected:
        return look.colour("accent_tint")
    if option.state & QStyle.StateFlag.State_MouseOver:
        return look.colour("row_line")
    return look.colour("zebra" if index.row() % 2 else "card")


def _is_focused_row(option: QStyleOptionViewItem, index: Index) -> bool:
    view = option.widget
    return isinstance(view, QTableView) and view.hasFocus() and view.currentIndex().row() == index.row()


def _first_column(view: object) -> int:
    """The column furthest left, after the person has moved or hidden columns."""
    if not isinstance(view, QTableView):
        return 0
    header = view.horizontalHeader()
    shown = (header.logicalIndex(place) for place in range(header.count()))
    return next((column for column in shown if not header.isSectionHidden(column)), 0)


def _alignment(index: Index) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag(int(index.data(Qt.ItemDataRole.TextAlignmentRole) or 0))
