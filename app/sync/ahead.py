"""The next segment comes over while this one is written: the link and the centre do not wait for the disk."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from threading import Event
from types import TracebackType
from typing import Self

from app.errors import KnownError
from app.sync.course import Course
from app.sync.report import Cancelled
from app.sync.transport import Partial, Wish
from app.wire.segment import SegmentHeader

_LOOK = 0.2  # seconds between two looks whether the person asked to stop


class Ahead:
    """At most one segment on its way, in memory only; whatever ends that is met again by whoever asks for the rest.

    The transport is this one's from `ask` until `take`, or the end of the block.
    """

    def __init__(self, course: Course, scope: str) -> None:
        self._course = course
        self._scope = scope
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._stopped = Event()
        self._moved = 0
        self._coming: tuple[Partial, Future[None]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._pool.shutdown(cancel_futures=True)

    def ask(self, here: SegmentHeader, wish: Wish) -> None:
        """Begin with what comes after this segment. Not over a slow link: there it is the link that is waited for."""
        if here.last < here.head and not wish.slow:
            partial = Partial(here.cursor)
            self._coming = partial, self._pool.submit(self._receive, partial, wish)

    def take(self, cursor: str) -> Partial | None:
        """What came of the segment after this cursor, if it is the one that was asked for."""
        if self._coming is None:
            return None
        partial, coming = self._coming
        while not wait([coming], timeout=_LOOK).done:
            self._course.watch.check()
        self._coming = None
        coming.result()
        moved, self._moved = self._moved, 0
        self._course.watch.moved(moved)
        return partial if partial.cursor == cursor and partial.data else None

    def forget(self) -> None:
        """What was asked for does not come next after all."""
        self.take("")

    def _receive(self, partial: Partial, wish: Wish) -> None:
        with suppress(KnownError, Cancelled):
            self._course.transport.get_segment(self._scope, partial, moved=self._note, wish=wish)

    def _note(self, count: int) -> None:
        self._moved += count
        if self._stopped.is_set():
            raise Cancelled
