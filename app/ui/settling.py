"""Rows of deadlines that were made under other rules are made anew, a little at a time, behind the screen."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.models.journal import Changes
from app.services import deadlines
from app.ui.workplace import Workplace

AT_ONCE = 200  # cases: well under a second, so that a save waits for none of it
_RULES = frozenset({"holiday", "deadline_limit"})


class Settling(QObject):
    """Begins when it is made and whenever holidays or limits change; a lock does not wait for it."""

    def __init__(self, place: Workplace, *, parent: QObject) -> None:
        super().__init__(parent)
        self._place = place
        place.changed.connect(self._hear)
        self.go_on()

    def go_on(self) -> None:
        """One short turn on the lane of the database; saves find their place between two of them."""
        desk = self._place.desk
        if desk.stale() or desk.locked():
            return
        job = self._place.jobs.run(
            lambda _progress: deadlines.settle(desk, at_most=AT_ONCE), then=self._done, lane="db", owner=self
        )
        job.is_reading = True

    def _done(self, more: bool) -> None:
        if more:
            self.go_on()

    def _hear(self, changes: Changes) -> None:
        if changes.kinds & _RULES:
            self.go_on()
