"""A dialog for one deed: what it means, a few fields perhaps, two buttons, and how it goes while it takes its time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QScrollArea, QVBoxLayout, QWidget

from app.i18n import _
from app.ui import problems, theme
from app.ui.widgets.basics import button, row, text
from app.ui.widgets.feedback import ProgressLine
from app.ui.workplace import Workplace

WIDTH = 460
EDGE = 40  # what stays free of the window around it


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
        self._ground = QWidget()
        theme.mark(self._ground, role="body")
        self.body = QVBoxLayout(self._ground)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.px(10))
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._ground)
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
        layout.addWidget(self._area, 1)
        layout.addWidget(self.line)
        layout.addWidget(self.said)
        layout.addLayout(row(None, self.cancel, self.button))
        self.setMinimumWidth(theme.px(WIDTH))

    def showEvent(self, event: QShowEvent) -> None:
        """As high as its words need at this width, and the keyboard at the first field."""
        super().showEvent(event)
        self.fit()
        fields = [one for one in self._ground.findChildren(QWidget) if one.window() is self and _takes_keys(one)]
        (fields[0] if fields else self.cancel).setFocus()

    def fit(self) -> None:
        """Be as high as everything in it needs, but no higher than the window below."""
        layout = self.layout()
        if layout is None or not self.isVisible():
            return
        above = self.parentWidget()
        most = (above.height() if above is not None else self.screen().availableGeometry().height()) - theme.px(EDGE)
        self._area.setMinimumHeight(0)
        inner = self.width() - layout.contentsMargins().left() - layout.contentsMargins().right()
        wanted = self.body.totalHeightForWidth(inner)  # -1 where no words have to break
        wanted = wanted if wanted >= 0 else self.body.totalSizeHint().height()
        others = layout.totalHeightForWidth(self.width()) - self._area.sizeHint().height()
        self.resize(self.width(), min(others + wanted, most))

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
        self.fit()

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
        problems.tell(self, error, at=self.say)

    def reject(self) -> None:
        if not self._running:
            super().reject()

    def _run(self, running: bool) -> None:
        self._running = running and bool(self._slow)
        self.button.setEnabled(not running)
        self.cancel.setEnabled(not self._running)
        self.line.setVisible(self._running)
        self.fit()
        if self._running:
            self.line.show_progress(0, title=self._slow)


def _takes_keys(widget: QWidget) -> bool:
    """Whether Tab stops here; a frame that hands the keyboard on does not."""
    policy = widget.focusPolicy()
    return bool(policy & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None and not widget.isHidden()


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
