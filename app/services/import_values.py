"""One cell of somebody's spreadsheet as a value of a field: what it says, never what it might have meant.

A cell that says nothing clear is refused with a sentence; a date is not invented out of a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from app import i18n
from app.i18n import _
from app.models.check import check_value, parse_phone
from app.models.codelist import Codelist, codelist
from app.models.dates import parse_date
from app.models.field import Field, Kind
from app.models.regions import regions
from app.paths import table
from app.services.spreadsheet import Cell

_PARTS = re.compile(r"[;|\n\r]+|,(?!\d)")
_SAFE_DIGITS = 15  # a spreadsheet keeps no more of a number
_YES = frozenset({"ya", "y", "yes", "true", "benar", "1", "v", "x", "ada"})
_NO = frozenset({"tidak", "t", "n", "no", "false", "salah", "0", "tdk", "-"})
_YEARS = range(1900, 2201)
NOTHING = frozenset({"-", "--", "n/a", "na", "tidak ada", "kosong", "none", "null"})


def value_of(field: Field, cell: Cell, *, today: date, chosen: Mapping[str, str]) -> Any:
    """The value of a cell for this field; None for an empty one. ValueError, in words, if it is not clear.

    `chosen` maps words of the file (as `plain` writes them) to codes that a person chose for them; "" leaves them out.
    """
    words = said(cell)
    if not words or (words.casefold() in NOTHING and field.kind is not Kind.BOOL):
        return () if field.kind is Kind.CODES else None
    value = _READERS[field.kind](field, cell, today, chosen)
    problem = check_value(field, value)
    if problem is not None:
        raise ValueError(problem.message)
    return value


def said(cell: Cell) -> str:
    """A cell as text: a whole number without its '.0', a day as it is written here."""
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e16:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y %H:%M") if cell.time() != time() else cell.strftime("%d/%m/%Y")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    return str(cell).strip()


@lru_cache(maxsize=4096)
def plain(words: str) -> str:
    """Words without accents, signs and capitals: how a file and a list are compared."""
    letters = unicodedata.normalize("NFKD", words.casefold())
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", letters))


def parts_of(words: str) -> list[str]:
    """The values of a cell that holds several: each on its own line, or between semicolons or commas."""
    return [part.strip() for part in _PARTS.split(words) if part.strip()]


def code_of(name: str, words: str, chosen: Mapping[str, str]) -> str | None:
    """The code of a list that these words mean: the code, a label of either language, an alias, or what was chosen.

    None if a person chose to leave them out. ValueError if nobody knows them.
    """
    key = plain(words)
    if key in chosen:
        return chosen[key] or None
    found = _words_of(name).get(key)
    if found is None:
        raise ValueError(_("“{words}” is not in the list. Choose what it means.").format(words=words[:60]))
    return found


_known: dict[str, tuple[Codelist, dict[str, str]]] = {}


def _words_of(name: str) -> dict[str, str]:
    """What each code of a list may be called, by words as `plain` writes them; made anew when the list is another."""
    now = codelist(name)
    held = _known.get(name)
    if held is None or held[0] is not now:
        found = {row["alias"]: row["code"] for row in table("facts", "code_aliases.csv") if row["codelist"] == name}
        for code in now.choices():
            for words in (code.label_id, code.label_en, code.code):
                found[plain(words)] = code.code
        held = _known[name] = (now, found)
    return held[1]


def _text(_field: Field, cell: Cell, _today: date, _chosen: Mapping[str, str]) -> str:
    return said(cell)


def _code(field: Field, cell: Cell, _today: date, chosen: Mapping[str, str]) -> str | None:
    assert field.codelist is not None
    return code_of(field.codelist, said(cell), chosen)


def _codes(field: Field, cell: Cell, _today: date, chosen: Mapping[str, str]) -> tuple[str, ...]:
    assert field.codelist is not None
    words = said(cell)
    try:  # a label may hold a comma itself
        whole = code_of(field.codelist, words, chosen)
        return (whole,) if whole else ()
    except ValueError:
        found = (code_of(field.codelist, part, chosen) for part in parts_of(words))
        return tuple(sorted({code for code in found if code}))


def _date(_field: Field, cell: Cell, today: date, _chosen: Mapping[str, str]) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    words = said(cell)
    if isinstance(cell, int | float) and (not words.isdigit() or int(words) not in _YEARS):
        raise ValueError(_("A number, not a date. Format the column as a date, or as text like 17/8/2009."))
    if words.startswith(("+", "-")) or not any(c.isdigit() for c in words):  # "-3" is a day only for who types it
        raise ValueError(_("Not a date. Type it like 17/8/2009, ?/8/2009 or 2009."))
    return parse_date(_month_names(words), today=today)


def _month_names(words: str) -> str:
    """'17 Agustus 2009' -> '17/8/2009'."""
    return re.sub(r"[A-Za-z]+", lambda m: _months().get(m.group().casefold(), m.group()), words.split("T")[0])


@lru_cache
def _months() -> dict[str, str]:
    names = (
        "januari january jan", "februari february feb pebruari", "maret march mar", "april apr", "mei may",
        "juni june jun",
        "juli july jul", "agustus august agu agt aug ags", "september sep sept", "oktober october okt oct",
        "november nov nopember nop", "desember december des dec",
    )  # fmt: skip
    return {name: str(at) for at, line in enumerate(names, 1) for name in line.split()}


def _moment(field: Field, cell: Cell, today: date, chosen: Mapping[str, str]) -> datetime:
    """A day alone is its beginning; a day that is not whole cannot be a moment."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=i18n.zone())
    words = said(cell)
    clock = re.search(r"[ T](\d{1,2})[:.](\d{2})(?:[:.]\d{2})?$", words)
    told = _date(field, words[: clock.start()] if clock else cell, today, chosen)
    if "?" in told:
        raise ValueError(_("The whole day is needed here: day, month and year."))
    try:
        at = time(int(clock.group(1)), int(clock.group(2))) if clock else time()
    except ValueError:
        raise ValueError(_("There is no such time of the day.")) from None
    return datetime.combine(date.fromisoformat(told), at, tzinfo=i18n.zone())


def _number(_field: Field, cell: Cell, _today: date, _chosen: Mapping[str, str]) -> int:
    words = re.sub(r"(?i)^rp\.?\s*|\s*(tahun|thn|th|years?)$|[.,]00$", "", said(cell)).strip()
    words = re.sub(r"(?<=\d)[.,\s](?=\d{3}\b)", "", words)
    if not words.isdigit():
        raise ValueError(_("Not a whole number."))
    return int(words)


def _bool(_field: Field, cell: Cell, _today: date, _chosen: Mapping[str, str]) -> bool:
    if isinstance(cell, bool):
        return cell
    words = said(cell).casefold()
    if words not in _YES | _NO:
        raise ValueError(_("Neither yes nor no."))
    return words in _YES


def _phone(_field: Field, cell: Cell, _today: date, _chosen: Mapping[str, str]) -> str:
    words = said(cell)
    if isinstance(cell, int | float) and words.startswith("8"):
        words = "0" + words  # a spreadsheet takes the first nought off a number
    return parse_phone(words)


def _nik(_field: Field, cell: Cell, _today: date, _chosen: Mapping[str, str]) -> str:
    words = re.sub(r"[\s.'`-]", "", said(cell))
    if isinstance(cell, int | float) and len(words) > _SAFE_DIGITS:
        raise ValueError(_("The spreadsheet keeps this as a number and may have lost its last digit. Type it as text."))
    return words


def _region(_field: Field, cell: Cell, _today: date, _chosen: Mapping[str, str]) -> str:
    words = said(cell)
    code = re.sub(r"\.", "", words)
    if code in regions():
        return code
    found = _regions_by_name().get(plain(words), ())
    if len(found) != 1:
        sentence = _("Several regions are called “{words}”.") if found else _("There is no region “{words}”.")
        raise ValueError(sentence.format(words=words[:60]))
    return found[0]


@lru_cache(maxsize=1)
def _regions_by_name() -> dict[str, tuple[str, ...]]:
    """Districts, and kecamatan with their district, by name; 'kota' and 'kabupaten' may be left out if it is clear."""
    found: dict[str, set[str]] = {}
    for code, region in regions().items():
        names = {plain(region.path), plain(region.name)} if len(code) > 2 else set()
        if len(code) == 4:
            names.add(re.sub(r"^(kota|kabupaten|kab|kota administrasi) ", "", plain(region.name)))
            names.add(plain(region.name).replace("kabupaten ", "kab ", 1))
        for name in names:
            found.setdefault(name, set()).add(code)
    districts = {name: {c for c in codes if len(c) == 4} for name, codes in found.items()}
    return {name: tuple(sorted(districts[name] or codes)) for name, codes in found.items()}


def _reference(_field: Field, _cell: Cell, _today: date, _chosen: Mapping[str, str]) -> str:
    raise ValueError(_("This field cannot come from a file."))


_READERS = {
    Kind.TEXT: _text, Kind.LONG: _text, Kind.CODE: _code, Kind.CODES: _codes, Kind.DATE: _date,
    Kind.DATETIME: _moment, Kind.INT: _number, Kind.BOOL: _bool, Kind.PHONE: _phone, Kind.NIK: _nik,
    Kind.REGION: _region, Kind.REF: _reference,
}  # fmt: skip
