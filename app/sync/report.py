"""What the sync tells while it runs and when it ends. Frozen values; no session and no thread knows them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.errors import KnownError
from app.models.journal import Changes
from app.sync.erasing import ErasedNotice
from app.sync.transport import Traffic
from app.sync.wiping import Wipe

SPEED_NEEDS = 16 * 1024  # bytes: with fewer the time is that of the answers, not of the link


class Cancelled(Exception):
    """The person stopped the sync; what was sent and received so far is kept."""


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """Where a running sync stands. `total` is 0 while nobody knows it; `eta` is in seconds, None if unknown."""

    step: str  # hello, urgent, push, pull, prove, files
    done: int = 0  # bytes
    total: int = 0
    speed: float = 0.0  # bytes per second, of this step
    eta: float | None = None
    items: int = 0  # operations sent, rows received, or files moved, in this step
    of_items: int = 0  # of how many; 0: nobody knows
    up: int = 0  # bytes since the sync began, both ways
    down: int = 0
    again: int = 0  # of those, bytes that had gone over before a break


@dataclass(slots=True)
class SyncReport:
    """What a sync did. `problem` is why it stopped early; everything before it counts."""

    pushed_batches: int = 0
    pushed_operations: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)  # status -> operations
    pulled: dict[str, int] = field(default_factory=dict)  # scope -> rows
    unreadable: int = 0  # rows of a newer kind or shape, kept but not shown
    bytes_up: int = 0  # bodies
    bytes_down: int = 0
    bytes_again: int = 0  # sent or received a second time, because the link broke
    requests: int = 0
    seconds: dict[str, float] = field(default_factory=dict)  # step -> seconds
    proven: dict[str, bool] = field(default_factory=dict)  # scope -> the centre signed that both hold the same
    repaired: tuple[str, ...] = ()  # scopes in which something was taken once more because the digests differed
    read_anew: tuple[str, ...] = ()  # those of them that were read anew from the beginning
    erased: list[ErasedNotice] = field(default_factory=list)  # erasures that were obeyed on the way
    files_gone: set[str] = field(default_factory=set)  # sealed files of attachments that left
    files_left: int = 0  # files that could not be sent or fetched now
    files_later: int = 0  # files that were left for a better link, as was asked for
    fallbacks: int = 0  # segments asked for once more, whole, because the short form could not be understood here
    changes: Changes = field(default_factory=Changes)
    problem: KnownError | None = None
    cancelled: bool = False
    wipe: Wipe | None = None  # the centre's proved order to destroy this workspace: whoever called carries it out

    @property
    def green(self) -> bool:
        """Whether the centre confirmed every scope, and nothing stopped the sync."""
        return self.problem is None and not self.cancelled and bool(self.proven) and all(self.proven.values())

    def after(self, earlier: SyncReport) -> SyncReport:
        """Both as one: what was done is added up, where it stands is what this one says."""
        for name in ("outcomes", "pulled", "seconds"):
            before, now = getattr(earlier, name), getattr(self, name)
            setattr(self, name, {key: before.get(key, 0) + now.get(key, 0) for key in {**before, **now}})
        for name in (
            "pushed_batches", "pushed_operations", "unreadable", "bytes_up", "bytes_down", "bytes_again", "requests",
            "repaired", "read_anew", "erased", "fallbacks",
        ):  # fmt: skip
            setattr(self, name, getattr(earlier, name) + getattr(self, name))
        self.files_gone |= earlier.files_gone
        self.changes |= earlier.changes
        return self

    @property
    def retry_after(self) -> int:
        """Seconds the centre asks us to wait; 0 if it does not."""
        return getattr(self.problem, "retry_after", 0)


@dataclass(frozen=True, slots=True)
class SyncItem:
    """One operation, as the sync panel lists it."""

    seq: int
    case_id: str | None
    case_number: str
    kind: str
    record: str
    fields: tuple[str, ...]
    state: str  # a key of words.STATES
    code: str  # a key of words.REASONS, '' if there is nothing to say
    field: str
    rev: int
    at: datetime
    actor: str
    settled: bool
    new: bool = False  # it began the record


@dataclass(frozen=True, slots=True)
class FilesWaiting:
    """The sealed bytes of attachments that a sync would move."""

    up: int = 0  # files that only this laptop has
    bytes_up: int = 0
    down: int = 0  # files that are not here
    bytes_down: int = 0

    @property
    def count(self) -> int:
        """Files, both ways."""
        return self.up + self.down

    @property
    def bytes(self) -> int:
        """Bytes, both ways."""
        return self.bytes_up + self.bytes_down


@dataclass(frozen=True, slots=True)
class Preview:
    """What a sync would send now."""

    operations: int
    bytes: int  # sealed, as it would travel; about so many unless `exact`
    urgent: int
    cases: int
    proven_at: datetime | None  # the oldest of the scopes: all of them held the same then
    problems: int  # refused or held entries that wait for a person
    items: tuple[SyncItem, ...]
    urgent_bytes: int = 0  # of the first batch, if something is urgent
    files: FilesWaiting = FilesWaiting()
    speed: float = 0.0  # bytes per second, as measured last; 0: never
    exact: bool = True

    def seconds(self, *, files: bool) -> float | None:
        """How long it would take at the speed of the last sync; None if that is not known."""
        total = self.bytes + (self.files.bytes if files else 0)
        return total / self.speed if self.speed else None


class Watch:
    """Counts what moves, tells it, and stops the sync between two pieces when the person asked for it."""

    def __init__(
        self, progress: Callable[[SyncProgress], None] | None, *, cancelled: Callable[[], bool] | None
    ) -> None:
        self._progress = progress
        self._cancelled = cancelled
        self.seconds: dict[str, float] = {}
        self.traffic = Traffic()  # of the transport that is watched
        self.again = 0
        self._before = Traffic()
        self._moved = 0  # bytes of the steps that carry many, and how long those took
        self._moving = 0.0
        self._at = SyncProgress("hello")
        self._began = time.monotonic()

    def over(self, traffic: Traffic) -> None:
        """What goes over from now on is counted there."""
        self.traffic, self._before = traffic, Traffic(traffic.up, traffic.down, traffic.requests)

    @property
    def moved_since(self) -> Traffic:
        """What went over since the sync began."""
        before = self._before
        return Traffic(
            self.traffic.up - before.up, self.traffic.down - before.down, self.traffic.requests - before.requests
        )

    @property
    def speed(self) -> float:
        """Bytes per second over the whole sync; 0 when too little went over to tell."""
        return self._moved / self._moving if self._moved >= SPEED_NEEDS and self._moving > 0 else 0.0

    def step(self, name: str, *, total: int = 0, items: int = 0) -> None:
        """A step begins, with so many bytes and items before it, as far as they are known."""
        self.finish()
        self._began = time.monotonic()
        self._at = SyncProgress(name, total=total, of_items=items)
        self._at = self._measured(0, 0)
        self._tell()

    def expect(self, count: int) -> None:
        """So many bytes more are before this step than were known when it began."""
        self._at = replace(self._at, total=self._at.total + count)

    def finish(self) -> None:
        """The present step ended: note how long it took."""
        took = time.monotonic() - self._began
        self.seconds[self._at.step] = self.seconds.get(self._at.step, 0.0) + took
        if self._at.done:
            self._moved, self._moving = self._moved + self._at.done, self._moving + took
        self._at = SyncProgress(self._at.step)
        self._began = time.monotonic()

    def moved(self, count: int) -> None:
        """So many bytes went over the link. Raises Cancelled if the person asked to stop."""
        self._at = self._measured(self._at.done + count, self._at.items)
        self._tell()
        self.check()

    def lost(self, count: int) -> None:
        """The link broke: so many bytes that went over have to go once more."""
        if count > 0:
            self.again += count
            self._at = self._measured(max(0, self._at.done - count), self._at.items)

    def handled(self, items: int) -> None:
        """So many operations or rows are done."""
        self._at = self._measured(self._at.done, self._at.items + items)
        self._tell()

    def check(self) -> None:
        """Raise Cancelled if the person asked to stop."""
        if self._cancelled is not None and self._cancelled():
            raise Cancelled

    def _measured(self, done: int, items: int) -> SyncProgress:
        took = time.monotonic() - self._began
        speed = done / took if took > 0 else 0.0
        total = max(self._at.total, done) if self._at.total else 0
        eta = (total - done) / speed if speed and total else None
        over = self.moved_since
        return SyncProgress(
            self._at.step, done, total, speed, eta, items, self._at.of_items, over.up, over.down, self.again
        )

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._at)
