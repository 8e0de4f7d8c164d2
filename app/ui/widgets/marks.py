"""Small drawn signs: tick, cross, warning, arrow. Open Sans has no glyphs for them, so they are paths."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen

from app.ui.icon_engine import ThemedEngine

_STROKES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "check": (((3.5, 8.5), (6.8, 11.6), (12.5, 4.8)),),
    "cross": (((4, 4), (12, 12)), ((12, 4), (4, 12))),
    "down": (((3.5, 6), (8, 10.5), (12.5, 6)),),
    "right": (((6, 3.5), (10.5, 8), (6, 12.5)),),
    "arrow": (((2.5, 8), (13, 8)), ((9, 4), (13, 8), (9, 12))),
    "plus": (((8, 3), (8, 13)), ((3, 8), (13, 8))),
    "warning": (((8, 2.2), (14.2, 13.4), (1.8, 13.4), (8, 2.2)), ((8, 6.4), (8, 9.6)), ((8, 11.6), (8, 11.7))),
    "stop": (((5, 1.8), (11, 1.8), (14.2, 5), (14.2, 11), (11, 14.2), (5, 14.2), (1.8, 11), (1.8, 5), (5, 1.8)),
             ((8, 4.8), (8, 8.6)), ((8, 11.2), (8, 11.3))),
    "shield": (((8, 1.8), (13.4, 3.9), (13.2, 8.6), (11.4, 11.8), (8, 14.2), (4.6, 11.8), (2.8, 8.6), (2.6, 3.9),
                (8, 1.8)),),
    "lock": (((3.8, 7.4), (12.2, 7.4), (12.2, 13.6), (3.8, 13.6), (3.8, 7.4)),
             ((5.4, 7.4), (5.4, 5), (6.2, 3.3), (8, 2.6), (9.8, 3.3), (10.6, 5), (10.6, 7.4))),
}  # fmt: skip
NAMES = (*_STROKES, "dot")


def paint(painter: QPainter, rect: QRectF, *, name: str, colour: QColor, width: float = 1.7) -> None:
    """Draw a sign into the middle of a rectangle, as large as its shorter side."""
    side = min(rect.width(), rect.height())
    corner = rect.center() - QPointF(side / 2, side / 2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(corner)
    painter.scale(side / 16, side / 16)
    if name == "dot":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(8, 8), 5, 5)
    else:
        pen = QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(_path(name), pen)
    painter.restore()


def _path(name: str) -> QPainterPath:
    path = QPainterPath()
    for stroke in _STROKES[name]:
        path.moveTo(*stroke[0])
        for point in stroke[1:]:
            path.lineTo(*point)
    return path


class _MarkEngine(ThemedEngine):
    """Draws a sign."""

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        paint(painter, QRectF(rect), name=self._name, colour=self.ink(mode))


def icon(name: str, *, colour: str = "muted") -> QIcon:
    """A sign as an icon; `colour` is a name in theme.Colours."""
    return QIcon(_MarkEngine(name, colour))
