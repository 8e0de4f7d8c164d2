"""Work behind the screen: the one file of the program that has threads.

Three lanes, one thread each: `db`, so that writes are serial by construction, `net`, and `aside` for what only reads
the file at length and may be dropped: a daily copy, a check. A worker sees the function it
runs and a Progress, nothing else. What it hands back waits in a queue; one queued signal brings the GUI thread to a
slot that empties it, so callbacks never leave the GUI thread.
"""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import MethodType
from typing import Any, Literal

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

Lane = Literal["db", "net", "aside"]

DB_SECONDS, NET_SECONDS = 1.2, 0.5  # how long a lock waits for the lanes; whatever runs, it takes less than 2 s


class Cancelled(Exception):
    """The work stopped because its job was cancelled."""


class Progress:
    """What a worker may say and ask: how far it is, and whether anybody still wants it."""

    def __init__(self, tell: Callable[[Step], None]) -> None:
        self._tell = tell
        self._stop = threading.Event()
        self._acts: list[Callable[[], None]] = []
        self._guard = threading.Lock()

    @property
    def cancelled(self) -> bool:
        """Whether the job was cancelled."""
        return self._stop.is_set()

    def check(self) -> None:
        """Raise Cancelled if the job was cancelled; call it between two steps that each leave things whole."""
        if self._stop.is_set():
            raise Cancelled

    def report(self, done: int, *, total: int = 0, note: str = "") -> None:
        """Say how far the work is (total 0: unknown) and raise Cancelled if nobody wants it any more."""
        self.check()
        self._tell(Step(done, total, note))

    def wait(self, seconds: float) -> None:
        """Pause the worker, ending at once with Cancelled if the job is cancelled."""
        if self._stop.wait(seconds):
            raise Cancelled

    def when_stopped(self, act: Callable[[], None]) -> None:
        """Have this done, by whoever stops the work, the moment it is stopped: what frees a worker that only waits."""
        with self._guard:
            if not self._stop.is_set():
                self._acts.append(act)
                return
        act()

    def stop(self) -> None:
        """Ask the worker to stop at its next check."""
        with self._guard:
            self._stop.set()
            acts, self._acts = self._acts, []
        for act in acts:
            act()


@dataclass(frozen=True)
class Step:
    """How far a job is; `total` 0 means unknown."""

    done: int
    total: int = 0
    note: str = ""


Work = Callable[[Progress], Any]


@dataclass(frozen=True)
class _Report:
    """What a worker hands to the GUI thread: a job's id and its end, or (step) that it has got further."""

    job: int
    ended: bool = False
    result: Any = None
    error: Exception | None = None


class Job:
    """A piece of work on its way. `state` is queued, running, done, failed or cancelled."""

    def __init__(self, number: int, *, lane: Lane, tell: Callable[[int], None]) -> None:
        self.number = number
        self.lane = lane
        self.state = "queued"
        self.is_reading = False  # nothing is lost when it is not done any more
        self.owner: QObject | None = None
        self.work: Work | None = None  # kept here, so that a closure over widgets never dies in a worker's thread
        self.calls: dict[str, Callable[..., None] | None] = {}
        self._tell = tell
        self._latest: Step | None = None
        self._lock = threading.Lock()
        self.token = Progress(self._got_further)

    def cancel(self) -> None:
        """Stop before the start, or at the worker's next check; `then` will not be called, an answer is dropped."""
        self.token.stop()

    def when_ended(self, callback: Callable[[], None]) -> None:
        """Call this in the GUI thread when the job is over, however it ended."""
        self.calls["ended"] = callback

    def take_step(self) -> Step | None:
        """The newest step not yet taken."""
        with self._lock:
            step, self._latest = self._latest, None
            return step

    def _got_further(self, step: Step) -> None:
        """Keep the newest step only: a busy worker cannot flood the event loop."""
        with self._lock:
            waiting, self._latest = self._latest is not None, step
        if not waiting:
            self._tell(self.number)


_Tasks = queue.SimpleQueue[Job | None]


class Jobs(QObject):
    """Runs work behind the screen and brings back what it gives, in the GUI thread that made this object."""

    crashed = Signal(object)  # an exception nobody asked for with `failed`
    busy_changed = Signal(bool)
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._reports: queue.SimpleQueue[_Report] = queue.SimpleQueue()
        self._lanes: dict[Lane, _Tasks] = {}
        self._threads: dict[Lane, threading.Thread] = {}
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def idle(self) -> bool:
        """Whether no job is queued, running or waiting to be delivered."""
        return not self._jobs

    @property
    def saving(self) -> bool:
        """Whether something is being written, or waits to be."""
        return any(job.lane == "db" and not job.is_reading for job in self._jobs.values())

    def run(
        self,
        work: Work,
        *,
        then: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        lane: Lane = "db",
        progress: Callable[[Step], None] | None = None,
        owner: QObject | None = None,
    ) -> Job:
        """Run `work(progress)` on a lane, then call `then(result)` or `failed(error)` here.

        The answers are dropped when `owner` is gone; without one, the QObject whose method `then` is owns the job.
        """
        if self._closed:
            raise RuntimeError("jobs are shut down: nothing may be started any more")
        job = Job(next(self._numbers), lane=lane, tell=self._tell)
        job.owner, job.work = owner or _receiver(then), work
        job.calls |= {"then": then, "failed": failed, "progress": progress}
        self._jobs[job.number] = job
        if len(self._jobs) == 1:
            self.busy_changed.emit(True)
        self._lane(lane).put(job)
        return job

    def shutdown(self, *, hurried: bool = False) -> bool:
        """Stop what is on the net or aside, finish queued db work (a save is never lost), join the threads.

        Nothing more is delivered.

        Hurried, as a lock is: a thread that hangs is left to the end of the process, and what still waits behind it
        on the db lane is done here. Whether every thread has ended.
        """
        self._closed, began = True, time.monotonic()
        for job in self._jobs.values():
            if job.lane != "db" or job.is_reading:
                job.cancel()
        for tasks in self._lanes.values():
            tasks.put(None)
        for lane, seconds in (("db", DB_SECONDS), ("net", NET_SECONDS), ("aside", NET_SECONDS)):
            if lane in self._threads:
                left = max(0.0, began + seconds - time.monotonic())
                self._threads[lane].join(left if hurried else None)
        if self._hangs("db"):
            self._take_over(self._lanes["db"])
        self._jobs.clear()
        return not any(map(self._hangs, self._threads))

    def _hangs(self, lane: Lane) -> bool:
        return lane in self._threads and self._threads[lane].is_alive()

    @staticmethod
    def _take_over(tasks: _Tasks) -> None:
        with suppress(queue.Empty):
            while True:
                if (job := tasks.get_nowait()) is not None:
                    _attempt(job)
        tasks.put(None)  # for the thread, should it ever come back

    def _lane(self, name: Lane) -> _Tasks:
        if name not in self._lanes:
            tasks = self._lanes[name] = queue.SimpleQueue()
            thread = threading.Thread(target=self._work, args=(tasks,), name=f"naungan-{name}")
            thread.start()
            self._threads[name] = thread
        return self._lanes[name]

    def _work(self, tasks: _Tasks) -> None:
        """The life of a lane's thread."""
        while (job := tasks.get()) is not None:
            report = _attempt(job)
            del job  # before the GUI thread hears of it: the last reference to a closure dies there
            self._bring(report)

    def _tell(self, number: int) -> None:
        self._bring(_Report(number))

    def _bring(self, report: _Report) -> None:
        self._reports.put(report)
        if not self._closed:  # afterwards nobody listens, and a thread that hung may outlive this object
            self._arrived.emit()

    @Slot()
    def _deliver(self) -> None:
        """Empty the queue of reports; several signals may find their reports taken already."""
        while not self._closed:
            try:
                report = self._reports.get_nowait()
            except queue.Empty:
                return
            job = self._jobs.get(report.job)
            if job is not None:
                self._hand_over(job, report)

    def _hand_over(self, job: Job, report: _Report) -> None:
        wanted = job.owner is None or shiboken6.isValid(job.owner)
        if not report.ended:
            step = job.take_step()
            if wanted and step is not None and not job.token.cancelled:
                _call(job.calls["progress"], step)
            return
        del self._jobs[job.number]
        job.state = _end_state(job, report)
        if not self._jobs:
            self.busy_changed.emit(False)
        if not wanted:
            return
        if job.state == "done":
            _call(job.calls["then"], report.result)
        elif job.state == "failed":
            _call(job.calls["failed"] or self.crashed.emit, report.error)
        _call(job.calls.get("ended"))


def _attempt(job: Job) -> _Report:
    """Run the work of a job in its lane's thread; every exception becomes a report."""
    try:
        job.token.check()
        job.state = "running"
        assert job.work is not None
        return _Report(job.number, ended=True, result=job.work(job.token))
    except Exception as error:
        return _Report(job.number, ended=True, error=error)


def _end_state(job: Job, report: _Report) -> str:
    """A cancelled job's result is dropped, but an error that is not the cancelling itself is never swallowed."""
    if report.error is not None and not isinstance(report.error, Cancelled):
        return "failed"
    return "cancelled" if report.error is not None or job.token.cancelled else "done"


def _receiver(then: Callable[[Any], None] | None) -> QObject | None:
    found = then.__self__ if isinstance(then, MethodType) else None
    return found if isinstance(found, QObject) else None


def _call(callback: Callable[..., None] | None, *args: Any) -> None:
    if callback is not None:
        callback(*args)
