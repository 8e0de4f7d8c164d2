"""One sync at a time on the net lane: start, how far, stop, and start again while the one before is still stopping."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, Signal

from app.sync import loop
from app.sync.report import SyncProgress, SyncReport
from app.ui.jobs import Cancelled, Job, Progress, Step
from app.ui.workplace import Workplace


class _Run:
    """What one run tells, written in its thread as whole frozen values and read in the GUI's."""

    def __init__(self) -> None:
        self.at = SyncProgress("hello")
        self.report: SyncReport | None = None
        self.job: Job | None = None


class SyncRun(QObject):
    """`progressed(SyncProgress)` and `ended(SyncReport)` of the run that counts; a stopped one says nothing more."""

    progressed = Signal(object)
    ended = Signal(object)
    broke = Signal(object)
    state_changed = Signal()

    def __init__(self, place: Workplace, *, parent: QObject) -> None:
        super().__init__(parent)
        self.place = place
        self._run: _Run | None = None
        self._stopping: list[_Run] = []

    @property
    def is_running(self) -> bool:
        """Whether a run is on its way and wanted."""
        return self._run is not None

    @property
    def is_stopping(self) -> bool:
        """Whether a stopped run still has to let go of the link."""
        return bool(self._stopping)

    def start(self) -> None:
        """Begin; a run that is still stopping is waited for on its lane, not here."""
        if self._run is not None:
            return
        run = self._run = _Run()
        context = self.place.context

        def work(token: Progress) -> None:
            def tell(at: SyncProgress) -> None:
                run.at = at
                with suppress(Cancelled):  # the loop stops by itself, between two pieces
                    token.report(at.done, total=at.total, note=at.step)

            with context.transport() as transport:
                token.when_stopped(transport.line.cut)
                run.report = loop.run(context.sync_setup(), transport, progress=tell, cancelled=lambda: token.cancelled)
            context.synced(run.report)

        run.job = self.place.jobs.run(
            work, lane="net", owner=self, progress=lambda _step: self._tell(run, _step), failed=self._fail(run)
        )
        run.job.when_ended(lambda: self._end(run))
        self.state_changed.emit()

    def stop(self) -> None:
        """Stop now, also on a link that is dead; what went over is kept and the next run goes on from there."""
        run, self._run = self._run, None
        if run is not None and run.job is not None:
            run.job.cancel()
            self._stopping.append(run)
            self.state_changed.emit()

    def _tell(self, run: _Run, _step: Step) -> None:
        if run is self._run:
            self.progressed.emit(run.at)

    def _fail(self, run: _Run) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            if run is self._run:
                self.broke.emit(error)

        return failed

    def _end(self, run: _Run) -> None:
        if run is self._run:
            self._run = None
        if run in self._stopping:
            self._stopping.remove(run)
        if run.report is not None:
            self.ended.emit(run.report)
        self.state_changed.emit()
