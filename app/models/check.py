"""Checks of single values, the same on the laptop before saving and at the centre on arrival."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.i18n import _
from app.lazy import lazy
from app.models.codelist import codelist
from app.models.dates import earliest
from app.models.field import Field, Kind
from app.models.ids import is_id
from app.models.nik import shape_problem
from app.models.regions import regions
from app.models.sealed import HIDDEN

if TYPE_CHECKING:
    import phonenumbers
else:
    phonenumbers = lazy("phonenumbers")

MAX_TEXT = 2_000
MAX_LONG = 100_000
# Controls other than line breaks and tabs, and halves of a character: they have no meaning and break exports.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_YEARS = range(1900, 2201)  # as typed: whoever counts days from one must not fall off the calendar
_DAY = re.compile(r"[0-9]{4}-([0-9]{2}|\?\?)-([0-9]{2}|\?\?)")


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """Why a value cannot be saved: a machine word for the wire, a sentence for the person."""

    code: str
    message: str


def check_value(field: Field, value: Any) -> ValueProblem | None:
    """The first thing wrong with a Python value of this field, or None. An empty value is never wrong here."""
    if value is None or value == "" or value == () or value is HIDDEN:
        return None
    if not _has_shape(field.kind, value):
        return ValueProblem("shape", _("This is not what the field holds. Type it again."))
    if field.kind is Kind.NIK:
        problem = shape_problem(value)
        return ValueProblem("nik_shape", problem) if problem and field.key == "nik" else _card(value)
    if isinstance(value, str):
        return _check_text(field, value)
    if field.kind is Kind.INT and not 0 <= value <= 2**53:
        return ValueProblem("range", _("The number is out of range."))
    return None


def _has_shape(kind: Kind, value: Any) -> bool:
    """Whether a value is of the type its kind is kept in; another would be saved, and no page could show it."""
    match kind:
        case Kind.INT:
            return type(value) is int
        case Kind.BOOL:
            return type(value) is bool
        case Kind.DATETIME:
            return isinstance(value, datetime) and value.tzinfo is not None and value.year in _YEARS
        case Kind.CODES:
            return isinstance(value, tuple | list) and all(isinstance(code, str) and "|" not in code for code in value)
    return isinstance(value, str)


def _card(value: str) -> ValueProblem | None:
    if len(value) == 16 and value.isascii() and value.isdigit():
        return None
    return ValueProblem("number_shape", _("The number has 16 digits."))


def _check_text(field: Field, value: str) -> ValueProblem | None:
    limit = MAX_LONG if field.kind is Kind.LONG else MAX_TEXT
    if len(value) > limit:
        return ValueProblem("too_long", _("Too long: at most {n} characters.").format(n=limit))
    if _CONTROLS.search(value):
        return ValueProblem("controls", _("The text holds control characters; remove them."))
    if field.kind is Kind.DATE:
        return _check_date(value)
    if field.kind is Kind.PHONE and not is_phone(value):
        return ValueProblem("phone_shape", _("Not a telephone number. Type it like 0812 3456 7890 or +60 12 345 6789."))
    if field.kind is Kind.REF and not is_id(value):
        return ValueProblem("reference", _("The reference is damaged."))
    return None


def _check_date(value: str) -> ValueProblem | None:
    try:
        day = earliest(value) if _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        return ValueProblem("date_shape", _("There is no such day in the calendar."))
    if day.year not in _YEARS:
        return ValueProblem("range", _("The year must lie between 1900 and 2200."))
    return None


def is_phone(text: str) -> bool:
    """Whether this is a possible number in E.164: '+62...'."""
    try:
        return text.startswith("+") and phonenumbers.is_possible_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False


def parse_phone(typed: str) -> str:
    """E.164 of a number as typed ('0812 3456 7890' is Indonesian). ValueError if it is none."""
    try:
        number = phonenumbers.parse(typed, "ID")
    except phonenumbers.NumberParseException as error:
        raise ValueError(_("Not a telephone number.")) from error
    # The library reads letters as the keys of a telephone; here they are a note that belongs elsewhere.
    if any(sign.isalpha() for sign in typed) or not phonenumbers.is_possible_number(number):
        raise ValueError(_("Not a telephone number."))
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def known_code(field: Field, code: str) -> bool:
    """Whether a code is in the field's list or the region list. Only entry asks: an older code stays valid."""
    if field.kind is Kind.REGION:
        return code in regions()
    return field.codelist is None or code in codelist(field.codelist)
