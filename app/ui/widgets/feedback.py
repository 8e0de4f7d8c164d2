"""What the program says back: a band across the top, a bar that offers undo, progress, an empty place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.i18n import _
from app.ui import icons, theme
from app.ui.theme import Tone
from app.ui.widgets import marks
from app.ui.widgets.basics import button, text

UNDO_SECONDS = 10


class Banner(QFrame):
    """A band that stays: sample data, read-only, data older than known. `action` is an optional button."""

    def __init__(self, words: str, *, tone: str = Tone.INFO, action: QPushButton | None = None) -> None:
        super().__init__()
        theme.mark(self, role="banner", tone=tone)
        self.words = text(words, role="strong", tone=tone, wrap=True)
        sign = QLabel()
        sign.setPixmap(marks.icon(_SIGNS.get(Tone(tone), "dot"), colour=Tone(tone).value).pixmap(_square(14)))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(6), theme.px(22), theme.px(6))
        layout.setSpacing(theme.px(8))
        layout.addWidget(sign)
        layout.addWidget(self.words, 1)
        if action is not None:
            layout.addWidget(action)


_SIGNS = {Tone.WARN: "warning", Tone.DANGER: "stop", Tone.GOOD: "check"}


def _square(side: int) -> QSize:
    return QSize(theme.px(side), theme.px(side))


class Toast(QFrame):
    """A bar at the foot of a window that goes away by itself; with `undo` it offers to take the act back."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        theme.mark(self, role="toast")
        self._over = parent
        self._undo: Callable[[], object] | None = None
        self._words = text("", wrap=True)
        self.undo_button = button(_("Undo"), clicked=self._take_back)
        self.close_button = button(_("Close"), clicked=self.dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(16), theme.px(8), theme.px(8), theme.px(8))
        layout.setSpacing(theme.px(12))
        layout.addWidget(self._words, 1)
        layout.addWidget(self.undo_button)
        layout.addWidget(self.close_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        parent.installEventFilter(self)
        self.hide()

    def say(self, words: str, *, undo: Callable[[], object] | None = None, seconds: float = UNDO_SECONDS) -> None:
        """Show a sentence; the one before it, and its undo, is gone."""
        self._undo = undo
        self._words.setText(words)
        self.setAccessibleName(words)
        self.undo_button.setVisible(undo is not None)
        self._timer.start(round(seconds * 1000))
        self.show()
        self._place()
        self.raise_()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def dismiss(self) -> None:
        """Go away; the act stays done."""
        self._timer.stop()
        self._undo = None
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _take_back(self) -> None:
        undo = self._undo
        self.dismiss()
        if undo is not None:
            undo()

    def _place(self) -> None:
        window = self._over
        width = min(max(self.sizeHint().width(), theme.px(360)), window.width() - theme.px(32))
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((window.width() - width) // 2, window.height() - self.height() - theme.px(20))


class ProgressLine(QWidget):
    """What is going on, how far, and a bar; total 0 means nobody knows."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self._title, self._detail = text(title, role="heading"), text("", role="muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(title or _("Progress"))
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._detail)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addLayout(head)
        layout.addWidget(self.bar)

    def show_progress(self, done: int, *, total: int = 0, title: str | None = None, detail: str = "") -> None:
        """Move the bar; `detail` stands at the right: '9,1 dari 12,4 KB'."""
        if title is not None:
            self._title.setText(title)
            self.bar.setAccessibleName(title)
        self._detail.setText(detail)
        self.bar.setAccessibleDescription(detail)
        # Qt counts in 32 bits and bytes may be more
        self.bar.setRange(0, 1000 if total else 0)
        self.bar.setValue(min(1000, done * 1000 // total) if total else 0)


class EmptyState(QWidget):
    """A place where nothing is yet: what it is for, and the first thing to do."""

    def __init__(self, title: str, *, body: str = "", icon: str = "cases", action: QPushButton | None = None) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.px(8))
        layout.addStretch(1)
        for part in (_Picture(icon), text(title, role="heading", wrap=True), text(body, role="muted", wrap=True)):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(part)
        if action is not None:
            layout.addSpacing(theme.px(6))
            layout.addWidget(action, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)


class _Picture(QLabel):
    """An icon drawn large, in the colour of the theme also after a switch."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        self.setPixmap(icons.icon(self._name, colour="faint").pixmap(_square(44)))
