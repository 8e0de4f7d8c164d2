"""Where a device and the centre differ, and single records whole: a repair that reads only what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

import msgspec

from app.central.feeds import Reader, read_head
from app.central.refusal import Refused
from app.central.store import Store, as_scope
from app.wire import MAX_SEGMENT
from app.wire.messages import FeedRow, RangeReply, RangeRequest, RowKind
from app.wire.ranges import MAX_NODES, Tree, well_formed
from app.wire.segment import SegmentHeader, seal_segment

MAX_IDS = 500  # in one request
_PLAIN = 1024 * 1024
_ROWS: LiteralString = """
SELECT f.seq, f.kind, f.record, f.rev, f.content FROM placement p JOIN feed f ON f.scope = p.scope AND f.seq = p.seq
WHERE p.scope = %s AND p.record = ANY(%s::uuid[]) AND p.row = 'F'
"""
_Lines = dict[str, tuple[int, str, int, bytes]]  # record -> (seq, kind, rev, content)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Answers for one database, always within the reader's scope."""

    store: Store
    epoch: str

    def differing(self, scope: str, request: RangeRequest) -> RangeReply:
        """The parts that are different here. Refused 'behind' unless the device read to the very end."""
        parts = {(node.depth, node.prefix) for node in request.nodes}
        formed = all(well_formed(node) for node in request.nodes)
        if not formed or len(request.nodes) > MAX_NODES or len(parts) < len(request.nodes):  # each costs once
            raise Refused(400, "format", message="not parts of a scope")
        with self.store.transaction(snapshot=True) as connection, as_scope(connection, scope):
            if request.epoch != self.epoch or request.seq != read_head(connection, scope).seq:
                raise Refused(409, "behind", message="there are more rows to pull")
            found = connection.execute("SELECT record, item FROM placement WHERE scope = %s AND row = 'F'", (scope,))
            tree = Tree((bytes.fromhex(record), int.from_bytes(item, "big")) for record, item in found)
        return RangeReply([part for node in request.nodes for part in tree.answer(node)])

    def rows(self, reader: Reader, ids: Sequence[bytes]) -> bytes:
        """A segment of these records as this scope sees them now, in the order asked; what is not here is left out."""
        if len(ids) > MAX_IDS or not all(len(record) == 16 for record in ids):
            raise Refused(400, "format", message="not ids, or too many")
        with self.store.transaction(snapshot=True) as connection, as_scope(connection, reader.scope):
            found = connection.execute(_ROWS, (reader.scope, [record.hex() for record in ids])).fetchall()
        lines = {record: (seq, kind, rev, bytes(content)) for seq, kind, record, rev, content in found}
        fitting = ids
        while True:
            data = self._segment(reader, fitting, lines=lines, asked=len(ids))
            if len(data) <= MAX_SEGMENT or len(fitting) <= 1:
                return data
            fitting = fitting[: len(fitting) // 2]

    def _segment(self, reader: Reader, ids: Sequence[bytes], *, lines: _Lines, asked: int) -> bytes:
        rows: list[FeedRow] = []
        size, done = 0, 0
        for record in ids:
            line = lines.get(record.hex())
            size += len(line[3]) if line else 0
            if done and size > _PLAIN:
                break
            done += 1
            if line:
                seq, kind, rev, content = line
                rows.append(FeedRow(seq, RowKind.FULL, kind, record, rev, msgspec.msgpack.decode(content)))
        scope = bytes.fromhex(reader.scope)
        header = SegmentHeader(reader.codec, scope, self.epoch, 0, done, asked, len(rows), "")
        return seal_segment(rows, header, level=reader.level)
