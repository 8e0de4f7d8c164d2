"""How the program looks on this laptop before anybody has signed in: language, size, light or dark.

Kept in a small plain file beside the workspace; of people it names only who was here last, whom the door offers first
(the door names all who may come in anyway).
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app import i18n
from app.ui import theme

FILE = "screen.json"
SCHEMES = ("system", "light", "dark")


@dataclass(frozen=True)
class Look:
    """What a person chose for the screen."""

    language: str = "id"
    zone: str = "WIB"
    scale: int = 100
    scheme: str = "system"
    login: str = ""  # who was here last

    @property
    def is_dark(self) -> bool:
        """Whether the dark palette is meant; "system" asks the desktop."""
        if self.scheme == "system":
            return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return self.scheme == "dark"

    def dress(self, app: QApplication) -> None:
        """Make the program speak and look so, at once."""
        i18n.use(self.language, self.zone)
        wanted = theme.Theme(self.is_dark, min(max(self.scale, theme.SCALES[0]), theme.SCALES[-1]))
        if theme.current() != wanted or not app.styleSheet():
            theme.apply(app, dark=wanted.dark, scale=wanted.scale)


def read(directory: Path, *, language: str | None = None) -> Look:
    """What the file says, else the defaults; a damaged file is as good as none. `language` overrides it."""
    told: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        found = json.loads((directory / FILE).read_text(encoding="utf-8"))
        told = found if isinstance(found, dict) else {}
    return tidy(Look(), **{**told, **({"language": language} if language else {})})


def tidy(look: Look, **told: Any) -> Look:
    """The look with these values changed, as far as they make sense."""
    good: dict[str, Any] = {}
    if told.get("language") in i18n.LANGUAGES:
        good["language"] = told["language"]
    if told.get("zone") in i18n.ZONES:
        good["zone"] = told["zone"]
    if told.get("scale") in theme.SCALES:
        good["scale"] = told["scale"]
    if told.get("scheme") in SCHEMES:
        good["scheme"] = told["scheme"]
    if isinstance(told.get("login"), str):
        good["login"] = told["login"]
    return replace(look, **good)


def keep(look: Look, directory: Path) -> None:
    """Remember it for the next start; a medium that takes no writing only means that it is not remembered."""
    with suppress(OSError):
        (directory / FILE).write_text(json.dumps(asdict(look)), encoding="utf-8")
