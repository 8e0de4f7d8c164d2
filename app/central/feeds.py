"""Serving a scope's feed: the latest line of every record beyond a cursor, in segments that can be resumed by byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, LiteralString

import msgspec

from app.central.deltas import Line, shorten
from app.central.keys import CentreKey, FeedPlace
from app.central.refusal import Refused, not_found
from app.central.segments import Segments, Shelf
from app.central.store import Conn, Store, as_scope
from app.wire import MAX_SEGMENT
from app.wire.codecs import ROW
from app.wire.messages import FeedRow, Outcome, RowKind, decode
from app.wire.segment import SegmentHeader, seal_segment, unseal_segment

_PLAIN = 1024 * 1024  # bytes of content per segment before compression
_ROWS = 5_000
_AT_ONCE = 300  # rows read before looking whether the segment is full: some are read in vain
_MODULUS = 1 << 128
_LINES: LiteralString = """
SELECT f.seq, f.row, f.kind, f.record, f.rev, f.content, f.reason, p.item, p.owner = p.scope
FROM placement p JOIN feed f ON f.scope = p.scope AND f.seq = p.seq
WHERE p.scope = %s AND p.seq > %s ORDER BY p.seq LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads which feed, and what it understands: schema 1 knows whole rows only."""

    device: str
    scope: str
    schema: int = 1
    codec: str = ROW
    brief: bool = False  # knows its own work, and what changed is enough
    level: int = 9


@dataclass(frozen=True, slots=True)
class Head:
    """Where a scope stands."""

    seq: int
    digest: bytes
    count: int


@dataclass(frozen=True, slots=True)
class Feeds:
    """Builds segments of one database's feeds."""

    store: Store
    key: CentreKey
    epoch: str
    cache: Segments

    def segment(self, reader: Reader, *, cursor: str, match: str = "") -> bytes | None:
        """The bytes after a cursor; None if there is nothing more. `match`: only the very segment with this hash."""
        place = self.position(reader, cursor)
        if place is None:
            raise not_found()
        shelf = Shelf(reader.scope, reader.device, erased_in(self.store, reader.scope))
        kept = self.cache.get(shelf, match) if match else None
        if kept is not None and not self._shows_too_much(reader.scope, kept):
            return kept
        data = self._build(reader, place)
        if match and (data is None or data[-32:].hex() != match):
            raise Refused(412, "segment", message="that segment is gone; start it again")
        if data is not None:
            self.cache.put(shelf, data)
            if erased_in(self.store, reader.scope) != shelf.erased:  # read before, and kept after something went
                self.cache.forget([reader.scope])
        return data

    def position(self, reader: Reader, cursor: str) -> FeedPlace | None:
        """The place a cursor stands for; None if it is not this reader's."""
        return self.key.read_cursor(cursor, device=reader.device, epoch=self.epoch, scope=reader.scope)

    def _shows_too_much(self, scope: str, data: bytes) -> bool:
        """Whether a segment kept for a resume holds what was erased since, or what this office no longer sees."""
        rows = unseal_segment(data).rows
        shown = {row.record.hex(): row.content.keys() for row in rows if row.record and row.content}
        by_number = {row.base: row.content.keys() for row in rows if row.row is RowKind.DELTA and not row.record}
        with self.store.transaction() as connection, as_scope(connection, scope):
            if by_number:
                named = connection.execute(
                    "SELECT seq, record FROM feed WHERE scope = %s AND seq = ANY(%s)", (scope, list(by_number))
                )
                shown |= {record: by_number[seq] for seq, record in named}
            found = connection.execute(
                "SELECT p.record, f.content FROM placement p JOIN feed f ON f.scope = p.scope AND f.seq = p.seq"
                " WHERE p.scope = %s AND p.record = ANY(%s::uuid[]) AND (p.row <> 'F' OR p.owner <> p.scope)",
                (scope, list(shown)),
            ).fetchall()
        return any(shown[record] - msgspec.msgpack.decode(content).keys() for record, content in found)

    def _build(self, reader: Reader, place: FeedPlace) -> bytes | None:
        with self.store.transaction(snapshot=True) as connection, as_scope(connection, reader.scope):
            head = read_head(connection, reader.scope).seq
            if place.seq >= head:
                return None
            lines, whole = _read(connection, reader, place)
        fitting = list(lines)
        while True:
            last = head if whole and len(fitting) == len(lines) else fitting[-1].row.seq
            data = self._seal(reader, fitting, place=place, reach=(last, head))
            if len(data) <= MAX_SEGMENT or len(fitting) <= 1:
                return data
            fitting = fitting[: max(1, len(fitting) * MAX_SEGMENT // len(data) * 9 // 10)]

    def _seal(self, reader: Reader, lines: Sequence[Line], *, place: FeedPlace, reach: tuple[int, int]) -> bytes:
        last, head = reach
        next_place = FeedPlace(last, last if last == head else place.since)
        cursor = self.key.cursor(next_place, device=reader.device, epoch=self.epoch, scope=reader.scope)
        own = b""
        if any(line.row.row in (RowKind.OWN, RowKind.DELTA) for line in lines):
            items = [line.item for line in lines if line.row.row in (RowKind.OWN, RowKind.DELTA)]
            own = (sum(items) % _MODULUS).to_bytes(16, "big")
        scope = bytes.fromhex(reader.scope)
        header = SegmentHeader(reader.codec, scope, self.epoch, place.seq, last, head, len(lines), cursor, own)
        return seal_segment([line.row for line in lines], header, level=reader.level)


def erased_in(store: Store, scope: str) -> int:
    """How many records are erased in a scope; it only ever grows."""
    with store.transaction() as connection, as_scope(connection, scope):
        row = connection.execute("SELECT count(*) FROM erased WHERE scope = %s", (scope,)).fetchone()
    return int(row[0]) if row is not None else 0


def read_head(connection: Conn, scope: str) -> Head:
    """Where a scope stands now. Inside `as_scope`."""
    row = connection.execute("SELECT head, digest, count FROM scope WHERE scope = %s", (scope,)).fetchone()
    if row is None:
        raise not_found()
    return Head(*row)


def _read(connection: Conn, reader: Reader, place: FeedPlace) -> tuple[list[Line], bool]:
    """As many lines beyond this place as fit into a segment, and always one; whether that is all of them."""
    verdicts = _verdicts(connection, reader, place.seq) if reader.schema > 1 else []
    rows, whole = _fitting(_pages(connection, reader, place))
    ends = [] if whole else [rows[-1].row.seq]
    ends += [verdicts[-1].row.seq] if len(verdicts) == _ROWS else []
    lines = sorted([*rows, *verdicts], key=lambda line: line.row.seq)
    return [line for line in lines if not ends or line.row.seq <= min(ends)], not ends


def _fitting(pages: Iterator[list[Line]]) -> tuple[list[Line], bool]:
    rows: list[Line] = []
    size = 0
    for line in chain.from_iterable(pages):
        size += line.size
        if rows and (size > _PLAIN or len(rows) >= _ROWS):
            return rows, False
        rows.append(line)
    return rows, True


def _pages(connection: Conn, reader: Reader, place: FeedPlace) -> Iterator[list[Line]]:
    after = place.seq
    while True:
        found = connection.execute(_LINES, (reader.scope, after, _AT_ONCE)).fetchall()
        lines = [_line(*row) for row in found]
        yield shorten(connection, reader.scope, reader.device, place=place, lines=lines) if reader.brief else lines
        if len(found) < _AT_ONCE:
            return
        after = lines[-1].row.seq


def _line(*columns: Any) -> Line:
    seq, row, kind, record, rev, content, reason, item, owned = columns
    told = FeedRow(seq, RowKind(row), kind, bytes.fromhex(record), rev, msgspec.msgpack.decode(content), reason)
    return Line(told, len(content), int.from_bytes(item, "big"), owned)


def _verdicts(connection: Conn, reader: Reader, after: int) -> list[Line]:
    """What became of held operations of this device: news for it alone."""
    found = connection.execute(
        "SELECT seq, n, position, outcome FROM verdict WHERE scope = %s AND device = %s AND seq > %s"
        " ORDER BY seq LIMIT %s",
        (reader.scope, reader.device, after, _ROWS),
    )
    return [_verdict(*row) for row in found]


def _verdict(seq: int, n: int, position: int, outcome: bytes) -> Line:
    told = decode(outcome, Outcome)
    content = {"n": n, "position": position, "outcome": [told.status.value, told.code, told.field, told.rev]}
    return Line(FeedRow(seq, RowKind.RESULT, "", b"", 0, content), len(outcome))
