"""After the export: the password, once."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.i18n import _
from app.ui import theme
from app.ui.clipboard import SECONDS, BriefClipboard
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, Chip, button, row, text

WIDTH = 560


class Done(QWidget):
    """`finished()` when the person has noted the words."""

    finished = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        above = parent.parentWidget() or parent
        self._clipboard = BriefClipboard(above)  # it outlives the dialog: the words go away all the same
        self._file = text("", role="muted", wrap=True)
        self.words = QLineEdit()
        self.words.setReadOnly(True)
        self.words.setAccessibleName(_("Password of the document"))
        label = text(_("Password of the document"), role="label")
        label.setBuddy(self.words)
        self._copied = text("", role="small", wrap=True)
        self.copy_button = button(_("Copy"), clicked=self.copy)
        close = button(_("Close"), kind="primary", clicked=self.finished.emit)
        self._secret = QWidget()
        inside = QVBoxLayout(self._secret)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.px(6))
        inside.addWidget(label)
        inside.addLayout(row(self.words, self.copy_button))
        advice = _("Shown once and kept nowhere. Tell it to the recipient by telephone, never in the same message.")
        inside.addWidget(text(advice, tone="warn", wrap=True))
        inside.addWidget(self._copied)
        card = Card()
        card.setMaximumWidth(theme.px(WIDTH))
        saved = Chip(_("Done"), tone=Tone.GOOD, mark="check")
        card.body.addLayout(row(text(_("The document is saved"), role="heading"), saved, None))
        card.body.addWidget(self._file)
        card.body.addWidget(self._secret)
        card.body.addLayout(row(None, close))
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addLayout(row(None, card, None))
        layout.addStretch(2)
        self.setFocusProxy(self.copy_button)
        card.setMinimumWidth(theme.px(WIDTH - 80))

    def tell(self, name: str, *, password: str, enclosed: bool = False) -> None:
        """Show the file's name and its password; a file without one says so, an age file how it is opened."""
        self._file.setText(name)
        self.words.setText(password)
        self.words.setCursorPosition(0)
        self._secret.setVisible(bool(password))
        if enclosed:
            how = _("It is an age file: `naungan report open FILE`, or any program that knows age, opens it.")
            self._file.setText(f"{name}\n{how}")
        if not password:
            self._file.setText(_("{name}: anybody can open it.").format(name=name))

    def copy(self) -> None:
        """Put the words on the clipboard for half a minute."""
        self._clipboard.put(self.words.text())
        self._copied.setText(_("Copied. The clipboard is emptied after {n} seconds.").format(n=SECONDS))
