"""The centre held against itself: every digest, count and number recomputed from the contents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import LiteralString

import msgspec

from app.central.feeds import read_head
from app.central.store import Conn, Store, as_scope
from app.wire import REFERENCE
from app.wire.digest import ScopeDigest, item_digest

_AT_ONCE = 2_000
_SERVED: LiteralString = """
SELECT p.record, p.kind, p.rev, p.item, f.kind, f.record, f.rev, f.content, f.row, r.content, r.rev, p.owner = p.scope
FROM placement p LEFT JOIN feed f ON f.scope = p.scope AND f.seq = p.seq
LEFT JOIN record r ON r.scope = p.scope AND r.id = p.record
WHERE p.scope = %s AND p.row = 'F'
"""
_NUMBERS: LiteralString = """
SELECT count(*), coalesce(max(seq), 0) FROM (
    SELECT seq FROM feed WHERE scope = %(scope)s UNION SELECT seq FROM verdict WHERE scope = %(scope)s) AS numbered
"""


@dataclass(frozen=True, slots=True)
class Unsound:
    """Something that is not as it must be. `what`: a word of digest, count, numbers, line, item, record."""

    scope: str
    what: str
    kind: str = ""
    record: str = ""


def check(store: Store) -> list[Unsound]:
    """All that is wrong, scope by scope; it only reads, and each scope at one moment."""
    with store.transaction() as connection:
        offices = [row[0] for row in connection.execute("SELECT id FROM office ORDER BY id")]
    found: list[Unsound] = []
    for scope in (*offices, REFERENCE):
        with store.transaction(snapshot=True) as connection, as_scope(connection, scope):
            found += _scope(connection, scope)
    return found


def _scope(connection: Conn, scope: str) -> Iterator[Unsound]:
    head, total = read_head(connection, scope), ScopeDigest()
    with connection.cursor(name="check") as cursor:  # not all contents of an office at once into memory
        cursor.itersize = _AT_ONCE
        for record, kind, rev, item, *line in cursor.execute(_SERVED, (scope,)):
            of_kind, of_record, of_rev, content, row, owned, owned_rev, own = line
            if content is None or row != "F" or (of_kind, of_record, of_rev) != (kind, record, rev):
                yield Unsound(scope, "line", kind, record)
                continue
            served = item_digest(kind, bytes.fromhex(record), rev, msgspec.msgpack.decode(content))
            total.add(served)
            if served.to_bytes(16, "big") != bytes(item):
                yield Unsound(scope, "item", kind, record)
            if own and (owned is None or (bytes(owned), owned_rev) != (bytes(content), rev)):
                yield Unsound(scope, "record", kind, record)
    if total.value() != head.digest:
        yield Unsound(scope, "digest")
    if total.count != head.count:
        yield Unsound(scope, "count")
    if connection.execute(_NUMBERS, {"scope": scope}).fetchone() != (head.seq, head.seq):
        yield Unsound(scope, "numbers")
