"""When a limit ends: calendar days, working days, months, hours; on which days nobody works."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from app.models.dates import months_after
from app.paths import table

_SATURDAY = 5
_HOUR = timedelta(hours=1)
_LAST = timedelta(milliseconds=1)  # moments are kept to the millisecond: the last one of a day is still that day


@dataclass(frozen=True, slots=True)
class Shipped:
    """One holiday of resources/facts/holidays.csv."""

    day: date
    name: str
    source: str

    @property
    def is_sure(self) -> bool:
        """Whether it falls on this day for certain; what follows the moon is to be checked by the office."""
        return "to be checked" not in self.source


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Monday to Friday without the holidays."""

    holidays: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def after(self, start: date, days: int) -> date:
        """The working day that is the `days`-th after this day, which is not counted itself (0: the next that works).

        Years of holidays in a row would be a slip of the pen: after ten years of days the calendar is left alone.
        """
        day, left, last = start, max(days, 1), start + timedelta(days=3650 + 2 * days)
        while left and day < last:
            day += timedelta(days=1)
            left -= self.is_workday(day)
        return day


@dataclass(frozen=True, slots=True)
class End:
    """The end of a limit: the day in the office's zone, and the moment after which it is over."""

    day: date
    at: datetime


@lru_cache
def shipped_holidays() -> tuple[Shipped, ...]:
    """Indonesia's public holidays as they are shipped."""
    rows = table("facts", "holidays.csv")
    return tuple(Shipped(date.fromisoformat(row["day"]), row["name"], row["source"]) for row in rows)


def calendar_with(own: Iterable[tuple[str | None, bool]]) -> WorkCalendar:
    """The shipped holidays with the office's own: (ISO day, whether it is none). The later word of one day counts."""
    days = {holiday.day for holiday in shipped_holidays()}
    for day, cancelled in own:
        if day and "?" not in day:
            (days.discard if cancelled else days.add)(date.fromisoformat(day))
    return WorkCalendar(frozenset(days))


def end_of_day(day: date, zone: tzinfo) -> End:
    """The last moment of a day."""
    return End(day, datetime.combine(day + timedelta(days=1), time.min, zone) - _LAST)


def end_of_limit(start: datetime | date, limit: tuple[int, str], *, calendar: WorkCalendar, zone: tzinfo) -> End:
    """When a limit (amount, unit) ends that begins at a moment, or some time on a day.

    The day of the beginning is not counted. Hours run from a moment; from a day of which no hour is known they run
    to the end of the day on which the last of them may fall.
    """
    amount, unit = limit
    if unit in ("hour", "minute"):
        span = _HOUR * amount if unit == "hour" else timedelta(minutes=amount)
        if isinstance(start, datetime):
            moment = (start + span).astimezone(zone)
            return End(moment.date(), moment)
        return end_of_day(start + timedelta(days=-(-span // timedelta(days=1))), zone)
    first = start.astimezone(zone).date() if isinstance(start, datetime) else start
    if unit == "workday":
        return end_of_day(calendar.after(first, amount), zone)
    return end_of_day(months_after(first, amount) if unit == "month" else first + timedelta(days=amount), zone)
