"""Memory that all workers of one centre share: what each counted, and how often each caller asked lately.

The process that starts the workers makes the board before it forks; it lives as long as that process, and so what a
worker counted outlives the worker. Every stretch of it has one writer, so there are no locks between processes.
"""

from __future__ import annotations

import hashlib
import mmap
import secrets
import struct
import threading
from dataclasses import dataclass
from enum import IntEnum

_LINES = 1_400  # different series of one worker; more are left out
_LINE = struct.Struct("<88sd")
_NAME = 88
_VALUE = struct.Struct("<d")
_TALLY = _LINE.size * _LINES
_WAYS, _SETS = 4, 8_192  # callers remembered: 32,768
_CALLER = struct.Struct("<Qdd")  # who, when, how many requests are left
_SET = _CALLER.size * _WAYS


class Gauge(IntEnum):
    """What goes up and down. Each stands at the same place in every worker's stretch."""

    IN_FLIGHT = 0  # bytes announced by uploads that are running
    URGENT_IN_FLIGHT = 1
    QUEUED = 2  # stored batches that wait to be applied
    QUEUED_BYTES = 3
    APPLYING = 4
    WORKING = 5  # 1 as long as the worker works


class Board:
    """The shared memory itself."""

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers
        self._memory = mmap.mmap(-1, _TALLY * workers + _SET * _SETS)
        self._key = secrets.token_bytes(16)

    def tally(self, worker: int) -> Tally:
        """The stretch of one worker. To write there is for that worker alone."""
        return Tally(self._memory, _TALLY * worker)

    def total(self, gauge: Gauge) -> float:
        """Of all workers."""
        return float(sum(_value(self._memory, _TALLY * worker + _LINE.size * gauge) for worker in range(self.workers)))

    def sums(self) -> dict[str, float]:
        """Every series, summed over the workers, in the order in which they were first counted."""
        sums: dict[str, float] = {}
        for worker in range(self.workers):
            for name, value in self.tally(worker).lines():
                sums[name] = sums.get(name, 0.0) + value
        return sums

    def ask(self, caller: str, *, now: float, per_minute: int) -> float:
        """Take one request of this caller; how many were left before it, below 1: one too many.

        Workers that count the same caller at the same moment may lose one request of it; nothing depends on one.
        """
        who = int.from_bytes(hashlib.blake2b(caller.encode(), digest_size=8, key=self._key).digest(), "little") | 1
        start = _TALLY * self.workers + who % _SETS * _SET
        ways = [
            (start + n * _CALLER.size, *_CALLER.unpack_from(self._memory, start + n * _CALLER.size)) for n in range(4)
        ]
        at, _who, since, left = next((way for way in ways if way[1] == who), (0, 0, now, float(per_minute)))
        place = at or min(ways, key=lambda way: float(way[2]))[0]  # whoever asked longest ago is forgotten
        left = min(float(per_minute), left + (now - since) * per_minute / 60)
        _CALLER.pack_into(self._memory, place, who, now, max(left - 1, 0.0))
        return float(left)


@dataclass(frozen=True, slots=True)
class Seat:
    """Where one worker sits."""

    board: Board
    number: int = 0


class Tally:
    """What one worker counts. Opened again after a crash, it goes on where it stood."""

    def __init__(self, memory: mmap.mmap, start: int) -> None:
        self._memory, self._start = memory, start
        self._guard = threading.Lock()
        self._places = {name: start + _LINE.size * n for n, (name, _value) in enumerate(self._all())}
        if not self._places:
            for gauge in Gauge:
                self._place(f"gauge {gauge.name}")

    def add(self, name: str, amount: float = 1) -> None:
        """Count on."""
        with self._guard:
            place = self._place(name)
            if place is not None:
                _VALUE.pack_into(self._memory, place + _NAME, _value(self._memory, place) + amount)

    def value(self, name: str) -> float:
        """How far this was counted."""
        place = self._places.get(name)
        return _value(self._memory, place) if place is not None else 0.0

    def move(self, gauge: Gauge, amount: float) -> None:
        """A gauge goes up or down by so much."""
        self.add(f"gauge {gauge.name}", amount)

    def reset(self) -> None:
        """Nothing is going on here: the worker starts, or is gone."""
        for gauge in Gauge:
            _VALUE.pack_into(self._memory, self._start + _LINE.size * gauge + _NAME, 0.0)

    def lines(self) -> list[tuple[str, float]]:
        """(series, value) of everything but the gauges."""
        return self._all()[len(Gauge) :]

    def _place(self, name: str) -> int | None:
        place = self._places.get(name)
        encoded = name.encode()
        if place is None and len(self._places) < _LINES and len(encoded) <= _NAME:
            place = self._places[name] = self._start + _LINE.size * len(self._places)
            _LINE.pack_into(self._memory, place, encoded, 0.0)
        return place

    def _all(self) -> list[tuple[str, float]]:
        found = []
        for n in range(_LINES):
            name, value = _LINE.unpack_from(self._memory, self._start + _LINE.size * n)
            if not name[0]:
                break
            found.append((name.rstrip(b"\0").decode(), value))
        return found


def _value(memory: mmap.mmap, place: int) -> float:
    (value,) = _VALUE.unpack_from(memory, place + _NAME)
    return float(value)
