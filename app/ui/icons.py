"""Icons by what they mean, from a font that qtawesome ships; they follow the theme and never need a network.

Only the font file is used: importing qtawesome costs 22 MiB and half a second that nobody would see.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QPainter

from app.paths import shipped_by
from app.ui.icon_engine import ThemedEngine

FONT, CHARACTERS = "phosphor-*.ttf", "phosphor-charmap-*.json"
_GLYPHS = {
    "home": "house",
    "cases": "folder",
    "referrals": "arrows-left-right",
    "conflicts": "git-diff",
    "tasks": "check-square",
    "directory": "address-book",
    "task_force": "users-three",
    "reports": "chart-bar",
    "audit": "list-bullets",
    "backup": "archive-box",
    "settings": "gear",
    "lock": "lock-simple",
    "laptop": "laptop",
    "attachment": "paperclip",
    "key": "key",
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
    "persons": "identification-card",
    "network": "share-network",
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


@dataclass(frozen=True)
class _Glyphs:
    """The icon font as Qt knows it, and which character draws what."""

    family: str
    characters: dict[str, str]


@cache
def _glyphs() -> _Glyphs:
    """Loaded at the first icon. FileNotFoundError when the font did not come with the program."""
    folder = shipped_by("qtawesome", "fonts")
    font, table = next(folder.glob(FONT), None), next(folder.glob(CHARACTERS), None)
    if font is None or table is None:
        raise FileNotFoundError(f"no icon font in {folder}")
    number = QFontDatabase.addApplicationFont(str(font))
    codes: dict[str, str] = json.loads(table.read_text(encoding="utf-8"))
    family = QFontDatabase.applicationFontFamilies(number)[0]
    return _Glyphs(family, {name: chr(int(codes[name], 16)) for name in _GLYPHS.values()})


class _GlyphEngine(ThemedEngine):
    """Draws a character of the icon font."""

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        painter.save()
        painter.setPen(self.ink(mode))
        glyphs = _glyphs()
        font = QFont(glyphs.family)
        font.setPixelSize(max(1, rect.height()))
        painter.setFont(font)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, glyphs.characters[_GLYPHS[self._name]])
        painter.restore()


def icon(name: str, *, colour: str = "muted") -> QIcon:
    """The icon for a meaning (see NAMES); `colour` is a name in theme.Colours. KeyError for an unknown meaning."""
    if name not in _GLYPHS:
        raise KeyError(name)
    return QIcon(_GlyphEngine(name, colour))
