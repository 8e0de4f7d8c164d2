"""A sync makes very many objects that live to its end: to look through all of them again and again is a fifth of it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_RARELY = 1_000  # collections of younger objects between two of all, where Python has 10

_guard = threading.Lock()
_running = 0
_usual = gc.get_threshold()


@contextmanager
def seldom_searched() -> Iterator[None]:
    """Inside the block Python looks only through what is new for what nobody holds any more; several may overlap."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _running, _usual
    with _guard:
        if not _running:
            _usual = gc.get_threshold()
            gc.set_threshold(*_usual[:2], _RARELY)
        _running += 1


def _leave() -> None:
    global _running
    with _guard:
        _running -= 1
        if not _running:
            gc.set_threshold(*_usual)
