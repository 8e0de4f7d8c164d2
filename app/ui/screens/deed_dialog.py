"""A dialog for one deed: what it means, a few fields perhaps, two buttons, and how it goes while it takes its time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.errors import KnownError, UserError
from app.i18n import _
from app.ui import problems, theme
from app.ui.widgets.basics import button, row, text
from app.ui.widgets.feedback import ProgressLine
from app.ui.workplace import Workplace

WIDTH = 460


class DeedDialog(QDialog):
    """Open it with `open()`; who inherits says in `save` what is done. `done_well()` when it is.

    `slow` is said over a bar while the deed runs: then the dialog stays until it is over.
    """

    done_well = Signal()

    def __init__(
        self, place: Workplace, *, title: str, action: str, parent: QWidget | None = None, slow: str = ""
    ) -> None:
        super().__init__(parent)
        self.place, self._slow, self._running = place, slow, False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(10))
        self.said = text("", tone="danger", wrap=True)
        self.said.hide()
        self.line = ProgressLine(slow)
        self.line.hide()
        self.button = button(action, kind="primary", clicked=self.save)
        self.cancel = button(_("Cancel"), clicked=self.reject)
        for one in (self.button, self.cancel):
            one.setAutoDefault(False)
        pad = theme.px(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(pad, pad, pad, theme.px(16))
        layout.setSpacing(theme.px(12))
        layout.addWidget(text(title, role="heading", wrap=True))
        layout.addLayout(self.body)
        layout.addWidget(self.line)
        layout.addWidget(self.said)
        layout.addLayout(row(None, self.cancel, self.button))
        self.setMinimumWidth(theme.px(WIDTH))

    def explain(self, sentences: Sequence[str]) -> None:
        """Say what the deed means, a paragraph each."""
        for words in sentences:
            self.body.addWidget(text(words, wrap=True))

    def save(self) -> None:
        """Do the deed."""

    def say(self, words: str) -> None:
        """A sentence above the buttons."""
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def do(self, deed: Callable[[], Any], *, said: str) -> None:
        """Run it behind the screen: a key takes its time to be worked out."""
        self.say("")
        self._run(True)

        def done(_result: Any) -> None:
            self._running = False
            self.place.say(said)
            self.done_well.emit()
            self.accept()

        self.place.save(deed, owner=self, then=done, failed=self.refused)

    def refused(self, error: Exception) -> None:
        """Say why not; the person may try again."""
        self._run(False)
        if isinstance(error, UserError | KnownError):
            self.say(problems.sentence(error))
        else:
            problems.show(self, error)

    def reject(self) -> None:
        if not self._running:
            super().reject()

    def _run(self, running: bool) -> None:
        self._running = running and bool(self._slow)
        self.button.setEnabled(not running)
        self.cancel.setEnabled(not self._running)
        self.line.setVisible(self._running)
        if self._running:
            self.line.show_progress(0, title=self._slow)


class Confirm(DeedDialog):
    """Says what a deed means and does it. `deed` runs behind the screen; `said` is told at the foot of the window."""

    def __init__(
        self,
        place: Workplace,
        asked: Sequence[str],
        *,
        deed: Callable[[], Any],
        said: str,
        grave: bool = False,
        **how: Any,
    ) -> None:
        super().__init__(place, **how)
        self._deed, self._done_words = deed, said
        theme.mark(self.button, kind="danger" if grave else "primary")
        self.explain(asked)

    def save(self) -> None:
        """Do it."""
        self.do(self._deed, said=self._done_words)
