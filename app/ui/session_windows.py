"""What Windows tells its windows: the session was locked or left, the laptop goes to sleep.

It was written from Microsoft's documentation and tried with messages made by hand, not on a running Windows.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from ctypes import wintypes
from typing import Any

from PySide6.QtCore import QAbstractNativeEventFilter, QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QWidget

WM_POWERBROADCAST, PBT_APMSUSPEND = 0x0218, 0x0004
WM_WTSSESSION_CHANGE = 0x02B1
WTS_CONSOLE_DISCONNECT, WTS_REMOTE_DISCONNECT, WTS_SESSION_LOGOFF, WTS_SESSION_LOCK = 0x2, 0x4, 0x6, 0x7
NOTIFY_FOR_THIS_SESSION = 0
LEFT = {
    WM_POWERBROADCAST: {PBT_APMSUSPEND},
    WM_WTSSESSION_CHANGE: {WTS_CONSOLE_DISCONNECT, WTS_REMOTE_DISCONNECT, WTS_SESSION_LOGOFF, WTS_SESSION_LOCK},
}


def says_left(message: wintypes.MSG) -> bool:
    """Whether this message means that nobody is at the laptop any more."""
    return message.wParam in LEFT.get(message.message, ())


class _Filter(QAbstractNativeEventFilter):
    def __init__(self, heard: Callable[[], None]) -> None:
        super().__init__()
        self._heard = heard

    def nativeEventFilter(self, kind: Any, message: int) -> Any:
        if bytes(kind) == b"windows_generic_MSG" and says_left(wintypes.MSG.from_address(int(message))):
            self._heard()
        return False, 0


class SystemWatch(QObject):
    """`left()` on each of these. It needs a window to be told: one of its own, which nobody sees."""

    left = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._filter = _Filter(self.left.emit)
        self._window: QWidget | None = None

    def start(self) -> None:
        """Be told."""
        if self._window is not None:
            return
        self._window = QWidget()
        handle = int(self._window.winId())
        if sys.platform == "win32":
            ctypes.windll.wtsapi32.WTSRegisterSessionNotification(wintypes.HWND(handle), NOTIFY_FOR_THIS_SESSION)
        application = QCoreApplication.instance()
        assert application is not None
        application.installNativeEventFilter(self._filter)

    def stop(self) -> None:
        """Be told no more."""
        window, self._window = self._window, None
        if window is None:
            return
        application = QCoreApplication.instance()
        assert application is not None
        application.removeNativeEventFilter(self._filter)
        if sys.platform == "win32":
            ctypes.windll.wtsapi32.WTSUnRegisterSessionNotification(wintypes.HWND(int(window.winId())))
        window.deleteLater()
