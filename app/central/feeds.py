"""Serving a scope's feed: the latest line of every record beyond a cursor, in segments that can be resumed by byte."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

import msgspec

from app.central.keys import CentreKey
from app.central.refusal import Refused, not_found
from app.central.store import Conn, Store, as_scope
from app.wire import MAX_SEGMENT
from app.wire.messages import FeedRow, RowKind
from app.wire.segment import SegmentHeader, seal_segment, unseal_segment

_PLAIN = 1024 * 1024  # bytes of content per segment before compression
_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads which feed."""

    device: str
    scope: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where a scope stands."""

    seq: int
    digest: bytes
    count: int


class SegmentCache:
    """Lately served segments: later writes change what a cursor would yield, but a resume wants the very same bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[tuple[Reader, str], bytes] = OrderedDict()
        self._guard = threading.Lock()

    def put(self, reader: Reader, data: bytes) -> None:
        """Keep a segment; the ones not asked for longest go first."""
        key = (reader, data[-32:].hex())
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
                return
            self._kept[key] = data
            self._size += len(data)
            while self._size > self._limit and len(self._kept) > 1:
                self._size -= len(self._kept.popitem(last=False)[1])

    def get(self, reader: Reader, digest: str) -> bytes | None:
        """The segment with this hash that was served to this reader."""
        with self._guard:
            return self._kept.get((reader, digest))


@dataclass(frozen=True, slots=True)
class Feeds:
    """Builds segments of one database's feeds."""

    store: Store
    key: CentreKey
    epoch: str
    cache: SegmentCache

    def segment(self, reader: Reader, *, cursor: str, match: str = "") -> bytes | None:
        """The bytes after a cursor; None if there is nothing more. `match`: only the very segment with this hash."""
        first = self.position(reader, cursor)
        if first is None:
            raise not_found()
        kept = self.cache.get(reader, match) if match else None
        if kept is not None and not self._shows_too_much(reader.scope, kept):
            return kept
        data = self._build(reader, first=first)
        if match and (data is None or data[-32:].hex() != match):
            raise Refused(412, "segment", message="that segment is gone; start it again")
        if data is not None:
            self.cache.put(reader, data)
        return data

    def position(self, reader: Reader, cursor: str) -> int | None:
        """The number a cursor stands for; None if it is not this reader's."""
        return self.key.read_cursor(cursor, device=reader.device, epoch=self.epoch, scope=reader.scope)

    def _shows_too_much(self, scope: str, data: bytes) -> bool:
        """Whether a segment kept for a resume holds what was erased since, or what this office no longer sees."""
        shown = {row.record.hex(): row.content.keys() for row in unseal_segment(data).rows if row.row is RowKind.FULL}
        with self.store.transaction() as connection, as_scope(connection, scope):
            found = connection.execute(
                "SELECT p.record, f.content FROM placement p JOIN feed f ON f.scope = p.scope AND f.seq = p.seq"
                " WHERE p.scope = %s AND p.record = ANY(%s::uuid[]) AND (p.row <> 'F' OR p.owner <> p.scope)",
                (scope, list(shown)),
            ).fetchall()
        return any(shown[record] - msgspec.msgpack.decode(content).keys() for record, content in found)

    def _build(self, reader: Reader, *, first: int) -> bytes | None:
        with self.store.transaction(snapshot=True) as connection, as_scope(connection, reader.scope):
            head = read_head(connection, reader.scope).seq
            rows = _read(connection, reader.scope, first)
        if first >= head:
            return None
        whole = len(rows) < _ROWS
        fitting = _fitting(rows)
        while True:
            last = head if whole and len(fitting) == len(rows) else fitting[-1].seq
            data = self._seal(reader, fitting, stretch=(first, last, head))
            if len(data) <= MAX_SEGMENT or len(fitting) <= 1:
                return data
            fitting = fitting[: len(fitting) // 2]

    def _seal(self, reader: Reader, rows: list[FeedRow], *, stretch: tuple[int, int, int]) -> bytes:
        first, last, head = stretch
        cursor = self.key.cursor(last, device=reader.device, epoch=self.epoch, scope=reader.scope)
        scope = bytes.fromhex(reader.scope)
        header = SegmentHeader("row", scope, self.epoch, first, last, head, len(rows), cursor)
        return seal_segment(rows, header)


def read_head(connection: Conn, scope: str) -> Head:
    """Where a scope stands now. Inside `as_scope`."""
    row = connection.execute("SELECT head, digest, count FROM scope WHERE scope = %s", (scope,)).fetchone()
    if row is None:
        raise not_found()
    return Head(*row)


def _read(connection: Conn, scope: str, first: int) -> list[tuple[FeedRow, int]]:
    found = connection.execute(
        "SELECT f.seq, f.row, f.kind, f.record, f.rev, f.content, f.reason FROM placement p"
        " JOIN feed f ON f.scope = p.scope AND f.seq = p.seq WHERE p.scope = %s AND p.seq > %s ORDER BY p.seq LIMIT %s",
        (scope, first, _ROWS),
    )
    return [
        (
            FeedRow(seq, RowKind(row), kind, bytes.fromhex(record), rev, msgspec.msgpack.decode(content), reason),
            len(content),
        )
        for seq, row, kind, record, rev, content, reason in found
    ]


def _fitting(rows: list[tuple[FeedRow, int]]) -> list[FeedRow]:
    """As many rows as fit, and always one."""
    fitting: list[FeedRow] = []
    size = 0
    for row, length in rows:
        size += length
        if fitting and size > _PLAIN:
            break
        fitting.append(row)
    return fitting
