"""Small signs of a part in a case: a shape and a letter each, so that colour never speaks alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.theme import Tone
from app.ui.widgets.basics import row, text

RADIUS = 9.0
_CORNERS = {"square": 4, "diamond": 4, "triangle": 3, "hexagon": 6, "pentagon": 5}  # anything else is round


@dataclass(frozen=True)
class Badge:
    """A shape, a letter in it, and the words behind both."""

    shape: str
    letter: str
    words: str
    tone: str = Tone.NEUTRAL


def draw_badge(painter: QPainter, at: QPointF, badge: Badge) -> None:
    """Around a point, about twice RADIUS wide."""
    look = theme.current()
    ink, _ground = look.tone(badge.tone)
    painter.setPen(QPen(look.colour("card"), 1.5))
    painter.setBrush(ink)
    corners = _CORNERS.get(badge.shape, 0)
    if corners:
        turn = math.pi / 4 if badge.shape == "square" else 0
        far = RADIUS * (1.25 if corners < 5 else 1.1)
        points = [
            QPointF(at.x() + far * math.sin(turn + 2 * math.pi * n / corners),
                    at.y() - far * math.cos(turn + 2 * math.pi * n / corners))
            for n in range(corners)
        ]  # fmt: skip
        painter.drawPolygon(QPolygonF(points))
    else:
        painter.drawEllipse(at, RADIUS, RADIUS)
    font = QFont(theme.FAMILY)
    font.setPixelSize(10 if len(badge.letter) == 1 else 8)
    font.setWeight(QFont.Weight.Bold)
    painter.setFont(font)
    painter.setPen(look.colour("card"))
    lower = 1.5 if corners == 3 else 0
    room = QRectF(at.x() - RADIUS, at.y() - RADIUS + lower, 2 * RADIUS, 2 * RADIUS)
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, badge.letter)


class BadgeKey(QWidget):
    """A badge with its words beside it, for the key of a drawing."""

    def __init__(self, badge: Badge) -> None:
        super().__init__()
        self.setLayout(row(_Drawn(badge), text(badge.words, role="small"), gap=5))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class _Drawn(QWidget):
    def __init__(self, badge: Badge) -> None:
        super().__init__()
        self._badge = badge
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        side = theme.px(2.6 * RADIUS)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(theme.px(100) / 100, theme.px(100) / 100)
        draw_badge(painter, QPointF(1.3 * RADIUS, 1.3 * RADIUS), self._badge)
        painter.end()
