"""Tells what the demo does in plain lines, with a bar at a terminal, and measures every step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from app.i18n import format_number

WIDTH = 24


class Telling:
    """Writes to one stream; `seconds` maps the steps that ended to how long they took."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._bar = out.isatty()
        self._text = ""
        self.seconds: dict[str, float] = {}

    def say(self, line: str = "") -> None:
        """One whole line."""
        print(line, file=self._out, flush=True)

    @contextmanager
    def step(self, name: str, text: str) -> Iterator[None]:
        """A step of the demo: its line ends with the seconds it took, also if it fails."""
        began = time.monotonic()
        self._text = text
        self.reached(0, 0)
        done = False
        try:
            yield
            done = True
        finally:
            took = time.monotonic() - began
            self.seconds[name] = round(self.seconds.get(name, 0.0) + took, 3)
            self._clear()
            self.say(f"  {'+' if done else '!'} {text} ({format_number(round(took, 1))} s)")

    def reached(self, done: int, whole: int) -> None:
        """How far the running step has come. A stream that is no terminal is spared the bar."""
        if not self._bar:
            return
        share = min(1.0, done / whole) if whole else 0.0
        filled = round(WIDTH * share)
        percent = f" {share:4.0%}" if whole else ""
        self._out.write(f"\r  [{'#' * filled}{'.' * (WIDTH - filled)}]{percent} {self._text}\x1b[K")
        self._out.flush()

    def _clear(self) -> None:
        if self._bar:
            self._out.write("\r\x1b[K")
