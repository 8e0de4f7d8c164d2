"""A field is declared once: `field()` is a `mapped_column` that also carries the facts everything loops over.

Forms, tables, validation, search, sync, merge, audit, PDF sections, redaction and tests read `fields_of(Record)`.
A `Field` holds facts about data, never a function of a screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypedDict, Unpack

from sqlalchemy import BigInteger, Boolean, Dialect, Integer, String, Text, TypeDecorator
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.orm import MappedColumn, Mapper, mapped_column
from sqlalchemy.types import TypeEngine

from app.models.sealed import is_token

# groups that nobody reads as a field: which records it belongs to, who entered it and when, a picture of it
APART = ("link", "entry", "preview")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Tier(StrEnum):
    """How far a value may travel: redaction profiles and referral packages are lists of these."""

    OPEN = "OPEN"  # codes, dates, status
    CASE = "CASE"  # what happened, coded
    IDENTIFYING = "IDENTIFYING"  # names, NIK, address, contact
    NARRATIVE = "NARRATIVE"  # free text
    SENSITIVE = "SENSITIVE"  # health, sexual violence, a child's data, where a shelter is


class Kind(StrEnum):
    """What a value is; the form picks its editor and the wire its shape by it."""

    TEXT = "text"
    LONG = "long"
    CODE = "code"
    CODES = "codes"  # a set of codes
    DATE = "date"  # ISO text, possibly with unknown parts: 2009-08-??
    DATETIME = "datetime"  # aware, UTC; milliseconds on disk and on the wire
    INT = "int"
    BOOL = "bool"
    PHONE = "phone"  # E.164
    NIK = "nik"
    REGION = "region"  # Kemendagri code
    REF = "ref"  # the id of another record


class Merge(StrEnum):
    """What the centre does when two devices changed the same field."""

    SCALAR = "scalar"  # a true conflict: both values stay
    SET = "set"  # added and removed entries are merged
    ONCE = "once"  # written when the record is made, never after


class Moment(TypeDecorator[datetime]):
    """An aware datetime kept as milliseconds since 1970 UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Milliseconds for the file."""
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """An aware datetime for the program."""
        return None if value is None else from_ms(value)


class CodeSet(TypeDecorator[tuple[str, ...]]):
    """A set of codes kept as sorted text with `|` between and around them, so that LIKE '%|X|%' finds one."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """Sorted and without doubles; an empty set is NULL."""
        return f"|{'|'.join(sorted(set(value)))}|" if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        """A sorted tuple, () for NULL."""
        return tuple(value.strip("|").split("|")) if value else ()


class SealedText(TypeDecorator[str]):
    """A sealed value kept as its token; anything else is a bug that must not reach the disk."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The token as it is."""
        if value is not None and not is_token(value):
            raise AssertionError("not sealed")
        return value


class SealedSet(CodeSet):
    """A set of sealed codes, kept like a set of codes."""

    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """Sorted tokens; an empty set is NULL."""
        if not all(is_token(one) for one in value or ()):
            raise AssertionError("not sealed")
        return super().process_bind_param(value, dialect)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC of an aware datetime."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """The aware UTC datetime of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=ms)


_SQL_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.TEXT: Text(),
    Kind.LONG: Text(),
    Kind.CODE: String(40),
    Kind.CODES: CodeSet(),
    Kind.DATE: String(10),
    Kind.DATETIME: Moment(),
    Kind.INT: Integer(),
    Kind.BOOL: Boolean(),
    Kind.PHONE: String(20),
    Kind.NIK: String(16),
    Kind.REGION: String(13),
    Kind.REF: String(32),
}


@dataclass(frozen=True, slots=True)
class Field:
    """The facts about one field of one record."""

    key: str
    label: str  # message id: translate when shown
    kind: Kind
    tier: Tier
    group: str
    codelist: str | None = None
    required: bool = False
    merge: Merge = Merge.SCALAR
    help: str = ""  # message id of the hint under the editor
    unit: str = ""
    aliases: tuple[str, ...] = ()  # keys it had in older versions: their changes still land
    relevant_when: tuple[str, tuple[str, ...]] | None = None  # (other field, codes)
    searchable: bool = False
    unique: bool = False
    sealed: bool = False  # kept, sent and compared as tokens only: app.models.sealed


class Facts(TypedDict, total=False):
    """The keyword facts `field()` takes, as in `Field`."""

    kind: Kind
    tier: Tier
    group: str
    codelist: str
    many: bool
    required: bool
    merge: Merge
    help: str
    unit: str
    aliases: tuple[str, ...]
    relevant_when: tuple[str, tuple[str, ...]]
    searchable: bool
    unique: bool
    index: bool
    sealed: bool


def field(label: str, **facts: Unpack[Facts]) -> MappedColumn[Any]:
    """Declare a field: a nullable column plus its facts.

    Every column is nullable: a draft may be incomplete and a shared view holds only part of a record; `required` is
    checked by services. A coded field is OPEN unless it says otherwise; any other field must name its tier.
    """
    many, index = facts.pop("many", False), facts.pop("index", False)
    codelist = facts.get("codelist")
    kind = facts.pop("kind", None) or (Kind.CODES if many else Kind.CODE if codelist else Kind.TEXT)
    tier = facts.pop("tier", Tier.OPEN if codelist else None)
    if tier is None:
        raise TypeError(f"field {label!r} has no tier: say how far its value may travel, tier=Tier.X")
    merge = facts.pop("merge", Merge.SET if kind is Kind.CODES else Merge.SCALAR)
    rest = {"group": "main", "sealed": tier is Tier.SENSITIVE, **facts}
    declared = {"label": label, "kind": kind, "tier": tier, "merge": merge, **rest}
    sql = _SQL_TYPES[kind]
    if declared["sealed"]:
        sql = SealedSet() if kind is Kind.CODES else SealedText()
    # active_history: the journal needs the value before the change, also when it was not loaded yet
    return mapped_column(sql, nullable=True, index=index or None, active_history=True, info={"field": declared})


@lru_cache
def fields_of(record: type) -> tuple[Field, ...]:
    """The fields of a record class, in the order of declaration, those shared by all records last."""
    found = []
    mapper: Mapper[Any] = sa_inspect(record)
    for column in mapper.columns:
        declared: Mapping[str, Any] | None = column.info.get("field")
        if declared is not None:
            found.append(Field(key=column.key, **declared))
    return tuple(sorted(found, key=lambda f: f.group == "entry"))


@lru_cache
def said_fields(record: type) -> tuple[Field, ...]:
    """Those of its fields that a form asks for and a list or a paper says: none of the groups of APART."""
    return tuple(f for f in fields_of(record) if f.group not in APART)


@lru_cache
def sealed_fields(record: type) -> tuple[Field, ...]:
    """Those of its fields that hold tokens only."""
    return tuple(f for f in fields_of(record) if f.sealed)


@lru_cache
def field_map(record: type) -> Mapping[str, Field]:
    """Fields by key, older keys (aliases) included."""
    by_key = {f.key: f for f in fields_of(record)}
    return {alias: f for f in by_key.values() for alias in f.aliases} | by_key
