"""Gives memory back to a small laptop while nobody asks for anything: pages of the database, and what was freed."""

from __future__ import annotations

import ctypes
import sys

from PySide6.QtCore import QObject, QTimer
from sqlalchemy import Engine

from app.ui.jobs import Jobs, Progress
from app.vault.engine import give_back

QUIET_MS = 3_000


class Thrift(QObject):
    """Waits until the jobs have been quiet for three seconds, then tidies up once, behind the screen.

    What is read next costs a little more: its pages are deciphered again.
    """

    def __init__(self, jobs: Jobs, engine: Engine, *, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs, self._engine = jobs, engine
        self._tidying = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET_MS)
        self._timer.timeout.connect(self.tidy)
        jobs.busy_changed.connect(self._hear)

    def stop(self) -> None:
        """Wait no more."""
        self._timer.stop()
        self._jobs.busy_changed.disconnect(self._hear)

    def tidy(self) -> None:
        """Give back what can be had again."""
        self._tidying = True
        self._jobs.run(self._give_back, owner=self)

    def _hear(self, busy: bool) -> None:
        """Its own job is no reason to tidy up again."""
        self._timer.stop()
        if not busy:
            if not self._tidying:
                self._timer.start()
            self._tidying = False

    def _give_back(self, _progress: Progress) -> None:
        give_back(self._engine)
        trim()


def trim() -> bool:
    """Have the C library return freed memory to the system; False where it does so by itself, or cannot."""
    if not sys.platform.startswith("linux"):
        return False
    returned = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl has not
    return returned is not None and bool(returned(0))
