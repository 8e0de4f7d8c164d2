"""A batch, applied: every operation judged, every view brought up to date, the result saved. All of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from app.central import erasing
from app.central.config import Clock
from app.central.judge import Writer, judge
from app.central.ledger import Ledger, in_scopes
from app.central.moving import move_accepted
from app.central.reading import expected, read_ahead
from app.central.sessions import Device
from app.central.store import Conn, Store, as_scope
from app.central.views import refresh
from app.central.waiting import HeldWork
from app.wire.batch import OpenedBatch
from app.wire.messages import BatchResult, Change, Outcome, encode


def apply_batch(store: Store, batch: OpenedBatch, *, device: Device, clock: Clock, centre_key: bytes) -> bytes:
    """Apply a stored batch and return the bytes of its result. Called again, it returns the saved bytes."""
    n = batch.header.n
    writer = Writer(device.id, device.office, clock(), centre_key, batch.header.epoch)

    def work(ledger: Ledger) -> bytes:
        saved = _saved(ledger.connection, device, n)
        if saved is not None:
            return saved
        outcomes = _outcomes(ledger, batch.changes, writer=writer, n=n)
        moved = move_accepted(ledger, now=writer.now)
        told = zip(batch.changes, outcomes, strict=True)
        outcomes = [_where_it_is(ledger, outcome, moved, record=change.record.hex()) for change, outcome in told]
        refresh_touched(ledger, today=writer.today)
        result = encode(BatchResult(bytes.fromhex(device.id), n, batch.digest, outcomes))
        _save(ledger.connection, device, n=n, result=result, writer=writer)
        erasing.forget_bytes(ledger, answered=outcomes, batch=(device.id, n, batch.digest))
        return result

    return in_scopes(store, device.office, scopes=expected(batch.changes), work=work)


def _where_it_is(ledger: Ledger, outcome: Outcome, moved: Mapping[str, int], *, record: str) -> Outcome:
    """Who took a case over with this very batch hears the numbers its records have from now on."""
    here = outcome.rev and record in moved and ledger.mine.rows.get(record) is not None
    return structs.replace(outcome, rev=moved[record]) if here else outcome


def refresh_touched(ledger: Ledger, *, today: str) -> None:
    """Bring the views of all that this work changed up to date."""
    for scope in list(ledger.touched):
        refresh(ledger, ledger.book(scope), touched=list(ledger.touched[scope].values()), today=today)


def _outcomes(ledger: Ledger, changes: list[Change], *, writer: Writer, n: int) -> list[Outcome]:
    read_ahead(ledger, changes)
    waiting = HeldWork(ledger, writer)
    outcomes = []
    for position, change in enumerate(changes):
        outcome = judge(ledger, change, writer=writer)
        outcomes.append(waiting.after(change, outcome, at=(n, position)))
    waiting.go_on()
    return outcomes


def _saved(connection: Conn, device: Device, n: int) -> bytes | None:
    with as_scope(connection, device.office):
        row = connection.execute(
            "SELECT result FROM batch WHERE scope = %s AND device = %s AND n = %s", (device.office, device.id, n)
        ).fetchone()
    return row[0] if row is not None else None


def _save(connection: Conn, device: Device, *, n: int, result: bytes, writer: Writer) -> None:
    with as_scope(connection, device.office):
        connection.execute(
            "UPDATE batch SET result = %s, applied = %s WHERE scope = %s AND device = %s AND n = %s",
            (result, writer.now, device.office, device.id, n),
        )
    connection.execute("UPDATE device SET applied = %s WHERE id = %s AND applied < %s", (n, device.id, n))
