"""Keeping the screen out of pictures: on Windows no screenshot, recording or shared screen shows our windows.

Windows alone can do it (SetWindowDisplayAffinity); X11 and Wayland have nothing of the kind, and there the program says
so. A camera in front of the screen sees everything. It was written from Microsoft's documentation and tried with
recorded calls, not on a running Windows.
"""

from __future__ import annotations

import ctypes
import sys
from enum import StrEnum
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

WDA_NONE, WDA_MONITOR, WDA_EXCLUDEFROMCAPTURE = 0x00, 0x01, 0x11
BLOCK = (WDA_EXCLUDEFROMCAPTURE, WDA_MONITOR)  # not there at all; before Windows 10 2004 a black place


class Shield(Protocol):
    """What a system offers: set the affinity of one window, and say whether it obeyed."""

    def set_affinity(self, handle: int, affinity: int) -> bool:
        """True if the window has it now."""


class WindowsShield:
    """user32, for windows of this process."""

    def set_affinity(self, handle: int, affinity: int) -> bool:
        """One call of the system."""
        system: Any = getattr(ctypes, "windll", None)  # there on Windows alone
        return system is not None and bool(system.user32.SetWindowDisplayAffinity(handle, affinity))


class Blocking(StrEnum):
    """How things stand."""

    ON = "on"
    OFF = "off"
    NOT_HERE = "not here"  # this system cannot


def system_shield() -> Shield | None:
    """That of the running system, None if it has none."""
    return WindowsShield() if sys.platform == "win32" else None


class CaptureBlock(QObject):
    """Covers every window of the program, and each new one, menus and dialogs included, before it is seen.

    It is on until somebody switches it off, and on again at the next unlock: it is kept nowhere. `changed()` when it
    stands differently.
    """

    changed = Signal()

    def __init__(self, app: QCoreApplication, *, shield: Shield | None) -> None:
        super().__init__(app)
        self._shield, self._on = shield, True
        if shield is not None:
            app.installEventFilter(self)
            self._cover_all()

    @property
    def state(self) -> Blocking:
        """On, off, or not possible here."""
        if self._shield is None:
            return Blocking.NOT_HERE
        return Blocking.ON if self._on else Blocking.OFF

    def switch(self, on: bool) -> None:
        """Block, or allow pictures for a while: a training, a fault to be shown."""
        if on != self._on:
            self._on = on
            self._cover_all()
            self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A window that gets a handle or is about to be seen is covered."""
        if event.type() in (QEvent.Type.WinIdChange, QEvent.Type.Show) and isinstance(watched, QWidget):
            self._cover(watched)
        return False

    def _cover_all(self) -> None:
        for window in QApplication.topLevelWidgets():
            self._cover(window)

    def _cover(self, window: QWidget) -> None:
        if self._shield is None or not window.isWindow() or not window.internalWinId():
            return
        handle = int(window.winId())
        if not self._on:
            self._shield.set_affinity(handle, WDA_NONE)
        elif not any(self._shield.set_affinity(handle, affinity) for affinity in BLOCK):
            self._shield = None  # an old system, or one that does not compose: say so, and promise nothing
            self.changed.emit()


def capture_block() -> CaptureBlock:
    """That of this program; made, and on, when it is first asked for."""
    app = QApplication.instance()
    assert app is not None
    found = app.findChild(CaptureBlock)
    return found if isinstance(found, CaptureBlock) else CaptureBlock(app, shield=system_shield())
