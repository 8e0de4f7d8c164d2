"""Checks typed values against the declaration of a record, before anything is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import Invalid
from app.i18n import _
from app.models.base import Record
from app.models.check import check_value, known_code
from app.models.field import Field, Kind, field_map, fields_of
from app.models.sealed import HIDDEN, is_token


def problems_of(
    record: type[Record], values: Mapping[str, Any], *, complete: bool = True
) -> tuple[tuple[str, str], ...]:
    """(field, sentence) for everything wrong. `complete=False` allows missing required values, as in a draft."""
    found = []
    for field in fields_of(record):
        value = values.get(field.key)
        problem = check_value(field, value)
        if field.sealed and is_token(value):
            found.append((field.key, _("This is a sealed value of Naungan itself. Type the words.")))
        elif problem:
            found.append((field.key, problem.message))
        elif not _codes_known(field, value):
            found.append((field.key, _("Choose from the list.")))
        elif complete and field.required and value in (None, "", ()):
            found.append((field.key, _("Please fill in: {label}.").format(label=_(field.label))))
    return tuple(found)


def _codes_known(field: Field, value: Any) -> bool:
    if value in (None, "", ()):
        return True
    if field.kind is Kind.CODES:
        return all(known_code(field, code) for code in value)
    return field.kind not in (Kind.CODE, Kind.REGION) or known_code(field, value)


def cleaned(record: type[Record], values: Mapping[str, Any], *, complete: bool = True) -> dict[str, Any]:
    """The values with spaces trimmed and empty text as None. Invalid, listing all problems, if any is wrong.

    What somebody saw as HIDDEN is left as it is.
    """
    known = field_map(record)
    clean: dict[str, Any] = {}
    for key, value in values.items():
        if value is HIDDEN:
            continue
        if key not in known:
            raise Invalid(_("There is no field “{field}” in this record.").format(field=key), [(key, key)])
        if isinstance(value, str):
            value = value.strip() or None
        clean[known[key].key] = tuple(value) if isinstance(value, list | tuple | set | frozenset) else value
    found = problems_of(record, clean, complete=complete)
    if found:
        raise Invalid(_("Not saved: {sentence}").format(sentence=found[0][1]), found)
    return clean


def changed_only(record: type[Record], values: Mapping[str, Any]) -> dict[str, Any]:
    """Checked values of an edit: required fields may be absent, but not emptied."""
    clean = cleaned(record, values, complete=False)
    for field in fields_of(record):
        if field.required and field.key in clean and clean[field.key] in (None, ()):
            message = _("Please fill in: {label}.").format(label=_(field.label))
            raise Invalid(message, [(field.key, message)])
    return clean
