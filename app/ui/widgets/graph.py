"""A drawn graph: people round, cases square, ties between them. Wheel and keys zoom, arrows choose, Enter opens.

What stands in it is told as text by whoever shows it: a table beside it says the same to those who do not see it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsItem, QGraphicsScene, QGraphicsView, QStyleOptionGraphicsItem, QWidget

from app.ui import icons, theme
from app.ui.theme import Tone
from app.ui.widgets.badges import RADIUS, Badge, draw_badge

NODE, SQUARE = 23.0, 20.0  # radius of a person, half the side of a case
CLOSEST, FARTHEST, STEP = 2.5, 0.2, 1.2
LINES = 28.0  # room for what is written below a node
LABEL = 150.0
WIDEST, CROWD = 1.7, 30  # how far it is pulled; from so many nodes on it is not pressed, and names wait to be asked


@dataclass(frozen=True)
class GraphNode:
    """One node: `inside` stands in it, `below` under it, `spoken` is what is said of it when it is chosen."""

    id: str
    is_round: bool
    inside: str
    below: str
    spoken: str
    at: tuple[float, float]
    tone: str = Tone.NEUTRAL
    badges: Sequence[Badge] = ()
    is_centre: bool = False
    icon: str = ""  # drawn in it, where there are no letters


@dataclass(frozen=True)
class GraphTie:
    """A line between two nodes; one with a label is dashed."""

    first: str
    second: str
    label: str = ""


class GraphView(QGraphicsView):
    """`chosen(id)` when another node is the chosen one, `opened(id)` by Enter or a double click."""

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sheet = QGraphicsScene(self)
        self.setScene(self._sheet)
        self.nodes: dict[str, _NodeItem] = {}
        self.ties: list[_TieItem] = []
        self.current = ""
        self._fitted = True  # until the person zooms
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)

    def show_graph(self, nodes: Sequence[GraphNode], ties: Sequence[GraphTie]) -> None:
        """Show this; the same node stays chosen, else the centre is."""
        self._sheet.clear()
        self.nodes = {node.id: _NodeItem(node) for node in nodes}
        self.ties = [_TieItem(tie, self.nodes[tie.first].pos(), self.nodes[tie.second].pos()) for tie in ties]
        for item in (*self.ties, *self.nodes.values()):
            self._sheet.addItem(item)
        kept = self.current if self.current in self.nodes else next((n.id for n in nodes if n.is_centre), "")
        self.current = ""
        self.choose(kept)
        self.fit()

    def choose(self, node: str) -> None:
        """Make a node the chosen one: it and its ties stand out."""
        if node not in self.nodes or node == self.current:
            return
        self.current = node
        beside = {end for item in self.ties if node in item.ends for end in item.ends}
        for each, item in self.nodes.items():
            item.is_chosen, item.is_far = each == node, bool(beside) and each not in beside
            item.is_quiet = item.is_far and self._is_crowded and item.node.is_round
        for tie in self.ties:
            tie.is_lit = node in tie.ends
            tie.setZValue(1 if tie.is_lit else 0)
        self.setAccessibleDescription(self.nodes[node].node.spoken)
        if self.hasFocus():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.ensureVisible(self.nodes[node], 20, 20)
        self.viewport().update()
        self.chosen.emit(node)

    def fit(self) -> None:
        """All of it, as large as it goes, but no larger than it was meant."""
        self._fitted = True
        self._spread()
        box = self._sheet.itemsBoundingRect().adjusted(-16, -16, 16, 16)
        self.resetTransform()
        if box.width() > 0 and box.height() > 0:
            room = self.viewport().rect()
            most = 1.25 * theme.current().scale / 100
            scale = min(room.width() / box.width(), room.height() / box.height(), most)
            self.scale(max(scale, 0.05), max(scale, 0.05))
            self.centerOn(box.center())

    @property
    def _is_crowded(self) -> bool:
        return len(self.nodes) > CROWD

    def _spread(self) -> None:
        """Pull the whole wider or higher, so that it has the shape of the room it is shown in."""
        if not self.nodes:
            return
        xs, ys = zip(*(item.node.at for item in self.nodes.values()), strict=True)
        room = self.viewport().rect()
        across, down = max(max(xs) - min(xs), 1.0), max(max(ys) - min(ys), 1.0)
        least = 1.0 if self._is_crowded else 0.7
        wide = min(max((room.width() - LABEL) / across, least), WIDEST)
        scale = min(room.width() / (across * wide + LABEL), 1.0)
        high = min(max((room.height() / scale - 4 * NODE - LINES) / down, least), WIDEST)
        for item in self.nodes.values():
            item.setPos(item.node.at[0] * wide, item.node.at[1] * high)
        for tie in self.ties:
            tie.stretch(self.nodes[tie.tie.first].pos(), self.nodes[tie.tie.second].pos())
        box = self._sheet.itemsBoundingRect()
        self._sheet.setSceneRect(box.adjusted(-box.width(), -box.height(), box.width(), box.height()))

    def zoom(self, factor: float) -> None:
        """Nearer or further."""
        now = self.transform().m11()
        wanted = min(max(now * factor, FARTHEST), CLOSEST)
        self._fitted = False
        self.scale(wanted / now, wanted / now)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in ways:
            self._go(*ways[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current:
            self.opened.emit(self.current)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(STEP if event.angleDelta().y() > 0 else 1 / STEP)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if (node := self._at(event)) is not None:
            self.choose(node)
        super().mousePressEvent(event)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if (node := self._at(event)) is not None:
            self.opened.emit(node)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        painter.fillRect(rect, theme.current().colour("card"))

    def _at(self, event: QMouseEvent) -> str | None:
        found = self.itemAt(event.position().toPoint())
        return found.node.id if isinstance(found, _NodeItem) else None

    def _go(self, across: int, down: int) -> None:
        """To the nearest node in a direction."""
        here = self.nodes[self.current].pos() if self.current in self.nodes else QPointF()
        best, nearest = "", math.inf
        for node, item in self.nodes.items():
            way = item.pos() - here
            ahead = way.x() * across + way.y() * down
            aside = abs(way.x() * down) + abs(way.y() * across)
            if node != self.current and ahead > 1 and ahead + 2 * aside < nearest:
                best, nearest = node, ahead + 2 * aside
        self.choose(best)


class _NodeItem(QGraphicsItem):
    """Draws a node, with its badges and what is written under it."""

    def __init__(self, node: GraphNode) -> None:
        super().__init__()
        self.node, self.is_chosen, self.is_far, self.is_quiet = node, False, False, False
        self.setPos(*node.at)
        self.setZValue(2)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def boundingRect(self) -> QRectF:
        return QRectF(-LABEL / 2, -NODE - 8, LABEL, 2 * NODE + 16 + LINES)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:  # fmt: skip
        look, node = theme.current(), self.node
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("card"))
        self._outline(painter, 0)  # a tie ends at what is faint, too
        painter.setOpacity(0.6 if self.is_far else 1.0)
        ink, ground = look.tone(node.tone)
        if node.is_centre:
            ink, ground = look.colour("on_accent"), look.colour("accent")
        if self.is_chosen:
            view = widget.parentWidget() if widget is not None else None
            painter.setPen(QPen(look.colour("accent"), 3 if view is not None and view.hasFocus() else 1.5))
            painter.setBrush(look.colour("card"))
            self._outline(painter, 5)
        painter.setPen(QPen(ink if not node.is_centre else ground, 1.5))
        painter.setBrush(ground)
        self._outline(painter, 0)
        painter.setPen(ink)
        painter.setFont(_font(12, QFont.Weight.DemiBold))
        painter.drawText(QRectF(-NODE, -NODE, 2 * NODE, 2 * NODE), Qt.AlignmentFlag.AlignCenter, node.inside)
        if node.icon:
            colour = "on_accent" if node.is_centre else Tone(node.tone).value
            icons.icon(node.icon, colour=colour).paint(painter, QRect(-10, -10, 20, 20))
        for at, badge in enumerate(node.badges):
            draw_badge(painter, QPointF(NODE - 3 - at * 2 * RADIUS, NODE - 4), badge)
        if node.below and not self.is_quiet:
            self._write_below(painter)

    def _write_below(self, painter: QPainter) -> None:
        """On a ground of its own: ties run under it."""
        look = theme.current()
        painter.setFont(_font(11))
        metrics = QFontMetricsF(painter.font())
        words = metrics.elidedText(self.node.below, Qt.TextElideMode.ElideRight, LABEL)
        half = metrics.horizontalAdvance(words) / 2 + 2
        ground = look.colour("card")
        ground.setAlphaF(0.85)
        painter.fillRect(QRectF(-half, NODE + 6, 2 * half, metrics.height()), ground)
        painter.setPen(look.colour("text"))
        under = QRectF(-LABEL / 2, NODE + 6, LABEL, LINES - 8)
        painter.drawText(under, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, words)

    def _outline(self, painter: QPainter, more: float) -> None:
        if self.node.is_round:
            painter.drawEllipse(QPointF(), NODE + more, NODE + more)
        else:
            side = SQUARE + more
            painter.drawRoundedRect(QRectF(-side, -side, 2 * side, 2 * side), 6 + more / 2, 6 + more / 2)


class _TieItem(QGraphicsItem):
    """Draws a line, with its label in the middle."""

    def __init__(self, tie: GraphTie, first: QPointF, second: QPointF) -> None:
        super().__init__()
        self.tie, self.is_lit = tie, False
        self.ends = frozenset((tie.first, tie.second))
        self._line = first, second

    def stretch(self, first: QPointF, second: QPointF) -> None:
        """Its ends moved."""
        self.prepareGeometryChange()
        self._line = first, second

    def boundingRect(self) -> QRectF:
        return QRectF(*self._line).normalized().adjusted(-LABEL / 2, -12, LABEL / 2, 12)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:  # fmt: skip
        look = theme.current()
        pen = QPen(look.colour("accent" if self.is_lit else "warn" if self.tie.label else "faint"), 1.6)
        painter.setOpacity(1.0 if self.is_lit or self.tie.label else 0.55)
        if self.tie.label:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(*self._line)
        if not self.tie.label:
            return
        painter.setFont(_font(10, QFont.Weight.DemiBold))
        ink, ground = look.tone(Tone.WARN)
        metrics = QFontMetricsF(painter.font())
        words = metrics.elidedText(self.tie.label, Qt.TextElideMode.ElideRight, LABEL - 16)
        wide, high = metrics.horizontalAdvance(words) + 14, metrics.height() + 2
        middle = (self._line[0] + self._line[1]) / 2
        pill = QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(pill, high / 2, high / 2)
        painter.setPen(ink)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)


def _font(size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """In the units of the sheet, which is scaled as a whole."""
    font = QFont(theme.FAMILY)
    font.setPixelSize(round(size))
    font.setWeight(weight)
    return font
