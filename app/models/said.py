"""Values of records in words, the same on the screen, in the timeline and on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from app.i18n import _, format_datetime, format_number, zone
from app.models.case_parts import CasePart
from app.models.codelist import label
from app.models.dates import earliest, show_date
from app.models.field import Field, Kind, field_map
from app.models.kind_names import kind_name
from app.models.regions import region_path
from app.models.sealed import HIDDEN, is_token

DOT = " \u00b7 "


def is_hidden(value: Any) -> bool:
    """Whether a value is there that this person, or this laptop, cannot open."""
    if isinstance(value, tuple | list):
        return any(map(is_hidden, value))
    return value is HIDDEN or is_token(value)


def hidden_words() -> str:
    """What stands in the place of a value that is there and cannot be opened here."""
    return _("Something is written here. Only who may read sealed values sees it.")


def value_words(field: Field, value: Any) -> str:
    """The value of any field in words; '' for an empty one. A reference is not resolved here: it stays ''."""
    if value in (None, "", ()):
        return ""
    if is_hidden(value):
        return hidden_words()
    match field.kind:
        case Kind.CODE:
            return label(field.codelist, str(value))
        case Kind.CODES:
            return ", ".join(label(field.codelist, code) for code in _codes(value))
        case Kind.DATE:
            return show_date(str(value))
        case Kind.DATETIME:
            return format_datetime(value)
        case Kind.BOOL:
            return _("Yes") if value else _("No")
        case Kind.REGION:
            return region_path(str(value))
        case Kind.REF:
            return ""
        case Kind.INT:
            words = format_number(value)
            return f"{words} {_(field.unit)}" if field.unit else words
    return str(value)


def spoken_words(field: Field, values: Mapping[str, Any]) -> str:
    """The same of a field of a record; beside a telephone number it says whether to call is safe."""
    words = value_words(field, values.get(field.key))
    if not words or field.kind is not Kind.PHONE or "contact_safety" not in values:
        return words
    return DOT.join((words, contact_words(values.get("contact_safety"))))


def contact_words(code: str | None) -> str:
    """'Do not contact'; where nobody asked it says so, for that is not safe either."""
    return label("contact_safety", code) if code else _("not known whether it is safe to contact")


def _codes(value: Any) -> Sequence[str]:
    return value if isinstance(value, tuple | list) else (str(value),)


def headline(part: CasePart, value_of: Callable[[str], Any]) -> str:
    """The title of a part: the words of the fields its declaration names; what it is, if they say nothing."""
    declared = field_map(part.record)
    found = [value_words(declared[key], value_of(key)) for key in part.headline]
    return DOT.join(words for words in found if words) or kind_name(part.kind)


def moment_of(value: Any) -> datetime | None:
    """When something was: a moment as it is, a day at its noon here, the first day of one partly known."""
    if not isinstance(value, str):
        return value if isinstance(value, datetime) else None
    day: date = earliest(value)
    return datetime.combine(day, time(12), zone())
