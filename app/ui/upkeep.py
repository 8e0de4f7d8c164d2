"""Brings what is derived up to date while the window is open, a piece at a time; still when there is nothing to do."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.errors import KnownError
from app.models.journal import Changes
from app.models.permission import Permission
from app.services import upkeep
from app.ui import problems
from app.ui.jobs import Job
from app.ui.workplace import Workplace

FIRST_MS = 20_000  # a window that opens has better things to do, unless its search is not whole
BETWEEN_MS = 100  # a save waits for one piece at most
_CONCERNED = {"person", "person_match"}


class Upkeep(QTimer):
    """One piece per turn on the db lane. A lock does not wait for it: what is cut off is done next time."""

    def __init__(self, place: Workplace, *, parent: QObject) -> None:
        super().__init__(parent)
        self._place = place
        self._job: Job | None = None
        self.setSingleShot(True)
        self.timeout.connect(self.look)
        place.changed.connect(self._hear)
        if place.desk.may(Permission.READ) and not place.desk.locked():
            self.start(FIRST_MS if upkeep.is_whole(place.desk) else 0)

    def look(self) -> None:
        """Do one piece."""
        desk = self._place.desk
        if self._job is None and desk.may(Permission.READ) and not desk.locked():
            work = self._place.jobs.run(
                lambda _progress: upkeep.piece(desk), then=self._done, failed=self._failed, lane="db", owner=self
            )
            work.is_reading = True
            work.when_ended(self._forget)
            self._job = work

    def _done(self, more: bool) -> None:
        if more:
            self.start(BETWEEN_MS)

    def _hear(self, changes: Changes) -> None:
        if changes.kinds & _CONCERNED and not self.isActive():
            self.start(FIRST_MS)

    def _failed(self, error: Exception) -> None:
        """A full or damaged disk is said by the next save; here it is tried again after the next change."""
        if not isinstance(error, KnownError):
            problems.show(self._place.window, error)

    def _forget(self) -> None:
        self._job = None
