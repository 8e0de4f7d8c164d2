"""The next batch is frozen while the one before is on its way: the link and the centre do not wait for the sealing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Condition
from types import TracebackType
from typing import Self

from app.sync.device import SyncSetup
from app.sync.outbox import freezing

_LOOK = 0.2  # seconds between two looks whether the person asked to stop


class Freezing:
    """Inside the block the first batch is frozen, and the others are on the way to it.

    What freezes besides, or changes what waits to be frozen, asks for `finish` before.
    """

    def __init__(self, setup: SyncSetup) -> None:
        self._batches = freezing(setup)
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._more = Condition()
        self._last = 0
        self._over = True  # nothing more will be frozen
        self._stopped = False
        self._rest: Future[None] | None = None

    def __enter__(self) -> Self:
        first = next(self._batches, None)
        if first is not None:
            self._last, self._over = first, False
            self._rest = self._pool.submit(self._go_on)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped = True
        self._pool.shutdown()

    def comes(self, n: int, *, check: Callable[[], None]) -> bool:
        """Whether there will be a batch `n`. Waits until that is known, and calls `check` meanwhile: it may raise."""
        with self._more:
            while not self._more.wait_for(lambda: self._last >= n or self._over, _LOOK):
                check()
        if self._last < n:
            self.finish()
        return self._last >= n

    def finish(self) -> None:
        """Wait until everything is frozen."""
        if self._rest is not None:
            self._rest.result()

    def _go_on(self) -> None:
        try:
            for n in self._batches:
                self._note(n)
                if self._stopped:
                    return
        finally:
            self._note(self._last, over=True)

    def _note(self, n: int, *, over: bool = False) -> None:
        with self._more:
            self._last, self._over = n, over
            self._more.notify_all()
