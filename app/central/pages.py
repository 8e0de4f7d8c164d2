"""Reading a book from PostgreSQL and writing it back, always inside its own scope.

Tables travel as binary columns (`%b`) into one statement: docs/adr/0015 has what was measured beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, LiteralString

import msgspec

from app.central.book import Book
from app.central.rows import History, Placed, Row
from app.central.store import Conn, as_scope
from app.wire.digest import ScopeDigest
from app.wire.messages import encode

_ROW: LiteralString = "SELECT kind, id, content, rev, history FROM record WHERE scope = %s AND "
_WITH_ID: LiteralString = "id = ANY(%b::text[]::uuid[])"
_IN_CASE: LiteralString = "case_id = ANY(%b::text[]::uuid[])"
_ABOUT: LiteralString = (
    "(id = ANY(%b::text[]::uuid[]) OR (person = ANY(%b::text[]::uuid[]) AND kind IN ('conflict', 'key_grant')))"
)
_PLACED: LiteralString = """
SELECT kind, record, row, rev, seq, item, owner, until FROM placement
WHERE scope = %s AND record = ANY(%b::text[]::uuid[])
"""
_WRITE_ROWS: LiteralString = """
INSERT INTO record (scope, id, kind, case_id, person, rev, content, history)
SELECT %s::uuid, * FROM unnest(
    %b::text[]::uuid[], %b::text[], %b::text[]::uuid[], %b::text[]::uuid[], %b::bigint[], %b::bytea[], %b::bytea[])
ON CONFLICT (scope, id) DO UPDATE SET
    case_id = excluded.case_id, person = excluded.person, rev = excluded.rev,
    content = excluded.content, history = excluded.history
"""
_WRITE_LINES: LiteralString = """
INSERT INTO feed (scope, seq, row, kind, record, rev, content, reason, device)
SELECT %s::uuid, * FROM unnest(
    %b::bigint[], %b::text[], %b::text[], %b::text[]::uuid[], %b::bigint[], %b::bytea[], %b::text[], %b::text[]::uuid[])
"""
_WRITE_VERDICTS: LiteralString = """
INSERT INTO verdict (scope, seq, device, n, position, outcome)
SELECT %s::uuid, * FROM unnest(%b::bigint[], %b::text[]::uuid[], %b::bigint[], %b::integer[], %b::bytea[])
"""
_WRITE_PLACED: LiteralString = """
INSERT INTO placement (scope, record, kind, row, rev, seq, item, owner, until)
SELECT %s::uuid, * FROM unnest(
    %b::text[]::uuid[], %b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::bytea[], %b::text[]::uuid[], %b::text[])
ON CONFLICT (scope, record) DO UPDATE SET
    row = excluded.row, rev = excluded.rev, seq = excluded.seq, item = excluded.item,
    owner = excluded.owner, until = excluded.until
"""


def open_book(connection: Conn, scope: str) -> Book | None:
    """Lock a scope and open its book; None if there is no such scope."""
    with as_scope(connection, scope):
        found = connection.execute(
            "SELECT head, digest, count FROM scope WHERE scope = %s FOR UPDATE", (scope,)
        ).fetchone()
    if found is None:
        return None
    return Book(scope, found[0], ScopeDigest(int.from_bytes(found[1], "big"), found[2]))


def read_rows(connection: Conn, book: Book, *, ids: Collection[str]) -> None:
    """Read the rows this scope owns among these ids; what is in the book already is newer and stays."""
    wanted = [record for record in set(ids) if record not in book.rows]
    if not wanted:
        return
    with as_scope(connection, book.scope):
        _take(book, connection.execute(_ROW + _WITH_ID, (book.scope, wanted), binary=True))
    for record in wanted:
        book.rows.setdefault(record, None)


def read_placed(connection: Conn, book: Book, *, ids: Collection[str]) -> None:
    """Read where these records stand in this scope's feed."""
    wanted = [record for record in set(ids) if record not in book.placed]
    if not wanted:
        return
    with as_scope(connection, book.scope):
        found = connection.execute(_PLACED, (book.scope, wanted), binary=True).fetchall()
    for kind, record, row, rev, seq, item, owner, until in found:
        book.placed[record] = Placed(kind, record, row, rev, seq, int.from_bytes(item, "big"), owner, until)
    for record in wanted:
        book.placed.setdefault(record, None)


def read_cases(connection: Conn, book: Book, *, cases: Collection[str]) -> None:
    """Read whole cases: their records, their persons, and the conflicts about and keys of those persons."""
    wanted = list(set(cases) - book.cases_read)
    if wanted:
        with as_scope(connection, book.scope):
            _take(book, connection.execute(_ROW + _IN_CASE, (book.scope, wanted), binary=True))
        book.cases_read.update(wanted)
    persons = list(book.persons_of(cases) - book.persons_read)
    if persons:
        with as_scope(connection, book.scope):
            _take(book, connection.execute(_ROW + _ABOUT, (book.scope, persons, persons), binary=True))
        book.persons_read.update(persons)


def write_rows(connection: Conn, book: Book) -> None:
    """Write the changed rows of this scope."""
    if not book.changed:
        return
    table = [
        (r.id, r.kind, r.case_id, r.person, r.rev, encode(r.content), r.history.dump()) for r in book.changed.values()
    ]
    with as_scope(connection, book.scope):
        connection.execute(_WRITE_ROWS, (book.scope, *_columns(table)))
    book.changed.clear()


def write_book(connection: Conn, book: Book) -> None:
    """Write everything: rows, feed, placements, and last of all the head and the digest."""
    write_rows(connection, book)
    if not book.lines and not book.verdicts:
        return
    lines = [(x.seq, x.row, x.kind, x.record, x.rev, x.content, x.reason, x.device) for x in book.lines]
    placed = [
        (p.record, p.kind, p.row, p.rev, p.seq, p.item.to_bytes(16, "big"), p.owner, p.until)
        for p in book.moved.values()
    ]
    verdicts = [(v.seq, v.device, v.n, v.position, v.outcome) for v in book.verdicts]
    with as_scope(connection, book.scope):
        for statement, table in ((_WRITE_LINES, lines), (_WRITE_PLACED, placed), (_WRITE_VERDICTS, verdicts)):
            if table:
                connection.execute(statement, (book.scope, *_columns(table)))
        connection.execute(
            "UPDATE scope SET head = %s, digest = %s, count = %s WHERE scope = %s",
            (book.head, book.digest.value(), book.digest.count, book.scope),
        )
    book.lines.clear()
    book.verdicts.clear()
    book.moved.clear()


def _take(book: Book, found: Iterable[tuple[Any, ...]]) -> None:
    for kind, record, content, rev, history in found:
        if book.rows.get(record) is None:
            book.hold(Row(kind, record, msgspec.msgpack.decode(content), rev, History.load(history)))


def _columns(table: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*table, strict=True)]
