"""The one place where a language is chosen: words by gettext, dates and numbers by Babel.

Texts are looked up when they are shown, never when a module is imported: mark a constant with
`N_("...")` and translate it with `_()` at the moment of showing. The source language of the
messages is English; Indonesian is what a new workspace speaks.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import dates, numbers

from app.paths import resource

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
ZONES = {"WIB": ZoneInfo("Asia/Jakarta"), "WITA": ZoneInfo("Asia/Makassar"), "WIT": ZoneInfo("Asia/Jayapura")}

_chosen = "id"
_zone = "WIB"
_speaking: ContextVar[str | None] = ContextVar("naungan_language", default=None)


def N_(text: str) -> str:
    """Mark a constant for translation without translating it yet."""
    return text


def use(language: str, zone: str | None = None) -> None:
    """Speak this language (and show this Indonesian zone) from now on, in the whole program."""
    global _chosen, _zone
    _chosen = language if language in LANGUAGES else "id"
    if zone in ZONES:
        _zone = zone


def language() -> str:
    """The language of the running code: 'id' or 'en'."""
    return _speaking.get() or _chosen


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak another language for a while: a report in English from an Indonesian screen."""
    token = _speaking.set(language if language in LANGUAGES else "id")
    try:
        yield
    finally:
        _speaking.reset(token)


@lru_cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation("naungan", resource("locale"), [language], fallback=True)


def _(text: str) -> str:
    """The text in the language of the running code; '' stays ''."""
    return _catalogue(language()).gettext(text) if text else ""


def ngettext(one: str, many: str, n: int) -> str:  # signature: gettext
    """Singular or plural by the rules of the language."""
    return _catalogue(language()).ngettext(one, many, n)


def pgettext(context: str, text: str) -> str:
    """The text in one of its senses: pgettext("noun", "Report")."""
    return _catalogue(language()).pgettext(context, text)


def zone() -> tzinfo:
    """The zone in which times are shown."""
    return ZONES[_zone]


def zone_name() -> str:
    """WIB, WITA or WIT."""
    return _zone


def _locale() -> str:
    return "id_ID" if language() == "id" else "en_GB"


def format_date(day: date | None, style: str = "long") -> str:
    """'17 Agustus 2026' (long), '17/08/2026' (short); '' for None. Years always have four digits."""
    if day is None:
        return ""
    patterns = {"long": "d MMMM y", "medium": "d MMM y", "short": "dd/MM/y"}
    return dates.format_date(day, patterns[style], locale=_locale())


def format_time(moment: datetime) -> str:
    """'14.02' in Indonesian, '14:02' in English, in the shown zone."""
    return dates.format_datetime(
        moment.astimezone(zone()), "HH.mm" if language() == "id" else "HH:mm", locale=_locale()
    )


def format_datetime(moment: datetime | None, *, with_zone: bool = False) -> str:
    """'20 Nov 2026 15.42', with 'WIB' after it if asked; '' for None."""
    if moment is None:
        return ""
    text = f"{format_date(moment.astimezone(zone()).date(), 'medium')} {format_time(moment)}"
    return f"{text} {_zone}" if with_zone else text


def format_day(day: date, today: date) -> str:
    """'Hari ini', 'Besok', 'Kemarin', else '26 Nov' (with the year when it is another)."""
    near = {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}.get((day - today).days)
    if near:
        return near
    pattern = "d MMM" if day.year == today.year else "d MMM y"
    return dates.format_date(day, pattern, locale=_locale())


def format_number(value: float) -> str:
    """'1.234,5' in Indonesian, '1,234.5' in English."""
    return str(numbers.format_decimal(value, locale=_locale()))


def format_rupiah(amount: int | None) -> str:
    """'Rp 1.250.000'; '' where nothing is known."""
    return "" if amount is None else f"Rp\u00a0{format_number(amount)}"


def format_bytes(count: int) -> str:
    """'340 B', '12,4 KB', '1,2 MB': powers of 1,000."""
    size, unit = float(count), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{format_number(round(size, 1) if unit != 'B' else int(size))} {unit}"


def format_duration(span: timedelta) -> str:
    """'3 jam 12 menit': the two largest units."""
    minutes = max(0, int(span.total_seconds() // 60))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    words = [
        ngettext("{n} day", "{n} days", days).format(n=days) if days else "",
        ngettext("{n} hour", "{n} hours", hours).format(n=hours) if hours else "",
        ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes) if minutes or not (days or hours) else "",
    ]
    return " ".join([word for word in words if word][:2])
