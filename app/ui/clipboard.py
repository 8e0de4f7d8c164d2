"""Secrets on the clipboard, for half a minute."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication

SECONDS = 30


class BriefClipboard(QObject):
    """Puts words on the clipboard and takes them away after 30 seconds, unless something else is there by then."""

    def __init__(self, parent: QObject, *, seconds: float = SECONDS) -> None:
        super().__init__(parent)
        self._words = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(round(seconds * 1000))
        self._timer.timeout.connect(self.wipe)

    def put(self, words: str) -> None:
        """Copy, and start counting."""
        self._words = words
        QGuiApplication.clipboard().setText(words)
        self._timer.start()

    def wipe(self) -> None:
        """Take our words away now."""
        self._timer.stop()
        if self._words and QGuiApplication.clipboard().text() == self._words:
            QGuiApplication.clipboard().clear()
        self._words = ""
