"""What an import shows while it works, when it is done, and when it was left in the middle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import _, format_number, ngettext
from app.services.desk import Saved
from app.services.drafts import SavedDraft
from app.ui.jobs import Job, Lane, Progress, Step
from app.ui.screens.import_file import ask_undo
from app.ui.theme import Tone
from app.ui.widgets.basics import button, row
from app.ui.widgets.feedback import Banner, EmptyState, ProgressLine
from app.ui.widgets.flow import empty
from app.ui.workplace import Workplace


class Running(QWidget):
    """Runs one thing at a time behind the screen, with a bar and a way to stop it. A lock stops it too.

    `busy(bool)` when it begins and ends, `failed(error)`.
    """

    busy = Signal(bool)
    failed = Signal(object)

    def __init__(self, place: Workplace, *, owner: QWidget) -> None:
        super().__init__()
        self.place, self._owner = place, owner
        self._job: Job | None = None
        self.line = ProgressLine()
        self.stop = button(_("Stop"), clicked=self._stop)
        layout = row(self.line, self.stop, gap=12)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.hide()

    @property
    def is_on(self) -> bool:
        """Whether something is being done."""
        return self._job is not None

    def run(
        self, words: str, work: Callable[[Progress], Any], *, then: Callable[[Any], None] | None = None,
        lane: Lane = "aside", ended: Callable[[], None] | None = None,
    ) -> Job:  # fmt: skip
        """Do it; `ended()` comes however it ended. What is stopped leaves nothing half done."""

        def over() -> None:
            self._job = None
            self.hide()
            self.busy.emit(False)
            if ended is not None:
                ended()

        job = self.place.jobs.run(
            work, then=then, failed=self.failed.emit, lane=lane, progress=self._show_step, owner=self._owner
        )
        job.is_reading = True
        job.when_ended(over)
        self._job = job
        self.line.show_progress(0, title=words)
        self.stop.setEnabled(True)
        self.show()
        self.stop.setFocus()
        self.busy.emit(True)
        return job

    def _show_step(self, step: Step) -> None:
        told = _("{done} of {total}").format(done=format_number(step.done), total=format_number(step.total))
        self.line.show_progress(step.done, total=step.total, detail=told)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        if self._job is not None:
            self._job.cancel()


class DonePage(QWidget):
    """How many cases came in, and the way back. `again()` for another file."""

    again = Signal()

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.place = place
        self._layout = QVBoxLayout(self)

    def show_result(self, saved: Saved, *, cases: int) -> None:
        """Say what came in."""
        undo = button(_("Undo this import…"))
        undo.clicked.connect(lambda: ask_undo(self.place, saved.id, cases=cases, owner=self, then=self.again.emit))
        more = button(_("Another file"), clicked=self.again.emit)
        see = button(_("Show the cases"), kind="primary", clicked=lambda: self.place.go("cases"))
        holder = QWidget()
        holder.setLayout(row(None, undo, more, see, None))
        words = ngettext("{n} case came in", "{n} cases came in", cases).format(n=format_number(cases))
        body = _("It can be undone as long as nothing of it was synchronised and nobody has worked on it.")
        empty(self._layout)
        self._layout.addWidget(EmptyState(words, body=body, icon="cases"), 1)
        self._layout.addWidget(holder)
        self._layout.addStretch(1)


class Left(Banner):
    """An import that was begun: go on, or forget it."""

    def __init__(
        self, draft: SavedDraft, *, wanted: Callable[[SavedDraft], object], unwanted: Callable[[SavedDraft], object]
    ) -> None:
        file = Path(str(draft.content.get("path", ""))).name
        super().__init__(_("An import that was not finished: {file}").format(file=file), tone=Tone.WARN)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(button(_("Continue"), kind="primary", clicked=lambda: wanted(draft)))
        discard = button(_("Discard"), clicked=lambda: unwanted(draft))
        discard.clicked.connect(self.hide)
        layout.addWidget(discard)
