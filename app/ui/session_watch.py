"""Notices that nobody is at the laptop any more: its session was locked, or it goes to sleep.

What the system tells comes from session_dbus.py (Linux) or session_windows.py, one interface: a QObject with `left()`,
`start()` and `stop()`. Where the system tells nothing, a clock that jumped does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QTimer, Signal

if sys.platform == "linux":
    from app.ui.session_dbus import SystemWatch
elif sys.platform == "win32":
    from app.ui.session_windows import SystemWatch
else:
    SystemWatch = None

TICK_MS = 5_000
JUMP = timedelta(seconds=60)


class SessionWatch(QObject):
    """`left()` when the session was locked or the laptop slept; what it means is for others to know.

    A jump of the clock by more than 60 s between two ticks of 5 s is taken for sleep. Somebody who sets the clock is
    asked for the password once: that is cheaper than an open workspace in a closed bag.
    """

    left = Signal()

    def __init__(self, parent: QObject, *, now: Callable[[], datetime]) -> None:
        super().__init__(parent)
        self._now, self._seen = now, now()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.system = SystemWatch(self) if SystemWatch is not None else None
        if self.system is not None:
            self.system.left.connect(self.left)

    def start(self) -> None:
        """Watch from now on."""
        self._seen = self._now()
        self._timer.start()
        if self.system is not None:
            self.system.start()

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()
        if self.system is not None:
            self.system.stop()

    def _tick(self) -> None:
        before, self._seen = self._seen, self._now()
        if abs(self._seen - before) > JUMP:
            self.left.emit()
