"""What the sync tells while it runs and when it ends. Frozen values; no session and no thread knows them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.errors import KnownError
from app.models.journal import Changes
from app.sync.erasing import ErasedNotice
from app.sync.wiping import Wipe


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
    items: int = 0  # operations sent, or rows received, in this step


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
    requests: int = 0
    seconds: dict[str, float] = field(default_factory=dict)  # step -> seconds
    proven: dict[str, bool] = field(default_factory=dict)  # scope -> the centre signed that both hold the same
    repaired: tuple[str, ...] = ()  # scopes received anew because the digests differed
    erased: list[ErasedNotice] = field(default_factory=list)  # erasures that were obeyed on the way
    files_gone: set[str] = field(default_factory=set)  # sealed files of attachments that left
    files_left: int = 0  # files that could not be sent or fetched now
    changes: Changes = field(default_factory=Changes)
    problem: KnownError | None = None
    cancelled: bool = False
    wipe: Wipe | None = None  # the centre's proved order to destroy this workspace: whoever called carries it out

    @property
    def green(self) -> bool:
        """Whether the centre confirmed every scope, and nothing stopped the sync."""
        return self.problem is None and not self.cancelled and bool(self.proven) and all(self.proven.values())

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


@dataclass(frozen=True, slots=True)
class Preview:
    """What a sync would send now."""

    operations: int
    bytes: int  # sealed, as it would travel
    urgent: int
    cases: int
    proven_at: datetime | None  # the oldest of the scopes: all of them held the same then
    problems: int  # refused or held entries that wait for a person
    items: tuple[SyncItem, ...]


class Watch:
    """Counts what moves, tells it, and stops the sync between two pieces when the person asked for it."""

    def __init__(
        self, progress: Callable[[SyncProgress], None] | None, *, cancelled: Callable[[], bool] | None
    ) -> None:
        self._progress = progress
        self._cancelled = cancelled
        self.seconds: dict[str, float] = {}
        self._at = SyncProgress("hello")
        self._began = time.monotonic()

    def step(self, name: str, *, total: int = 0) -> None:
        """A step begins."""
        self.finish()
        self._began = time.monotonic()
        self._at = SyncProgress(name, total=total)
        self._tell()

    def finish(self) -> None:
        """The present step ended: note how long it took."""
        took = time.monotonic() - self._began
        self.seconds[self._at.step] = self.seconds.get(self._at.step, 0.0) + took
        self._began = time.monotonic()

    def moved(self, count: int) -> None:
        """So many bytes went over the link. Raises Cancelled if the person asked to stop."""
        self._at = self._measured(self._at.done + count, self._at.items)
        self._tell()
        self.check()

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
        return SyncProgress(self._at.step, done, total, speed, eta, items)

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._at)
