"""The full-text index of the cases: what is in it, and how a typed word asks it.

Two columns: whom a case is about, and what was written. A list shows where a word was found in the second only, for it
says initials where it could say names. SENSITIVE values never enter it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from app.models.base import Base, Record
from app.models.case import Case
from app.models.case_parts import PARTS
from app.models.field import Field, Tier, fields_of
from app.models.names import name_key
from app.models.person import Person

FTS_DDL = (
    "CREATE VIRTUAL TABLE case_fts USING fts5(names, text, tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
    # Without it every deleted name stays in the index; and with 4 KiB pages less cipher reserve, 3950 avoids overflow.
    "INSERT INTO case_fts(case_fts, rank) VALUES('secure-delete', 1)",
    "INSERT INTO case_fts(case_fts, rank) VALUES('pgsz', 3950)",
)
OPEN, SHUT = "\x02", "\x03"  # around a word that was found; no record holds these signs
Words = tuple[str, str]


@event.listens_for(Base.metadata, "after_create")
def _create_fts(_target: object, connection: Connection, **_kw: Any) -> None:
    for statement in FTS_DDL:
        connection.exec_driver_sql(statement)


def fts_query(typed: str) -> str:
    """An FTS5 query that finds every word typed, the beginnings of words included. '' if there is no word."""
    words = ["".join(c if c.isalnum() else " " for c in word) for word in typed.split()]
    parts = [part for word in words for part in word.split()]
    return " ".join(f'"{part}"*' for part in parts[:12])


def words_of(case: Any, records: Mapping[type[Record], Sequence[Any]]) -> Words:
    """(names and numbers, texts): every searchable value, and the names as they sound, to find an old spelling."""
    people = records.get(Person, ())
    names = [case.number or "", *_values(Person, people)]
    names += [key for person in people for key in (person.name_key, name_key(person.alias or "")) if key]
    texts = [value for value in _values(Case, [case]) if value != case.number]
    for part in PARTS:
        texts += _values(part.record, records.get(part.record, ()))
    return "\n".join(names), "\n".join(texts)


def put(session: Session, lines: Iterable[tuple[int, Words]], *, listed: Sequence[int]) -> None:
    """Put the words of these rows into the index; `listed` are those it held before. What is the same stays."""
    same = _held(session, listed)  # to replace a text is the slowest part of all
    there = set(listed)
    fresh = [(n, *words) for n, words in lines if same.get(n) != words]
    for verb, old in (("INSERT", False), ("INSERT OR REPLACE", True)):
        if some := [line for line in fresh if (line[0] in there) is old]:
            statement = f"{verb} INTO case_fts(rowid, names, text) VALUES (?, ?, ?)"
            session.connection().exec_driver_sql(statement, some)


def forget(session: Session, rows: Sequence[int]) -> None:
    """Take these rows out of the index."""
    if rows:
        session.connection().exec_driver_sql("DELETE FROM case_fts WHERE rowid = ?", [(n,) for n in rows])


def snippets(session: Session, match: str, rows: Sequence[int]) -> dict[int, str]:
    """Those of these rows that a query finds, with a few words around the place; '' where it is a name or number."""
    query = (
        "SELECT rowid, snippet(case_fts, 1, ?, ?, '\u2026', 10) FROM case_fts "
        "WHERE case_fts MATCH ? AND rowid IN (SELECT value FROM json_each(?))"
    )
    found = session.connection().exec_driver_sql(query, (OPEN, SHUT, match, json.dumps(list(rows))))
    return {n: " ".join(said.split()) if OPEN in (said or "") else "" for n, said in found}


def _held(session: Session, rows: Sequence[int]) -> dict[int, Words]:
    query = "SELECT rowid, names, text FROM case_fts WHERE rowid IN (SELECT value FROM json_each(?))"
    held = session.connection().exec_driver_sql(query, (json.dumps(list(rows)),))
    return {n: (names, text) for n, names, text in held}


def _values(kind: type[Record], records: Iterable[Any]) -> list[str]:
    declared = _searchable(kind)
    return [str(value) for record in records for field in declared if (value := getattr(record, field.key))]


@lru_cache
def _searchable(kind: type[Record]) -> tuple[Field, ...]:
    return tuple(f for f in fields_of(kind) if f.searchable and f.tier is not Tier.SENSITIVE)
