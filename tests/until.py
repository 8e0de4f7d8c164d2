"""Waiting in a test for what another thread or program does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sized

LONGEST = 40  # seconds: a busy machine is slow, and whoever waits longer than this waits for nothing
_PAUSE = 0.005  # seconds in which whoever is waited for has the processor


def until(holds: Callable[[], object], what: str, *, unless: Sized = ()) -> None:
    """Until it is so. AssertionError that says `what` was waited for, at once if there is anything in `unless`.

    `unless` is where an answer, or a failure, arrives that must not come before.
    """
    pause, latest = threading.Event(), time.monotonic() + LONGEST
    while not holds():
        assert not unless, f"{what}: instead of it {unless!r}"
        assert time.monotonic() < latest, f"{what}: not within {LONGEST} seconds"
        pause.wait(_PAUSE)
