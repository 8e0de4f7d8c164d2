"""When to synchronise without being asked, and when to try again: pure decisions, told the time, waiting for nothing.

Automatic synchronising is the office's choice and off until it is made. A save is followed a second after the last one
of a row, and no later than a minute after the first; a laptop that is only read asks once a day, at the time the
centre named, so that a country does not call at eight o'clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

AUTO, SLOT = "auto_sync", "sync_slot"  # settings: the office's choice; seconds from midnight UTC, as the centre said

AFTER_LAST, AFTER_FIRST = timedelta(seconds=1), timedelta(seconds=60)
SHORTEST, LONGEST = timedelta(seconds=5), timedelta(minutes=10)  # pauses between tries
_DAY = timedelta(days=1)
Chance = Callable[[], float]  # between 0 and 1


@dataclass(frozen=True, slots=True)
class Conditions:
    """What else counts at a moment."""

    on: bool = False  # the office turned it on
    metered: bool = False
    urgent: bool = False  # a referral, or a step of one, waits
    saving: bool = False  # a form is being saved right now
    running: bool = False
    slot: int | None = None  # seconds from midnight UTC


@dataclass(frozen=True, slots=True)
class Auto:
    """What happened so far; every event gives a new one."""

    first: datetime | None = None  # of the saves that no sync has carried yet
    last: datetime | None = None
    ended: datetime | None = None  # the last sync, however it ended
    good: datetime | None = None  # the last that ended well
    failures: int = 0
    again_at: datetime | None = None  # not before, after a failure

    def changed(self, now: datetime) -> Auto:
        """Something was saved."""
        return replace(self, first=self.first or now, last=now)

    def nothing_waits(self) -> Auto:
        """What was saved is with the centre, whoever carried it."""
        return replace(self, first=None, last=None)

    def succeeded(self, now: datetime) -> Auto:
        """A sync ended well, whoever asked for it."""
        return Auto(ended=now, good=now)

    def failed(self, now: datetime, *, retry_after: int = 0, chance: Chance = lambda: 0.5) -> Auto:
        """A sync did not end well; `retry_after` is what the centre asked for, in seconds."""
        wait = pause(self.failures, retry_after=retry_after, chance=chance)
        return replace(self, ended=now, failures=self.failures + 1, again_at=now + wait)

    def due(self, conditions: Conditions, *, now: datetime) -> datetime | None:
        """When the next one is to begin, perhaps now or earlier; None while nothing calls for one."""
        if not conditions.on or conditions.running or (conditions.metered and not conditions.urgent):
            return None
        calls = [moment for moment in (self._after_saves(), self._daily(conditions, now)) if moment is not None]
        if not calls:
            return None
        when = max(min(calls), self.again_at or min(calls))
        return max(when, now + AFTER_LAST) if conditions.saving else when

    def _after_saves(self) -> datetime | None:
        if self.first is None or self.last is None:
            return None
        return min(self.last + AFTER_LAST, self.first + AFTER_FIRST)

    def _daily(self, conditions: Conditions, now: datetime) -> datetime | None:
        """The slot of today, if it has passed without a good sync; else the next one."""
        if conditions.slot is None or conditions.metered:
            return None
        today = datetime.combine(now.astimezone(UTC).date(), time(), UTC) + timedelta(seconds=conditions.slot % 86_400)
        latest = today if today <= now else today - _DAY
        return latest if self.good is None or self.good < latest else latest + _DAY


def pause(failures: int, *, retry_after: int = 0, chance: Chance = lambda: 0.5) -> timedelta:
    """How long to wait after so many failures before this one: twice as long each time, a quarter more or less.

    Never shorter than the centre asked for; a little longer, or all whom it sent away would come back together.
    """
    steps = min(failures, 16)
    usual: timedelta = min(min(SHORTEST * 2**steps, LONGEST) * (0.75 + 0.5 * chance()), LONGEST)
    asked = timedelta(seconds=min(max(retry_after, 0), 86_400))
    return max(usual, asked * (1 + 0.25 * chance())) if asked else usual
