"""The sealed bytes of attachments as the centre keeps them: in pieces, in the scope of the record's owner.

The centre knows a file by the hash of its sealed bytes and can open none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from app.central.refusal import Refused, not_found
from app.central.store import Conn, Store, as_scope
from app.models.ids import is_id
from app.wire import PIECE


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes of one attachment: its record, their name, and whose scope they lie in."""

    record: str
    sha256: str
    owner: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file: where it begins, and how long the whole is."""

    start: int
    total: int
    data: bytes


def named(store: Store, office: str, *, record: str, sha256: str) -> Blob:
    """The file of this record, if the attachment stands in the office's view now; not found otherwise."""
    if not is_id(record):
        raise not_found()
    with store.transaction() as connection, as_scope(connection, office):
        row = connection.execute(
            "SELECT p.owner, f.content FROM placement p JOIN feed f ON f.scope = p.scope AND f.seq = p.seq"
            " WHERE p.scope = %s AND p.record = %s AND p.row = 'F' AND p.kind = 'attachment'",
            (office, record),
        ).fetchone()
    if row is None or msgspec.msgpack.decode(row[1]).get("blob") != sha256:
        raise not_found()
    return Blob(record, sha256, row[0])


def take(store: Store, blob: Blob, piece: Piece) -> int:
    """Keep the next piece; how many bytes are here now. The last one has to give the hash, or all of it goes."""
    with store.transaction() as connection, as_scope(connection, blob.owner):
        # one piece at a time: whoever sends the same file as well goes on where the other one is
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (blob.record,))
        offset, total = _standing(connection, blob)
        if total and offset == total:
            return total
        if piece.start != offset or (total and piece.total != total):
            raise Refused(409, "offset", headers={"Naungan-Offset": str(offset)})
        connection.execute(
            "INSERT INTO blob (scope, record, n, total, data) VALUES (%s, %s, %s, %s, %s)",
            (blob.owner, blob.record, piece.start // PIECE, piece.total, piece.data),
        )
        offset += len(piece.data)
        whole = offset < piece.total or _hash(connection, blob) == blob.sha256
        if not whole:
            forget(connection, blob.owner, [blob.record])
    if not whole:  # raised after the commit: the wrong bytes are gone
        raise Refused(422, "hash", message="the bytes are not those of this file")
    return offset


def standing(store: Store, blob: Blob) -> tuple[int, int]:
    """(bytes that are here, of how many)."""
    with store.transaction() as connection, as_scope(connection, blob.owner):
        return _standing(connection, blob)


def give(store: Store, blob: Blob, *, start: int) -> Piece:
    """One piece of a file that is whole."""
    with store.transaction(snapshot=True) as connection, as_scope(connection, blob.owner):
        offset, total = _standing(connection, blob)
        row = connection.execute(
            "SELECT data FROM blob WHERE scope = %s AND record = %s AND n = %s",
            (blob.owner, blob.record, start // PIECE),
        ).fetchone()
    if row is None or offset < total:
        raise not_found()
    return Piece(start, total, bytes(row[0]))


def forget(connection: Conn, scope: str, records: list[str]) -> None:
    """The bytes of these attachments go. Inside `as_scope`."""
    connection.execute("DELETE FROM blob WHERE scope = %s AND record = ANY(%s::uuid[])", (scope, records))


def _standing(connection: Conn, blob: Blob) -> tuple[int, int]:
    row = connection.execute(
        "SELECT coalesce(sum(length(data)), 0), coalesce(max(total), 0) FROM blob WHERE scope = %s AND record = %s",
        (blob.owner, blob.record),
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def _hash(connection: Conn, blob: Blob) -> str:
    told = hashlib.sha256()
    rows = connection.execute(
        "SELECT data FROM blob WHERE scope = %s AND record = %s ORDER BY n", (blob.owner, blob.record)
    )
    for (data,) in rows:
        told.update(data)
    return told.hexdigest()
