"""The audit chain as plain rows: how far it goes, whether one part of it follows from another, one more link.

The vault looks at it before and after the models have the file, so it asks for the table itself and not for a session.
Its columns cannot change: they are what every hash was made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from app.models.field import from_ms, to_ms
from app.models.journal import chain_hash
from app.models.local import AuditEntry
from app.vault.cipher import Connection

COLUMNS = ("seq", "at", "actor", "device", "action", "kind", "record", "fields", "h")
BEFORE_ALL = bytes(32)
_AFTER = "SELECT seq, at, actor, device, action, kind, record, fields, h FROM audit WHERE seq >= ? ORDER BY seq"


@dataclass(frozen=True)
class Head:
    """The last link: its number and its hash; 0 and zeros before the first."""

    seq: int = 0
    h: bytes = BEFORE_ALL


NOTHING = Head()


@dataclass(frozen=True)
class Break:
    """The first link that does not follow from the one before: it is not there, or it is not what was written."""

    seq: int
    missing: bool


class Link(NamedTuple):
    """One row of the chain, in the order of COLUMNS."""

    seq: int
    at: datetime
    actor: str
    device: str
    action: str
    kind: str
    record: str
    fields: str
    h: bytes


def walk(links: Iterable[Any], *, after: Head) -> tuple[Head, Break | None]:
    """How far these links, oldest first, follow from one another after `after`, and where they first do not."""
    before = after
    for link in links:
        if link.seq != before.seq + 1:
            return before, Break(before.seq + 1, missing=True)
        if chain_hash(before.h, link) != link.h:
            return before, Break(link.seq, missing=False)
        before = Head(link.seq, link.h)
    return before, None


def head_of(connection: Connection) -> Head:
    """The last link there is."""
    if not _has_chain(connection):
        return Head()
    row = connection.execute("SELECT seq, h FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(*row) if row else Head()


def contains(connection: Connection, known: Head) -> bool:
    """Whether the chain holds this link with this very hash; it always holds the beginning."""
    if known == NOTHING:
        return True
    if not _has_chain(connection):
        return False
    row = connection.execute("SELECT h FROM audit WHERE seq = ?", (known.seq,)).fetchone()
    return row is not None and bytes(row[0]) == known.h


def follows(connection: Connection, known: Head) -> bool:
    """Whether the chain holds this link with this very hash, and everything after it follows from it."""
    if not contains(connection, known):
        return False
    return not _has_chain(connection) or walk(links_after(connection, known), after=known)[1] is None


def links_after(connection: Connection, known: Head) -> Iterator[Link]:
    """Every link after this one, oldest first, read a few at a time."""
    for row in connection.execute(_AFTER, (known.seq + 1,)):
        yield Link(row[0], from_ms(row[1]), *row[2:])


def append(connection: Connection, entry: AuditEntry) -> None:
    """Add this as the next link, outside any session; `seq` and `h` are worked out here."""
    if not _has_chain(connection):
        return
    last = head_of(connection)
    entry.seq = last.seq + 1
    entry.h = chain_hash(last.h, entry)
    values = [to_ms(entry.at) if name == "at" else getattr(entry, name) for name in COLUMNS]
    connection.execute("INSERT INTO audit (seq, at, actor, device, action, kind, record, fields, h) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)  # fmt: skip


def _has_chain(connection: Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'audit'").fetchone() is not None
