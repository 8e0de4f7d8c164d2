"""Dates as people know them: a day, a month and year, or only a year; and how workers type them."""

import re
from calendar import monthrange
from datetime import date, timedelta

from app.i18n import _, format_date


def parse_date(text: str, *, today: date) -> str:
    """ISO text of a typed date: `17/8/26`, `17-8-2026`, `h` (today), `-3`, `+2`, `?/8/2009`, `8/2009`, `2009`.

    Unknown parts become `??`. A two-digit year is the nearest one not more than ten years ahead.
    ValueError, with a sentence that says what to type, if it is no date.
    """
    plain = text.strip().lower()
    if plain in {"h", "hari ini", "today"}:
        return today.isoformat()
    if re.fullmatch(r"[+-]\d{1,4}", plain):
        return (today + timedelta(days=int(plain))).isoformat()
    if re.fullmatch(r"\d{4}-(\d{2}|\?\?)-(\d{2}|\?\?)", plain):
        year, month, day = plain.split("-")
        return _checked(int(year), _part(month), _part(day))
    parts = [part for part in re.split(r"[/.\-\s]+", plain) if part]
    if not 1 <= len(parts) <= 3 or not all(re.fullmatch(r"\d{1,4}|\?{1,2}", part) for part in parts):
        raise ValueError(_("Not a date. Type it like 17/8/2009, ?/8/2009 or 2009."))
    day, month, year = ["?"] * (3 - len(parts)) + parts
    if "?" in year:
        raise ValueError(_("The year must be known, at least roughly."))
    return _checked(_year(year, today), _part(month), _part(day))


def _part(text: str) -> int | None:
    return None if "?" in text else int(text)


def _year(text: str, today: date) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    century = today.year // 100 * 100
    return century + year if century + year <= today.year + 10 else century - 100 + year


def _checked(year: int, month: int | None, day: int | None) -> str:
    if month is None and day is not None:
        raise ValueError(_("A day needs its month."))
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        raise ValueError(_("There is no such day in the calendar.")) from None
    if not 1900 <= year <= 2200:
        raise ValueError(_("The year must lie between 1900 and 2200."))
    return f"{year:04}-{f'{month:02}' if month else '??'}-{f'{day:02}' if day else '??'}"


def earliest(partial: str) -> date:
    """The first day a partial date may mean. ValueError if it is not one."""
    year, month, day = partial.split("-")
    return date(int(year), 1 if "?" in month else int(month), 1 if "?" in day else int(day))


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of that month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def latest(partial: str) -> date:
    """The last day a partial date may mean. ValueError if it is not one."""
    year, month, day = partial.split("-")
    if "?" not in day:
        return date(int(year), int(month), int(day))
    last_month = 12 if "?" in month else int(month)
    following = date(int(year) + last_month // 12, last_month % 12 + 1, 1)
    return following - timedelta(days=1)


def age_range(
    partial: str | None, estimate: int | None, today: date, *, on: str | None = None
) -> tuple[int, int] | None:  # fmt: skip
    """(youngest, oldest) age in years that the date of birth, else the estimate, allows; None if nothing is known.

    `on`: the day the age was estimated on; since then the person has grown older. Without it the estimate is of today.
    """
    if partial:
        return _years(latest(partial), today), _years(earliest(partial), today)
    if estimate is None or not on:
        return None if estimate is None else (estimate, estimate)
    first = months_after(earliest(on), -12 * (estimate + 1)) + timedelta(days=1)
    last = months_after(latest(on), -12 * estimate)
    return max(estimate, _years(last, today)), max(estimate, _years(first, today))


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def is_child(partial: str | None, estimate: int | None, today: date, *, on: str | None = None) -> bool | None:
    """Under 18 (UU 35/2014 art. 1). In doubt a child: whoever may be under 18 is treated as one. None: not known."""
    ages = age_range(partial, estimate, today, on=on)
    return None if ages is None else ages[0] < 18


def show_date(partial: str | None) -> str:
    """A partial date for people: '17 Agustus 2009', '?/08/2009', '2009'."""
    if not partial:
        return ""
    year, month, day = partial.split("-")
    if "?" in month:
        return year
    return f"?/{month}/{year}" if "?" in day else format_date(earliest(partial))


def show_age(partial: str | None, estimate: int | None, today: date, *, on: str | None = None) -> str:
    """'16', '16-17' or ''."""
    ages = age_range(partial, estimate, today, on=on)
    if ages is None:
        return ""
    return str(ages[0]) if ages[0] == ages[1] else f"{ages[0]}\u2013{ages[1]}"
