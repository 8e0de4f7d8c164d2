"""Brings what is derived up to date while the window is open, a piece at a time; still when there is nothing to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from app.errors import KnownError
from app.models.journal import Changes
from app.models.permission import Permission
from app.services import deadlines, upkeep
from app.services.desk import Desk
from app.ui import problems
from app.ui.jobs import Job
from app.ui.workplace import Workplace

_LATER_MS = 20_000  # a window that opens has better things to do, unless its search is not whole
_BETWEEN_MS = 100  # a save waits for one piece at most
_CASES = 200  # at once: well under a second


@dataclass(frozen=True)
class Chore:
    """Something derived: `piece` does a part of it and says whether there is more.

    It begins `first_ms` after a change of these kinds, and `at_start_ms` after the window opened.
    """

    piece: Callable[[Desk], bool]
    kinds: frozenset[str]
    may: Callable[[Desk], bool]
    first_ms: int
    between_ms: int
    at_start_ms: Callable[[Desk], int]


# The search, and who may be one person.
PERSONS = Chore(
    upkeep.piece, frozenset({"person", "person_match"}),
    may=lambda desk: desk.may(Permission.READ), first_ms=_LATER_MS, between_ms=_BETWEEN_MS,
    at_start_ms=lambda desk: _LATER_MS if upkeep.is_whole(desk) else 0,
)  # fmt: skip
# Deadlines that were made under other rules, holidays or another zone.
DEADLINES = Chore(
    lambda desk: deadlines.settle(desk, at_most=_CASES), frozenset({"holiday", "deadline_limit"}),
    may=lambda desk: not desk.stale(), first_ms=0, between_ms=0, at_start_ms=lambda _desk: 0,
)  # fmt: skip


class Upkeep(QTimer):
    """One piece per turn on the db lane. A lock does not wait for it: what is cut off is done next time."""

    def __init__(self, place: Workplace, chore: Chore, *, parent: QObject) -> None:
        super().__init__(parent)
        self._place, self._chore = place, chore
        self._job: Job | None = None
        self._again = False  # something changed while a piece was being done
        self.setSingleShot(True)
        self.timeout.connect(self.look)
        place.changed.connect(self._hear)
        if self._may():
            self._begin(chore.at_start_ms(place.desk))

    def look(self) -> None:
        """Do one piece."""
        desk, piece = self._place.desk, self._chore.piece
        if self._job is not None:
            self._again = True
        elif self._may():
            work = self._place.jobs.run(
                lambda _progress: piece(desk), then=self._done, failed=self._failed, lane="db", owner=self
            )
            work.is_reading = True
            work.when_ended(self._forget)
            self._job = work

    def _begin(self, ms: int) -> None:
        """At once, so that nobody reads the list before it, or later."""
        if ms:
            self.start(ms)
        else:
            self.look()

    def _may(self) -> bool:
        return not self._place.desk.locked() and self._chore.may(self._place.desk)

    def _done(self, more: bool) -> None:
        if more:
            self._begin(self._chore.between_ms)

    def _hear(self, changes: Changes) -> None:
        if changes.kinds & self._chore.kinds and not self.isActive():
            self._begin(self._chore.first_ms)

    def _failed(self, error: Exception) -> None:
        """A full or damaged disk is said by the next save; here it is tried again after the next change."""
        if not isinstance(error, KnownError):
            problems.show(self._place.window, error)

    def _forget(self) -> None:
        self._job = None
        if self._again:
            self._again = False
            self._begin(self._chore.first_ms)
