"""A field for a password, with a word when Caps Lock seems to be on and a box to look at what was typed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from app.i18n import _
from app.ui import theme
from app.ui.widgets.basics import only_if, text


class PasswordField(QWidget):
    """`entered()` on Enter, `edited()` on every letter. The field takes the keyboard and carries the name."""

    entered = Signal()
    edited = Signal()

    def __init__(self, label: str, *, may_show: bool = True) -> None:
        super().__init__()
        self.line = _Line()
        self.line.setAccessibleName(label)
        self.setFocusProxy(self.line)
        name = text(label, role="label")
        name.setBuddy(self.line)
        self.hint = text(_("Caps Lock seems to be on."), role="small", tone="warn")
        self.hint.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(4))
        for part in (name, self.line, self.hint):
            layout.addWidget(part)
        self.peek = QCheckBox(_("Show what I type"))
        self.peek.toggled.connect(self._show)
        layout.addWidget(self.peek)
        only_if(may_show, self.peek)
        self.line.caps_seen.connect(self.hint.setVisible)
        self.line.returnPressed.connect(self.entered)
        self.line.textEdited.connect(lambda _words: self.edited.emit())

    def text(self) -> str:
        """What was typed."""
        return self.line.text()

    def put(self, words: str, *, shown: bool = False) -> None:
        """Put words in; `shown` makes them readable."""
        self.line.setText(words)
        self.peek.setChecked(shown)
        self._show(shown)

    def clear(self) -> None:
        """Empty the field."""
        self.line.clear()

    def _show(self, on: bool) -> None:
        self.line.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)


class _Line(QLineEdit):
    """Qt knows no state of Caps Lock; a letter that does not fit Shift tells it."""

    caps_seen = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhHiddenText
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        letter = event.text()
        if event.key() == Qt.Key.Key_CapsLock:
            self.caps_seen.emit(False)  # whatever it was, it is another now: the next letter tells
        elif len(letter) == 1 and letter.isalpha() and letter.upper() != letter.lower():
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps_seen.emit(letter.isupper() != shifted)
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.caps_seen.emit(False)
