"""Contents straight out of the tables and into them: a first pull of ten thousand records is not ten thousand objects.

Only for what a table can hold exactly, and on which no local work stands; everything else goes through the records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    Text,
    TextClause,
    bindparam,
    select,
    text,
    type_coerce,
    update,
)  # fmt: skip
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.orm import Session

from app.models.among import among
from app.models.base import KINDS, Record
from app.models.content import Content
from app.models.field import Field, Kind, fields_of
from app.models.local import Shadow
from app.models.sealed import is_token

_RAW: dict[Kind, Any] = {Kind.DATETIME: BigInteger, Kind.CODES: Text}  # as they lie in the file, without detour
_OWN = ("id", "rev", "scope", "extra")
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999  # what a moment can be
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as the centre served it last: `rev` 0 and no scope if it never did."""

    kind: str
    record: str
    rev: int
    scope: str | None
    content: Content


def stored_in(session: Session, kind: str, *where: ColumnElement[bool]) -> Iterator[Stored]:
    """The records of a kind, as their table holds them."""
    record_class = KINDS[kind]
    keys, codes = _keys(record_class)
    for record, rev, scope, extra, *values in session.execute(_all_of(record_class).where(*where)):
        content = {key: value for key, value in zip(keys, values, strict=True) if value is not None and value != ""}
        for key in codes:
            if key in content:
                content[key] = content[key].strip("|").split("|")
        if extra:
            content |= {key: value for key, value in msgspec.msgpack.decode(extra).items() if key not in content}
        yield Stored(kind, record, rev, scope, content)


def served(session: Session, scope: str) -> Iterator[Stored]:
    """All that came through a scope, as it was served: never local work on top of it."""
    yield from shadows(session, Shadow.scope == scope)
    for kind in session.execute(_kinds_served(), {"scope": scope}).scalars().all():
        record_class = KINDS[kind]
        shadowed = select(Shadow.record).where(Shadow.record == record_class.id).exists()
        yield from stored_in(session, kind, record_class.scope == scope, record_class.rev > 0, ~shadowed)


@lru_cache
def _kinds_served() -> TextClause:
    """Of which kinds anything came through a scope: one question, where most of three dozen would find nothing."""
    any_row = """SELECT '{}' WHERE EXISTS (SELECT 1 FROM "{}" WHERE scope = :scope AND rev > 0)"""
    return text(" UNION ALL ".join(any_row.format(kind, record.__tablename__) for kind, record in KINDS.items()))


def shadows(session: Session, *where: ColumnElement[bool]) -> Iterator[Stored]:
    """The centre's version of records that do not show it as it is."""
    query = select(Shadow.kind, Shadow.record, Shadow.rev, Shadow.scope, Shadow.content)
    for kind, record, rev, scope, content in session.execute(query.where(*where)):
        yield Stored(kind, record, rev, scope, msgspec.msgpack.decode(content))


def by_id(session: Session, kind: str, ids: Iterable[str]) -> dict[str, Stored]:
    """These records of a kind."""
    record_class = KINDS[kind]
    return {stored.record: stored for stored in stored_in(session, kind, among(record_class.id, sorted(ids)))}


def by_number(session: Session, kind: str, numbers: Iterable[int], *, scope: str) -> dict[int, Stored]:
    """The records that a scope numbers so."""
    record_class = KINDS[kind]
    found = stored_in(session, kind, record_class.scope == scope, among(record_class.rev, sorted(numbers)))
    return {stored.rev: stored for stored in found}


def columns_of(kind: str, content: Mapping[str, Any]) -> dict[str, Any] | None:
    """The columns of a content; None if the table cannot hold it exactly."""
    known, unknown = _to_raw(kind), {}
    columns: dict[str, Any] = {}
    for key, value in content.items():
        as_raw = known.get(key)
        if as_raw is None:
            unknown[key] = value
        elif (raw := as_raw(value)) is None:
            return None
        else:
            columns[key] = raw
    if unknown.keys() & _aliases(kind):
        return None
    columns["extra"] = msgspec.msgpack.encode(unknown, order="deterministic") if unknown else None
    return columns | KINDS[kind].derived(content)


def write(session: Session, kind: str, rows: Sequence[tuple[Stored, dict[str, Any]]]) -> None:
    """Make the table hold these contents (see `columns_of`), new records included."""
    mapper = sa_inspect(KINDS[kind])
    assert isinstance(mapper.local_table, Table)
    names = [column.key for column in mapper.columns]
    listed, holes = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name != "id")
    table = f'"{mapper.local_table.name}" ({listed}) VALUES ({holes}) ON CONFLICT (id) DO UPDATE SET {changes}'
    lines = [
        tuple(map(({"id": row.record, "rev": row.rev, "scope": row.scope} | columns).get, names))
        for row, columns in rows
    ]
    if lines:
        session.connection().exec_driver_sql(f"INSERT INTO {table}", lines)


def renumber(session: Session, kind: str, rows: Sequence[Stored]) -> None:
    """The same content under another number."""
    table = sa_inspect(KINDS[kind]).local_table
    assert isinstance(table, Table)
    query = update(table).where(table.c.id == bindparam("_id")).values(rev=bindparam("_rev"), scope=bindparam("_scope"))
    if rows:
        lines = [{"_id": row.record, "_rev": row.rev, "_scope": row.scope} for row in rows]
        session.connection().execute(query, lines)


@lru_cache
def _all_of(record_class: type[Record]) -> Select[Any]:
    columns = map(_raw_column(record_class), fields_of(record_class))
    return select(*(getattr(record_class, name) for name in _OWN), *columns)


def _raw_column(record_class: type[Record]) -> Callable[[Field], ColumnElement[Any]]:
    columns = sa_inspect(record_class).columns

    def raw(declared: Field) -> ColumnElement[Any]:
        column = columns[declared.key]
        return type_coerce(column, _RAW[declared.kind]()) if declared.kind in _RAW else column

    return raw


@lru_cache
def _keys(record_class: type[Record]) -> tuple[list[str], list[str]]:
    """The keys of all fields, and of those whose column is not yet the wire value."""
    fields = fields_of(record_class)
    return [f.key for f in fields], [f.key for f in fields if f.kind is Kind.CODES]


@lru_cache
def _to_raw(kind: str) -> dict[str, Callable[[Any], Any]]:
    """Field key -> from the wire value to the raw column; None for what does not come back as the very same."""
    return {declared.key: _raw_of(declared) for declared in fields_of(KINDS[kind])}


def _raw_of(declared: Field) -> Callable[[Any], Any]:
    if declared.kind is Kind.CODES:
        return partial(_raw_codes, sealed=declared.sealed)
    if declared.sealed:
        return lambda value: value if is_token(value) else None
    if declared.kind is Kind.DATETIME:
        return lambda value: value if type(value) is int and _FIRST_MS <= value <= _LAST_MS else None
    if declared.kind is Kind.INT:
        return lambda value: value if type(value) is int and abs(value) <= _LARGEST else None
    if declared.kind is Kind.BOOL:
        return lambda value: int(value) if type(value) is bool else None
    return lambda value: value if type(value) is str and value else None


def _raw_codes(value: Any, *, sealed: bool) -> str | None:
    if type(value) is not list or not all(type(code) is str and code and "|" not in code for code in value):
        return None
    if not value or value != sorted(set(value)) or (sealed and not all(map(is_token, value))):
        return None
    return f"|{'|'.join(value)}|"


@lru_cache
def _aliases(kind: str) -> frozenset[str]:
    return frozenset(alias for declared in fields_of(KINDS[kind]) for alias in declared.aliases)
