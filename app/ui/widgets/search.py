"""Search as you type, without a question to the database for every letter."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QWidget

from app.ui import icons
from app.ui.widgets.basics import show_keys

DEBOUNCE_MS = 150


class SearchField(QLineEdit):
    """`searched(text)` 150 ms after the last letter, at once on Enter; Ctrl+F comes here, Esc empties it."""

    searched = Signal(str)

    def __init__(self, *, name: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said = ""
        self.setAccessibleName(name)
        self.setPlaceholderText(f"{hint or name}   ({show_keys('Ctrl+F')})")
        self.setClearButtonEnabled(True)
        self.addAction(icons.icon("search", colour="faint"), QLineEdit.ActionPosition.LeadingPosition)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self.search_now)
        self.textChanged.connect(lambda _text: self._timer.start())
        self.returnPressed.connect(self.search_now)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.come_here)

    def come_here(self) -> None:
        """Take the keyboard, with what is written selected."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def search_now(self) -> None:
        """Say what is written, unless it was said already."""
        self._timer.stop()
        words = " ".join(self.text().split())
        if words != self._said:
            self._said = words
            self.searched.emit(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.search_now()
            return
        super().keyPressEvent(event)
