"""Epochs: what a number of an older history of this database still means.

A restore ends an epoch: up to the head that the backup had, both histories are one; above it the same number names
something else. Nothing that an author saw above it counts as seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.central.store import Conn
from app.wire.batch import Named, OpenedBatch, Verify, header_of, unseal

ALL = 2**63 - 1  # numbers of the present epoch mean what they say


def opened(connection: Conn, scope: str, data: bytes, *, verify: Verify) -> OpenedBatch:
    """A batch of an office's device, proven, with the records that it names by numbers. Inside `as_scope`.

    WireError if it is none; 'numbers' if it names what is not there, or numbers of a history that is gone.
    """
    header, _start = header_of(data)

    def resolve(numbers: Sequence[int]) -> Mapping[int, Named]:
        return named(connection, scope, epoch=header.epoch, numbers=numbers)

    return unseal(data, verify=verify, resolve=resolve)


def shared(connection: Conn, scope: str, *, epoch: str) -> int:
    """Up to which number an epoch is the same history as the present one in a scope. Inside `as_scope`.

    An unknown epoch shares nothing.
    """
    row = connection.execute(
        "SELECT CASE WHEN centre.epoch = %s THEN %s ELSE coalesce("
        "(SELECT head FROM epoch_end WHERE scope = %s AND epoch = %s), 0) END FROM centre",
        (epoch, ALL, scope, epoch),
    ).fetchone()
    assert row is not None
    return int(row[0])


def named(connection: Conn, scope: str, *, epoch: str, numbers: Sequence[int]) -> Mapping[int, Named]:
    """The records of a scope that these numbers of an epoch name; those that mean nothing are missing. As `shared`."""
    last = shared(connection, scope, epoch=epoch)
    wanted = [number for number in numbers if 0 < number <= last]
    found = connection.execute(
        "SELECT f.seq, f.record, f.kind, r.case_id FROM feed f"
        " JOIN record r ON r.scope = f.scope AND r.id = f.record"
        " WHERE f.scope = %s AND f.seq = ANY(%s) AND f.seq = f.rev",
        (scope, wanted),
    ).fetchall()
    return {
        seq: Named(bytes.fromhex(record), kind, bytes.fromhex(case) if case else None)
        for seq, record, kind, case in found
    }
