"""A record as plain data: the canonical content that travels, is compared and is digested.

Content is a mapping of field key to wire value: text, whole numbers, booleans, sorted lists of codes, milliseconds for
a moment; a sealed field has a token, or a sorted list of tokens. Empty values are absent. Fields of a newer peer live
in `extra` and come back out unchanged.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from app.models.base import Record
from app.models.field import Field, Kind, Tier, field_map, fields_of, from_ms, to_ms
from app.models.sealed import is_sealed

Content = dict[str, Any]


def to_wire(field: Field, value: Any) -> Any:
    """The wire value of a Python value; an empty one is None."""
    if value is None or value == "" or value == ():
        return None
    if field.kind is Kind.DATETIME:
        return to_ms(value) if isinstance(value, datetime) else int(value)
    if field.kind is Kind.CODES:
        return sorted(set(value))
    return value


_SHAPES: dict[Kind, Any] = {Kind.DATETIME: int, Kind.INT: int, Kind.BOOL: bool, Kind.CODES: list}


def from_wire(field: Field, value: Any) -> Any:
    """The Python value of a wire value. ValueError if it has not the shape of the field."""
    if not field.sealed:
        return from_plain(field, value)
    many = field.kind is Kind.CODES
    if not is_sealed(value) or (value is not None and isinstance(value, str) is many):
        raise ValueError(f"{field.key}: not sealed")
    return tuple(sorted(set(value or ()))) if many else value


def from_plain(field: Field, value: Any) -> Any:
    """The same of a value that nobody sealed, or that was opened."""
    if value is None:
        return () if field.kind is Kind.CODES else None
    shape = _SHAPES.get(field.kind, str)
    if not isinstance(value, shape) or (field.kind is Kind.INT and isinstance(value, bool)):
        raise ValueError(f"{field.key}: not a {field.kind.value}")
    if field.kind is Kind.DATETIME:
        return _moment(field, value)
    if field.kind is Kind.CODES:
        if not all(isinstance(code, str) and "|" not in code for code in value):
            raise ValueError(f"{field.key}: not a list of codes")
        return tuple(sorted(set(value)))
    return value


def _moment(field: Field, value: int) -> datetime:
    try:
        return from_ms(value)
    except OverflowError:
        raise ValueError(f"{field.key}: not a moment") from None


def content_of(record: Record) -> Content:
    """The whole canonical content of a record, unknown fields included; no plain value in the place of a sealed one."""
    content: Content = dict(msgspec.msgpack.decode(record.extra)) if record.extra else {}
    for field in fields_of(type(record)):
        value = to_wire(field, getattr(record, field.key))
        if value is not None and (not field.sealed or is_sealed(value)):
            content[field.key] = value
    return content


def fill(record: Record, content: Mapping[str, Any]) -> None:
    """Make a record hold exactly this content; a key nobody here knows is kept in `extra`."""
    known = field_map(type(record))
    unknown = {}
    values: dict[str, Any] = {}
    for key, value in content.items():
        field = known.get(key)
        if field is None:
            unknown[key] = value
        else:
            values[field.key] = from_wire(field, value)
    for field in fields_of(type(record)):
        wanted = values.get(field.key, () if field.kind is Kind.CODES else None)
        if getattr(record, field.key) != wanted:
            setattr(record, field.key, wanted)
    record.extra = msgspec.msgpack.encode(unknown, order="deterministic") if unknown else None


def reduce(record_class: type[Record], content: Mapping[str, Any], tiers: frozenset[str]) -> Content:
    """The part of a content that these tiers allow: an allow-list, so an unknown field never leaves."""
    known = field_map(record_class)
    return {
        key: value
        for key, value in content.items()
        if key in known and (known[key].group in ("link", "entry") or known[key].tier in tiers)
    }


ALL_TIERS = frozenset(tier.value for tier in Tier)
