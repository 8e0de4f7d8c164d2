"""How much the centre takes at once: above it, the answer is 'later', and nothing is lost by it."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.central.board import Board, Gauge, Tally
from app.central.config import Clock, Limits
from app.central.metrics import Metrics
from app.central.refusal import Refused

LONGEST_WAIT = 300  # seconds; nobody is sent away for longer
_SPREAD = 2.0  # seconds; whoever is sent away comes back within a window of at least this
_LATELY = 64  # batches by which the pace is measured
_PART = (0.5, 0.75)  # of the time until its turn that somebody is to stay away
_USUAL = 0.025  # seconds from one applied batch to the next, until there were some


@dataclass(slots=True)
class Admission:
    """Counts requests by caller, and bytes under way of all workers. Used from the event loop only: it has no lock."""

    limits: Limits
    clock: Clock
    board: Board
    tally: Tally
    metrics: Metrics
    pace: float = _USUAL  # seconds from one applied batch to the next, while there are some
    _expected: list[float] = field(default_factory=list)  # when those come back who were sent away

    def opened(self) -> None:
        """This worker begins; what an earlier one in its place had under way is over."""
        self.tally.reset()
        self.tally.move(Gauge.WORKING, 1)
        self.tally.add("naungan_worker_starts_total")

    def count(self, caller: str, *, per_minute: int) -> None:
        """429 if this caller asked more than `per_minute` times in a minute, bursts of that many allowed."""
        left = self.board.ask(caller, now=self.clock().timestamp(), per_minute=per_minute)
        if left < 1:
            self.metrics.refused("too_many")
            wait = str(1 + int((1 - left) * 60 / per_minute))
            raise Refused(429, "too_many", message="too many requests", headers={"Retry-After": wait})

    @contextmanager
    def upload(self, length: int, *, urgent: bool = False) -> Iterator[None]:
        """503 if the uploads already running announced too many bytes, or too much waits to be applied.

        What is urgent and short has room of its own: a storm of everything else does not keep it out.
        """
        gauge, limit = Gauge.IN_FLIGHT, self.limits.bytes_in_flight
        if urgent:
            gauge, limit = Gauge.URGENT_IN_FLIGHT, self.limits.urgent_bytes_in_flight
        running = self.board.total(gauge)
        if running and running + length > limit:
            raise self.later("busy", reason="urgent_in_flight" if urgent else "in_flight")
        if not urgent and self.board.total(Gauge.QUEUED_BYTES) >= self.limits.bytes_waiting:
            raise self.later("busy", reason="waiting")
        self.tally.move(gauge, length)
        try:
            yield
        finally:
            self.tally.move(gauge, -length)

    def later(self, code: str, *, reason: str, message: str = "too much at once") -> Refused:
        """A 503 that says when to come again: about when all are served who wait or were sent away before.

        So they come back one after the other, as fast as they are served, not all at once a second time.
        """
        now = self.clock().timestamp()
        while self._expected and self._expected[0] <= now:
            heapq.heappop(self._expected)
        crowd = self.board.total(Gauge.QUEUED) / self.board.workers + len(self._expected) + 1
        wait = _whole(crowd * self.pace * random.uniform(0.75, 1.25) + random.uniform(0, _SPREAD))
        heapq.heappush(self._expected, now + wait)
        self.metrics.refused(reason)
        return Refused(503, code, message=message, headers={"Retry-After": str(wait)})

    def not_yet(self, ahead: int, *, patience: float) -> Refused:
        """A 503 for whoever's batch is in the queue behind so many: to be here again before its turn.

        Who is there a little early waits for it, as long as `patience`; who is late has lost the time. A guess is the
        worse the further it reaches, so who has long to wait is told a part of it, and is told more when it asks again.
        """
        wait = _whole(ahead * self.pace * random.uniform(*_PART) - patience / 4)
        self.metrics.refused("slow")
        message = "stored; ask again for the result"
        return Refused(503, "stored", message=message, headers={"Retry-After": str(wait)})

    def took(self, seconds: float) -> None:
        """A batch that was not urgent was applied, so many seconds after the one before."""
        self.pace += (seconds - self.pace) / _LATELY


def _whole(seconds: float) -> int:
    return min(1 + int(max(0.0, seconds)), LONGEST_WAIT)
