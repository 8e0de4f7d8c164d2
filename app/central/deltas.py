"""What a reader need not be told: its own work comes as a number, and of the rest only what changed.

A difference is taken between two contents that were served to this very scope, never from the owner's content; and
only where it is certain which of them the reader has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import msgspec

from app.central.keys import FeedPlace
from app.central.store import Conn
from app.wire.messages import FeedRow, RowKind

_ABOUT: LiteralString = """
SELECT record, bool_and(coalesce(device = %(device)s, false)), bool_and(row = 'F'), bool_or(seq <= %(seq)s)
FROM feed WHERE scope = %(scope)s AND record = ANY(%(ids)s::uuid[]) AND seq > %(since)s GROUP BY record
"""
_BASES: LiteralString = """
SELECT DISTINCT ON (record) record, row, rev, content
FROM feed WHERE scope = %(scope)s AND record = ANY(%(ids)s::uuid[]) AND seq <= %(since)s ORDER BY record, seq DESC
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the feed, the length of its content, its part of the digest, and whether the scope owns the record."""

    row: FeedRow
    size: int
    item: int = 0
    owned: bool = False


@dataclass(frozen=True, slots=True)
class _Past:
    """The lines of a record since the reader had read everything."""

    mine: bool  # all of them are the reader's own work
    steady: bool  # none of them took the record away
    early: bool  # one of them may, or may not, have reached the reader


def shorten(connection: Conn, scope: str, device: str, *, place: FeedPlace, lines: Sequence[Line]) -> list[Line]:
    """The same lines, as short as this reader can understand them. Inside `as_scope`."""
    whole = [line for line in lines if line.row.row is RowKind.FULL]
    if not whole or (not place.since and not _has_pushed(connection, device)):
        return list(lines)
    ids = [line.row.record.hex() for line in whole]
    of = {"scope": scope, "device": device, "seq": place.seq, "since": place.since}
    past = {record: _Past(*facts) for record, *facts in connection.execute(_ABOUT, {**of, "ids": ids})}
    changed = [record for record in ids if not (p := past[record]).mine and p.steady and not p.early]
    bases: dict[str, tuple[str, int, bytes]] = {}
    if changed and place.since:
        found = connection.execute(_BASES, {**of, "ids": changed})
        bases = {record: (row, rev, content) for record, row, rev, content in found}
    return [_short(line, past.get(line.row.record.hex()), bases.get(line.row.record.hex())) for line in lines]


def difference(base: Mapping[str, Any], content: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """(the keys that have another value, the keys that have none any more)."""
    changed = {key: value for key, value in content.items() if key not in base or not _same(base[key], value)}
    return changed, [key for key in base if key not in content]


def _short(line: Line, past: _Past | None, base: tuple[str, int, bytes] | None) -> Line:
    row = line.row
    if row.row is not RowKind.FULL or past is None:
        return line
    if past.mine and line.owned:
        return Line(FeedRow(row.seq, RowKind.OWN, "", b"", row.rev, {}), 0, line.item, line.owned)
    if base is None or base[0] != RowKind.FULL.value:
        return line
    changed, gone = difference(msgspec.msgpack.decode(base[2]), row.content)
    if (not changed and not gone) or len(gone) + len(changed) > len(row.content):  # also a line that was emptied
        return line
    name = b"" if line.owned else row.record
    delta = FeedRow(row.seq, RowKind.DELTA, row.kind, name, row.rev, changed, "", base[1], gone)
    return Line(delta, len(msgspec.msgpack.encode(delta)), line.item, line.owned)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _has_pushed(connection: Conn, device: str) -> bool:
    row = connection.execute("SELECT applied > 0 FROM device WHERE id = %s", (device,)).fetchone()
    return bool(row and row[0])
