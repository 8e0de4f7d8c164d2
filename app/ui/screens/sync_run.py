"""One sync at a time on the net lane, whoever asks for it: start, pause, go on, cancel, and try again after a break."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import CentreRefused, KnownError, NetworkDown
from app.i18n import format_number, ngettext
from app.services import disputes
from app.services.desk import Desk
from app.services.lease import Stage
from app.sync import loop
from app.sync.auto import pause
from app.sync.report import SyncProgress, SyncReport
from app.ui.jobs import Cancelled, Job, Progress, Step
from app.ui.workplace import Workplace

IDLE, RUNNING, PAUSED, WAITING = "idle", "running", "paused", "waiting"
TRIES = 12  # in a row without a byte more: then a person has to look
_LATER = (429, 502, 503, 504)
_TICK_MS = 1000


class _Run:
    """What one run tells, written in its thread as whole frozen values and read in the GUI's."""

    def __init__(self, lease: Stage, *, asked: bool) -> None:
        self.at = SyncProgress("hello")
        self.report: SyncReport | None = None
        self.job: Job | None = None
        self.met = 0  # records over which people differ since
        self.lease, self.asked = lease, asked


class SyncRun(QObject):
    """`progressed(SyncProgress)` and `ended(SyncReport)` of the run that counts; a stopped one says nothing more.

    `ticked()` comes every second while it waits for the link: `seconds_left` tells how long it still does. It belongs
    to the workplace, so that it goes on whatever is shown.
    """

    progressed = Signal(object)
    ended = Signal(object)
    broke = Signal(object)
    state_changed = Signal()
    ticked = Signal()

    def __init__(self, place: Workplace) -> None:
        super().__init__(place)
        self.place = place
        self.state = IDLE
        self.at = SyncProgress("hello")  # where the run that counts stands, or stood
        self.report: SyncReport | None = None  # of the last that ended
        self.files: bool | None = None  # whether files go too; None: unless the link is metered
        self.chance: Callable[[], float] = random.random
        self._run: _Run | None = None
        self._stopping: list[_Run] = []
        self._tries, self._again_at = 0, place.now()
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self.tick)

    @property
    def is_running(self) -> bool:
        """Whether a run is on its way and wanted."""
        return self._run is not None

    @property
    def is_stopping(self) -> bool:
        """Whether a stopped run still has to let go of the link."""
        return bool(self._stopping)

    @property
    def seconds_left(self) -> int:
        """How long it still waits before it tries again."""
        left = (self._again_at - self.place.now()) / timedelta(seconds=1)
        return max(0, round(left)) if self.state == WAITING else 0

    def start(self, *, asked: bool = True) -> None:
        """Begin, or go on where the one before stopped; one that is still stopping is waited for on its lane."""
        if self._run is not None:
            return
        if asked and self.state != WAITING:
            self._tries = 0
        run = self._run = _Run(self.place.context.lease.lease().stage, asked=asked)
        context, files = self.place.context, self.files
        self.at = run.at

        def work(token: Progress) -> None:
            def tell(at: SyncProgress) -> None:
                run.at = at
                with suppress(Cancelled):  # the loop stops by itself, between two pieces
                    token.report(at.done, total=at.total, note=at.step)

            setup, before = replace(context.sync_setup(), with_files=files), _differing(context.desk)
            with context.transport() as transport:
                token.when_stopped(transport.line.cut)
                run.report = loop.run(setup, transport, progress=tell, cancelled=lambda: token.cancelled)
            context.synced(run.report)
            run.met = _differing(context.desk) - before

        run.job = self.place.jobs.run(
            work, lane="net", owner=self, progress=lambda _step: self._tell(run, _step), failed=self._fail(run)
        )
        run.job.when_ended(lambda: self._end(run))
        self._set(RUNNING)

    def pause(self) -> None:
        """Free the line and keep what is here; `start` goes on at the byte."""
        self._drop(PAUSED)

    def stop(self) -> None:
        """Stop now, also on a link that is dead; what went over is kept and the next run goes on from there."""
        self._drop(IDLE)

    def tick(self) -> None:
        """A second has passed while it waits."""
        if self.state != WAITING:
            self._clock.stop()
        elif self.seconds_left == 0:
            self.start()
        else:
            self.ticked.emit()

    def _drop(self, state: str) -> None:
        run, self._run = self._run, None
        if run is not None and run.job is not None:
            run.job.cancel()
            self._stopping.append(run)
        if run is not None or self.state in (PAUSED, WAITING):
            self._set(state)

    def _set(self, state: str) -> None:
        self.state = state
        if state == WAITING:
            self._clock.start()
        else:
            self._clock.stop()
        self.state_changed.emit()

    def _tell(self, run: _Run, _step: Step) -> None:
        if run is self._run:
            self.at = run.at
            self.progressed.emit(run.at)

    def _fail(self, run: _Run) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            if run is self._run:
                self.broke.emit(error)

        return failed

    def _end(self, run: _Run) -> None:
        counts = run is self._run
        if counts:
            self._run = None
        if run in self._stopping:
            self._stopping.remove(run)
        if run.report is not None:
            self._take_in(run, run.report)
        if counts:
            self._set(WAITING if run.asked and run.report is not None and self._tries_again(run.report) else IDLE)
        if run.report is not None:
            self.ended.emit(run.report)
        self.state_changed.emit()

    def _take_in(self, run: _Run, report: SyncReport) -> None:
        """What a sync changes beyond its own panel."""
        self.report = report
        if run.met > 0:  # whatever is shown: the panel may have been left long ago
            words = ngettext("{n} new conflict waits for a choice", "{n} new conflicts wait for a choice", run.met)
            self.place.say(words.format(n=format_number(run.met)))
        if report.wipe is not None:
            self.place.wipe_ordered.emit(report.wipe)
        if run.lease > self.place.context.lease.lease().stage:
            self.place.lease_renewed.emit()
        self.place.changed.emit(report.changes)  # what waits and when it was proven is another now, whatever came

    def _tries_again(self, report: SyncReport) -> bool:
        """Whether it is worth another try by itself, and from when on."""
        if not is_passing(report.problem):
            return False
        got_on = bool(report.pushed_batches or report.pulled)
        self._tries = 0 if got_on else self._tries + 1
        wait = pause(max(0, self._tries - 1), retry_after=report.retry_after, chance=self.chance)
        self._again_at = self.place.now() + wait
        return self._tries <= TRIES


def _differing(desk: Desk) -> int:
    """Records that wait for a choice; none where a lease that ran out shows nothing of a record."""
    return 0 if desk.locked() else disputes.count(desk)


def is_passing(problem: KnownError | None) -> bool:
    """Whether what stopped a sync may go away by itself: a link that broke, a centre with too much to do."""
    return isinstance(problem, NetworkDown) or (isinstance(problem, CentreRefused) and problem.status in _LATER)


def run_of(place: Workplace) -> SyncRun:
    """The one run of a workplace."""
    found: SyncRun | None = place.findChild(SyncRun)
    return found if found is not None else SyncRun(place)
