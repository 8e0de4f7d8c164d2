"""The sealed bytes of attachments as the centre keeps them: in pieces, in the scope of the record's owner.

The centre knows a file by the hash of its sealed bytes and can open none. Until it is whole, what a laptop sends of it
lies apart, in its own office's scope: nobody goes on from bytes that somebody else began, or spoils them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

import msgspec

from app.central.refusal import Refused, not_found
from app.central.sessions import Device
from app.central.store import Conn, Store, as_scope
from app.models.ids import is_id
from app.wire import PIECE
from app.wire.pieces import piece_hash

UNFINISHED_LIFE = timedelta(days=7)
MAX_UNFINISHED = 16  # files of one laptop
_MINE: LiteralString = " FROM piece WHERE scope = %s AND record = %s AND device = %s"
_KEEP_NEWEST: LiteralString = """
DELETE FROM piece WHERE scope = %s AND device = %s AND record NOT IN (
    SELECT record FROM piece WHERE scope = %s AND device = %s GROUP BY record ORDER BY max(at) DESC, record LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class Name:
    """What a laptop asks for: an attachment and the hash of its sealed bytes."""

    record: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file: where it begins, and how long the whole is."""

    start: int
    total: int
    data: bytes


def take(store: Store, device: Device, name: Name, *, piece: Piece, now: datetime) -> int:
    """Keep the next piece; how many bytes are here now. The last one has to give the hash, or all of it goes."""
    with store.transaction() as connection:
        # An erasure waits for this piece, or this piece for the erasure: nothing comes after it.
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name.record,))
        owner = _owner(connection, device.office, name)
        if whole := whole_length(connection, owner, name):
            return whole
        with as_scope(connection, device.office):
            offset = _append(connection, device, name, piece=piece, now=now)
        good = offset < piece.total or _finish(connection, device, name, owner=owner)
    if not good:  # raised after the commit: the wrong bytes are gone
        raise Refused(422, "hash", message="the bytes are not those of this file")
    return offset


def standing(store: Store, device: Device, name: Name) -> tuple[int, int]:
    """(bytes that are here of this laptop, or whole, of how many)."""
    with store.transaction() as connection:
        whole = whole_length(connection, _owner(connection, device.office, name), name)
        if whole:
            return whole, whole
        with as_scope(connection, device.office):
            return _begun(connection, device, name)


def give(store: Store, device: Device, name: Name, *, start: int) -> tuple[Piece, bytes]:
    """What of one piece lies from `start` on, of a file that is whole; and the hash of that whole piece."""
    with store.transaction(snapshot=True) as connection:
        owner = _owner(connection, device.office, name)
        total = whole_length(connection, owner, name)
        with as_scope(connection, owner):
            row = connection.execute(
                "SELECT data FROM blob WHERE scope = %s AND record = %s AND n = %s",
                (owner, name.record, start // PIECE),
            ).fetchone()
    if row is None or not total:
        raise not_found()
    data = bytes(row[0])
    return Piece(start, total, data[start % PIECE :]), piece_hash(data)


def forget(connection: Conn, scope: str, records: list[str]) -> None:
    """The bytes of these attachments go, whole or begun. Inside `as_scope`."""
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(replace(id::text, '-', ''), 0)) FROM record"
        " WHERE scope = %s AND id = ANY(%s::uuid[]) AND kind = 'attachment'",
        (scope, records),
    )
    connection.execute("DELETE FROM blob WHERE scope = %s AND record = ANY(%s::uuid[])", (scope, records))
    connection.execute("DELETE FROM piece WHERE scope = %s AND record = ANY(%s::uuid[])", (scope, records))


def move(records: list[str], connection: Conn, *, old: str, new: str) -> None:
    """The files of these attachments go to another scope, a piece at a time; what was only begun goes."""
    for record in records:
        with as_scope(connection, old):
            numbers = connection.execute(
                "SELECT n, total FROM blob WHERE scope = %s AND record = %s ORDER BY n", (old, record)
            ).fetchall()
        for n, total in numbers:
            with as_scope(connection, old):
                row = connection.execute(
                    "DELETE FROM blob WHERE scope = %s AND record = %s AND n = %s RETURNING data", (old, record, n)
                ).fetchone()
            with as_scope(connection, new):
                values = (new, record, n, total, row and row[0])
                connection.execute("INSERT INTO blob VALUES (%s, %s, %s, %s, %s)", values)
        with as_scope(connection, old):
            connection.execute("DELETE FROM piece WHERE scope = %s AND record = %s", (old, record))


def age_out(store: Store, *, now: datetime) -> None:
    """What was begun long ago and never finished goes, in every office."""
    with store.transaction() as connection:
        for (office,) in connection.execute("SELECT id FROM office ORDER BY id").fetchall():
            with as_scope(connection, office):
                _let_old_go(connection, office, now=now)


def _owner(connection: Conn, office: str, name: Name) -> str:
    """Whose the file is, if its attachment stands in the office's view now; not found otherwise."""
    if not is_id(name.record):
        raise not_found()
    with as_scope(connection, office):
        row = connection.execute(
            "SELECT p.owner, f.content FROM placement p JOIN feed f ON f.scope = p.scope AND f.seq = p.seq"
            " WHERE p.scope = %s AND p.record = %s AND p.row = 'F' AND p.kind = 'attachment'",
            (office, name.record),
        ).fetchone()
        if row is None or msgspec.msgpack.decode(row[1]).get("blob") != name.sha256:
            raise not_found()
    return str(row[0])


def _append(connection: Conn, device: Device, name: Name, *, piece: Piece, now: datetime) -> int:
    mine = (device.office, name.record, device.id)
    offset, total = _begun(connection, device, name)
    if piece.start == 0 and total not in (0, piece.total):  # another length: it is begun anew
        connection.execute("DELETE" + _MINE, mine)
        offset, total = 0, 0
    if piece.start != offset or (total and piece.total != total):
        raise Refused(409, "offset", headers={"Naungan-Offset": str(offset)})
    if piece.start == 0:
        _let_old_go(connection, device.office, now=now)
        newest = (device.office, device.id)
        connection.execute(_KEEP_NEWEST, (*newest, *newest, MAX_UNFINISHED - 1))
    room = PIECE - piece.start % PIECE  # what was cut inside a piece goes on inside it
    for start, data in ((piece.start, piece.data[:room]), (piece.start + room, piece.data[room:])):
        if data:
            _lay(connection, mine, Piece(start, piece.total, data), now=now)
    return offset + len(piece.data)


def _lay(connection: Conn, mine: tuple[str, str, str], part: Piece, *, now: datetime) -> None:
    """Bytes within one piece, after those of it that are here."""
    n, before = part.start // PIECE, b""
    if part.start % PIECE:
        row = connection.execute("DELETE" + _MINE + " AND n = %s RETURNING data", (*mine, n)).fetchone()
        before = bytes(row[0]) if row is not None else b""
    connection.execute(
        "INSERT INTO piece (scope, record, device, n, total, data, at) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (*mine, n, part.total, before + part.data, now),
    )


def _finish(connection: Conn, device: Device, name: Name, *, owner: str) -> bool:
    """Move a file that gives its hash to where its record is at home; what does not give it goes."""
    mine = (device.office, name.record, device.id)
    with as_scope(connection, device.office):
        numbers = connection.execute("SELECT n, total" + _MINE + " ORDER BY n", mine).fetchall()
    told = hashlib.sha256()
    with as_scope(connection, owner):  # one from before pieces lay apart, or from before the hash was another
        connection.execute("DELETE FROM blob WHERE scope = %s AND record = %s", (owner, name.record))
    for n, total in numbers:  # one at a time: a file may be large
        with as_scope(connection, device.office):
            row = connection.execute("SELECT data" + _MINE + " AND n = %s", (*mine, n)).fetchone()
        data = bytes(row[0]) if row is not None else b""
        told.update(data)
        with as_scope(connection, owner):
            connection.execute("INSERT INTO blob VALUES (%s, %s, %s, %s, %s)", (owner, name.record, n, total, data))
    good = told.hexdigest() == name.sha256
    with as_scope(connection, device.office):
        connection.execute("DELETE" + _MINE, mine)
    if not good:
        with as_scope(connection, owner):
            connection.execute("DELETE FROM blob WHERE scope = %s AND record = %s", (owner, name.record))
    return good


def _let_old_go(connection: Conn, office: str, *, now: datetime) -> None:
    connection.execute("DELETE FROM piece WHERE scope = %s AND at < %s", (office, now - UNFINISHED_LIFE))


def _begun(connection: Conn, device: Device, name: Name) -> tuple[int, int]:
    row = connection.execute(
        "SELECT coalesce(sum(length(data)), 0), coalesce(max(total), 0)" + _MINE,
        (device.office, name.record, device.id),
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def whole_length(connection: Conn, owner: str, name: Name) -> int:
    """How long the file is, if all of it is here; otherwise 0."""
    with as_scope(connection, owner):
        row = connection.execute(
            "SELECT coalesce(sum(length(data)), 0), coalesce(max(total), 0) FROM blob WHERE scope = %s AND record = %s",
            (owner, name.record),
        ).fetchone()
    assert row is not None
    return int(row[1]) if row[0] == row[1] else 0
