"""Notices when nobody has touched keyboard or mouse for a while."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel,
        QEvent.Type.TouchBegin, QEvent.Type.TabletPress,
    }
)  # fmt: skip


class IdleWatch(QObject):
    """`idle()` once when nobody touched any window of the program for so many seconds; 0 seconds switches it off.

    It listens at the windows, not at the whole program: a filter on every event would cost more than it is worth.
    """

    idle = Signal()

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__(app)
        self._limit = 0
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        self._watched: set[int] = set()
        app.focusWindowChanged.connect(self.watch)

    def start(self, seconds: int) -> None:
        """Count from now."""
        self._limit = max(0, round(seconds * 1000))
        self._since.start()
        self._timer.stop()
        if self._limit:
            self._timer.start(self._limit)

    def stop(self) -> None:
        """Count no more."""
        self._limit = 0
        self._timer.stop()

    def watch(self, window: QWindow | None) -> None:
        """Listen at a window; the program's windows come here by themselves when they get the keyboard."""
        if window is not None and id(window) not in self._watched:
            self._watched.add(id(window))
            key = id(window)
            window.destroyed.connect(lambda _gone=None: self._watched.discard(key))
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHES:
            self._since.restart()
        return False

    def _look(self) -> None:
        """The timer runs the whole limit; touches in between only move the moment it counts from."""
        if not self._limit:
            return
        left = self._limit - self._since.elapsed()
        if left > 0:
            self._timer.start(int(left) + 1)
        else:
            self._limit = 0
            self.idle.emit()
