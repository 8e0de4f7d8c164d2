"""The audit chain as plain rows: how far it goes, whether one part of it follows from another, one more link.

The vault looks at it before and after the models have the file, so it asks for the table itself and not for a session.
Its columns cannot change: they are what every hash was made of.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.models.field import from_ms, to_ms
from app.models.journal import chain_hash
from app.models.local import AuditEntry
from app.vault.cipher import Connection

COLUMNS = ("seq", "at", "actor", "device", "action", "kind", "record", "fields", "h")
BEFORE_ALL = bytes(32)


@dataclass(frozen=True)
class Head:
    """The last link: its number and its hash; 0 and zeros before the first."""

    seq: int = 0
    h: bytes = BEFORE_ALL


def head_of(connection: Connection) -> Head:
    """The last link there is."""
    if not _has_chain(connection):
        return Head()
    row = connection.execute("SELECT seq, h FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(*row) if row else Head()


def follows(connection: Connection, known: Head) -> bool:
    """Whether the chain holds this link with this very hash, and everything after it follows from it."""
    if not _has_chain(connection):
        return known == Head()
    query = "SELECT seq, at, actor, device, action, kind, record, fields, h FROM audit WHERE seq >= ? ORDER BY seq"
    rows = connection.execute(query, (known.seq,)).fetchall()
    if known.seq:
        if not rows or Head(rows[0][0], rows[0][-1]) != known:
            return False
        del rows[0]
    before = known
    for row in rows:
        entry = _entry(row)
        if entry.seq != before.seq + 1 or chain_hash(before.h, entry) != entry.h:
            return False
        before = Head(entry.seq, entry.h)
    return True


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


def _entry(row: tuple[object, ...]) -> AuditEntry:
    told = dict(zip(COLUMNS, row, strict=True))
    return AuditEntry(**{**told, "at": from_ms(told["at"])})  # type: ignore[arg-type]  # a row of that column
