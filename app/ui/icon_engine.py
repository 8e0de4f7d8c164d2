"""What drawn icons share: one engine that asks the theme for its colour at the moment of painting."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap

from app.ui import theme


class ThemedEngine(QIconEngine):
    """Draws `name` in `colour` (a name in theme.Colours); who inherits draws it in `paint`."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name, self._colour = name, colour

    def ink(self, mode: QIcon.Mode) -> QColor:
        """The colour now: faint for what cannot be pressed."""
        return theme.current().colour("faint" if mode == QIcon.Mode.Disabled else self._colour)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return picture

    def clone(self) -> Self:
        return type(self)(self._name, self._colour)
