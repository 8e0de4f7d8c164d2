"""Icons by what they mean, from the font that qtawesome brings; they follow the theme and never need a network."""

from __future__ import annotations

from functools import cache

import qtawesome
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from qtawesome.iconic_font import IconicFont

from app.ui import theme

_SET = "ph"
_GLYPHS = {
    "home": "house",
    "cases": "folder",
    "referrals": "arrows-left-right",
    "tasks": "check-square",
    "directory": "address-book",
    "task_force": "users-three",
    "reports": "chart-bar",
    "settings": "gear",
    "lock": "lock-simple",
    "sync": "arrows-clockwise",
    "add": "plus",
    "search": "magnifying-glass",
    "filter": "funnel",
    "columns": "columns",
    "print": "printer",
    "pdf": "file-pdf",
    "send": "paper-plane-tilt",
    "inbox": "tray",
    "hide": "eye-slash",
    "show": "eye",
    "help": "question",
    "keyboard": "keyboard",
    "person": "user",
    "import": "download-simple",
    "export": "upload-simple",
    "service": "first-aid",
    "note": "note",
    "legal": "scales",
    "consent": "handshake",
    "close": "x",
    "delete": "trash",
    "edit": "pencil-simple",
    "clock": "clock",
    "calendar": "calendar",
    "phone": "phone",
    "sign_out": "sign-out",
    "office": "buildings",
    "language": "globe",
    "offline": "wifi-slash",
    "upload": "cloud-arrow-up",
    "moon": "moon",
    "sun": "sun",
    "info": "info",
}
NAMES = tuple(_GLYPHS)


@cache
def _font() -> IconicFont:
    """Loaded at the first icon: one of qtawesome's fonts instead of all thirteen."""
    bundle = next(entry for entry in qtawesome._BUNDLED_FONTS if entry[0] == _SET)
    return IconicFont(bundle)


class _GlyphEngine(QIconEngine):
    """Draws a glyph in the colour the theme has at the moment of painting."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name, self._colour = name, colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        name = "faint" if mode == QIcon.Mode.Disabled else self._colour
        painter.save()
        painter.setPen(theme.current().colour(name))
        painter.setFont(_font().font(_SET, rect.height()))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _font().charmap[_SET][_GLYPHS[self._name]])
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return picture

    def clone(self) -> QIconEngine:
        return _GlyphEngine(self._name, self._colour)


def icon(name: str, *, colour: str = "muted") -> QIcon:
    """The icon for a meaning (see NAMES); `colour` is a name in theme.Colours. KeyError for an unknown meaning."""
    if name not in _GLYPHS:
        raise KeyError(name)
    return QIcon(_GlyphEngine(name, colour))
