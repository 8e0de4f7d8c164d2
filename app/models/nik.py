"""NIK: 16 digits (place of first registration, birth date with day + 40 for women, serial).

A wrong shape is refused. A mismatch with sex, date or place only warns: the card may be wrong, or not hers.
"""

from datetime import date

from app.i18n import _, format_date
from app.models.dates import earliest, latest
from app.models.regions import region_path, regions


def shape_problem(nik: str) -> str:
    """Why this cannot be a NIK, in words; '' if it can."""
    if not nik.isascii() or not nik.isdigit():
        return _("A NIK has digits only.")
    if len(nik) != 16:
        return _("A NIK has 16 digits; this one has {n}.").format(n=len(nik))
    if born(nik) is None:
        return _("Digits 7 to 12 of the NIK are no date (day, month, year; for women the day is 40 higher).")
    return ""


def born(nik: str) -> date | None:
    """The date in the NIK, its two-digit year taken as 20xx; None if it is none. See `_centuries`."""
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    try:
        return date(2000 + year, month, day - 40 * (day > 40))
    except ValueError:
        return None


def warnings(nik: str, *, sex: str | None, birth_date: str | None, region: str | None = None) -> tuple[str, ...]:
    """What in a well-shaped NIK does not fit the rest of the record. Never a refusal.

    Its place is that of the first registration: whoever moved has another one, and only a district says something.
    """
    found = []
    if sex in ("P", "L") and (int(nik[6:8]) > 40) != (sex == "P"):
        found.append(_("The NIK is that of a person of the other sex."))
    in_card = born(nik)
    if (
        birth_date
        and in_card
        and not any(earliest(birth_date) <= day <= latest(birth_date) for day in _centuries(in_card))
    ):
        found.append(_("Date in the NIK: {date}").format(date=format_date(_nearest(in_card, earliest(birth_date)))))
    if region and nik[:4] != region[:4] and nik[:4] in regions():
        found.append(_("First registered elsewhere: {place}").format(place=region_path(nik[:4])))
    return tuple(found)


def _nearest(day: date, other: date) -> date:
    return min(_centuries(day), key=lambda candidate: abs(candidate - other))


def _centuries(day: date) -> tuple[date, ...]:
    """The same two-digit year a hundred years earlier is the same NIK."""
    try:
        return day, day.replace(year=day.year - 100)
    except ValueError:  # 29 February
        return (day,)
