"""How much the centre takes at once: above it, the answer is 'later', and nothing is lost by it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from app.central.config import Clock, Limits
from app.central.refusal import Refused

_MAX_CALLERS = 20_000


@dataclass(slots=True)
class Admission:
    """Counts requests by caller and bytes of running uploads. Used from the event loop only, so it needs no lock."""

    limits: Limits
    clock: Clock
    in_flight: int = 0
    _callers: OrderedDict[str, tuple[datetime, float]] = field(default_factory=OrderedDict)

    def count(self, caller: str, *, per_minute: int) -> None:
        """429 if this caller asked more than `per_minute` times in a minute, bursts of that many allowed."""
        now = self.clock()
        since, left = self._callers.pop(caller, (now, float(per_minute)))
        left = min(float(per_minute), left + (now - since).total_seconds() * per_minute / 60)
        self._callers[caller] = (now, max(left - 1, 0.0))
        while len(self._callers) > _MAX_CALLERS:
            self._callers.popitem(last=False)
        if left < 1:
            wait = str(1 + int((1 - left) * 60 / per_minute))
            raise Refused(429, "too_many", message="too many requests", headers={"Retry-After": wait})

    @contextmanager
    def upload(self, length: int) -> Iterator[None]:
        """503 if the uploads already running announced too many bytes."""
        if self.in_flight and self.in_flight + length > self.limits.bytes_in_flight:
            raise Refused(503, "busy", message="too many uploads at once", headers={"Retry-After": "10"})
        self.in_flight += length
        try:
            yield
        finally:
            self.in_flight -= length
