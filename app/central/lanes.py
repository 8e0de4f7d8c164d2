"""Where stored batches wait to be applied, each for its turn, and only so many are applied at once.

A batch is in the store before it waits here, so nothing is lost when the queue is full, the wait is too long, or the
worker is killed: the laptop asks again, and is given the result that was saved meanwhile.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace

import anyio
import anyio.to_thread
import psycopg
from anyio.abc import TaskGroup

from app.central.admission import Admission
from app.central.board import Gauge
from app.central.intake import Intake
from app.central.metrics import Metrics
from app.central.sessions import Device
from app.central.turns import Rank, Ticket, Turns
from app.wire.batch import OpenedBatch
from app.wire.messages import BatchResult, decode

_LOG = logging.getLogger(__name__)
_PART_OF_GRACE = 0.7  # of the time in which the server ends
_READY = 256  # batches that are kept in memory while they wait; of the rest only the number is
_READY_PLAIN = 16 * 1024 * 1024  # bytes that those may have together, unpacked
PATIENCE = 20  # seconds somebody waits for a result; a laptop hangs up after 30


@dataclass(slots=True, eq=False)
class Waiting:
    """A device's batch `n` that waits to be applied, or is being applied, or was."""

    device: Device
    n: int
    length: int
    urgent: bool
    batch: OpenedBatch | None  # None: to be read from the store again, for too much is in memory
    ticket: Ticket | None = None  # its place in the queue
    since: float = field(default_factory=time.perf_counter)
    done: anyio.Event = field(default_factory=anyio.Event)
    result: bytes | None = None
    error: Exception | None = None


class Lanes:
    """The queue of one worker. Used from its event loop only."""

    def __init__(self, intake: Intake, admission: Admission, metrics: Metrics) -> None:
        self._intake, self._admission, self._metrics = intake, admission, metrics
        self._limits, self._tally = admission.limits, admission.tally
        self._turns: Turns[Waiting] = Turns()
        self._known: dict[tuple[str, int], Waiting] = {}
        self._plain = 0  # bytes of the batches that are kept, unpacked
        self._ready = anyio.Semaphore(0)
        self._threads = anyio.CapacityLimiter(self._limits.applies)
        self._closed = False
        self._until = 0.0  # the time of grace ends
        self._patient: set[anyio.CancelScope] = set()
        self._ended = 0.0  # when the last usual one was done
        self._unreached = False  # the database could not be, since somebody was applied last

    async def run(self) -> None:
        """Apply what waits until `close`; what is being applied then is finished."""
        async with anyio.create_task_group() as group:
            for _lane in range(self._limits.applies):
                group.start_soon(self._lane, group)

    def close(self) -> None:
        """Begin nothing more. Whoever waits is told to ask again, at once or when what is being applied takes long."""
        if self._closed:
            return
        self._closed, now, grace = True, anyio.current_time(), self._limits.grace_seconds
        self._until = now + grace
        for scope in self._patient:
            scope.deadline = min(scope.deadline, now + grace * _PART_OF_GRACE)
        for waiting in self._turns.leave():
            self._left(waiting)
            waiting.done.set()
        self._known.clear()
        for _lane in range(self._limits.applies):
            self._ready.release()

    def grace(self) -> float:
        """Seconds that are left since `close` for what is still being applied."""
        return max(0.0, self._until - anyio.current_time())

    async def apply(self, device: Device, batch: OpenedBatch, *, length: int, urgent: bool) -> bytes:
        """The result of a stored batch. Refused(503, 'stored') if that takes too long: it is asked for again."""
        waiting = self._known.get((device.id, batch.header.n))
        if waiting is None:
            room = len(self._turns) < _READY and self._plain + batch.header.plain <= _READY_PLAIN
            waiting = self._enter(Waiting(device, batch.header.n, length, urgent, batch if room else None))
        return await self._result(waiting)

    def has(self, device: Device, n: int, *, length: int) -> bool:
        """Whether this batch waits here, or is being applied: it is in the store then, and has no result yet."""
        waiting = self._known.get((device.id, n))
        return waiting is not None and waiting.length == length

    async def again(self, device: Device, n: int, *, length: int, urgent: bool) -> bytes:
        """The same for whoever was told to ask again: only the number is needed, and a place here is kept."""
        waiting = self._known.get((device.id, n))
        if waiting is None:
            waiting = self._enter(Waiting(device, n, length, urgent, None), rank=Rank.AGAIN)
        return await self._result(waiting)

    async def recover(self) -> None:
        """Apply what is stored and was not applied, one device after the other: nobody waits for it.

        A kill left it, or a database that ended. One that cannot be applied keeps its own device waiting, nobody else.
        """
        self._unreached = False
        try:
            devices = await anyio.to_thread.run_sync(self._intake.behind, limiter=self._threads)
        except psycopg.OperationalError:
            self._unreached = True
            return
        for device in devices:
            await self.settle(device)

    async def settle(self, device: Device) -> Device:
        """Bring a device up to date that has batches stored and not applied, if its turn comes soon.

        The device that comes back needs no more of it: what could not be done now is done later.
        """
        if device.applied >= device.stored:
            return device
        waiting = self._known.get((device.id, device.stored))
        if waiting is None and len(self._turns) < self._limits.batches_waiting and not self._closed:
            waiting = self._enter(Waiting(device, device.stored, 0, False, None))
        if waiting is not None:
            await self._done(waiting)
            if waiting.error is not None and not isinstance(waiting.error, psycopg.OperationalError):
                _LOG.error("a stored batch cannot be applied: %s", type(waiting.error).__name__)  # no value in a log
        return replace(device, applied=device.stored)

    def _enter(self, waiting: Waiting, *, rank: Rank = Rank.USUAL) -> Waiting:
        if self._closed or (len(self._turns) >= self._limits.batches_waiting and not waiting.urgent):
            raise self._admission.later("stored", reason="queue", message="stored; ask again for the result")
        self._known[waiting.device.id, waiting.n] = waiting
        self._tally.move(Gauge.QUEUED, 1)
        self._tally.move(Gauge.QUEUED_BYTES, waiting.length)
        self._plain += waiting.batch.header.plain if waiting.batch is not None else 0
        waiting.ticket = self._turns.enter(waiting, Rank.URGENT if waiting.urgent else rank)
        self._ready.release()
        return waiting

    async def _result(self, waiting: Waiting) -> bytes:
        await self._done(waiting)
        if waiting.error is not None:
            raise waiting.error
        if waiting.result is None:
            ahead = self._turns.ahead(waiting.ticket) if waiting.ticket is not None else 0
            raise self._admission.not_yet(ahead, patience=PATIENCE)
        return waiting.result

    async def _done(self, waiting: Waiting) -> None:
        with anyio.move_on_after(PATIENCE) as scope:
            self._patient.add(scope)
            try:
                await waiting.done.wait()
            finally:
                self._patient.discard(scope)

    async def _lane(self, group: TaskGroup) -> None:
        while True:
            await self._ready.acquire()
            if self._closed:
                return
            waiting = self._turns.next()
            self._left(waiting)
            self._tally.move(Gauge.APPLYING, 1)
            began = time.perf_counter()
            try:
                waiting.result = await anyio.to_thread.run_sync(self._work, waiting, limiter=self._threads)
            except Exception as error:
                waiting.error = error
                self._unreached |= isinstance(error, psycopg.OperationalError)
            finally:
                self._tally.move(Gauge.APPLYING, -1)
                self._known.pop((waiting.device.id, waiting.n), None)
                waiting.done.set()
            self._count(waiting, began=began)
            if self._unreached and waiting.error is None:  # it can be again: what waited for it meanwhile goes on
                group.start_soon(self.recover)
                self._unreached = False

    def _work(self, waiting: Waiting) -> bytes | None:
        if waiting.batch is None:
            return self._intake.result(waiting.device, waiting.n)
        return self._intake.apply(waiting.device, waiting.batch)

    def _left(self, waiting: Waiting) -> None:
        self._tally.move(Gauge.QUEUED, -1)
        self._tally.move(Gauge.QUEUED_BYTES, -waiting.length)
        self._plain -= waiting.batch.header.plain if waiting.batch is not None else 0

    def _count(self, waiting: Waiting, *, began: float) -> None:
        now = time.perf_counter()
        took = now - began
        if not waiting.urgent:  # those are short, and applied before many who wait are served
            self._admission.took(min(took, now - self._ended))  # several at once: one is done more often than it takes
            self._ended = now
        self._metrics.applied("urgent" if waiting.urgent else "usual", waited=began - waiting.since, took=took)
        if waiting.result is not None:
            self._metrics.batch([outcome.status.value for outcome in decode(waiting.result, BatchResult).outcomes])
