"""A batch, applied: every operation judged, every view brought up to date, the result saved. All of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable

from app.central import erasing
from app.central.config import Clock
from app.central.judge import Writer, judge, waits_for
from app.central.ledger import Ledger, in_scopes
from app.central.pages import read_cases
from app.central.rights import SHARED
from app.central.sessions import Device
from app.central.shape import ids_in
from app.central.store import Conn, Store, as_scope
from app.central.views import refresh
from app.models.ids import is_id
from app.wire import REFERENCE
from app.wire.batch import OpenedBatch
from app.wire.messages import BatchResult, Change, Outcome, Status, decode, encode

MAX_HELD = 10_000  # of one office


def apply_batch(store: Store, batch: OpenedBatch, *, device: Device, clock: Clock, centre_key: bytes) -> bytes:
    """Apply a stored batch and return the bytes of its result. Called again, it returns the saved bytes."""
    writer = Writer(device.id, device.office, clock(), centre_key)
    n = batch.header.n

    def work(ledger: Ledger) -> bytes:
        saved = _saved(ledger.connection, device, n)
        if saved is not None:
            return saved
        outcomes = _outcomes(ledger, batch.changes, writer=writer, n=n)
        for scope in list(ledger.touched):
            touched = list(ledger.touched[scope].values())
            refresh(ledger, ledger.book(scope), touched=touched, today=writer.today)
        result = encode(BatchResult(bytes.fromhex(device.id), n, batch.digest, outcomes))
        _save(ledger.connection, device, n=n, result=result, writer=writer)
        erasing.forget_bytes(ledger, answered=outcomes, batch=(device.id, n, batch.digest))
        return result

    return in_scopes(store, device.office, scopes=_expected(batch.changes), work=work)


def _outcomes(ledger: Ledger, changes: list[Change], *, writer: Writer, n: int) -> list[Outcome]:
    _read_ahead(ledger, changes)
    outcomes = []
    for position, change in enumerate(changes):
        outcome = judge(ledger, change, writer=writer)
        if outcome.status is Status.HELD:
            outcome = _hold(ledger, change, outcome=outcome, writer=writer, at=(n, position))
        outcomes.append(outcome)
    _retry_held(
        ledger, [c.record.hex() for c, o in zip(changes, outcomes, strict=True) if c.new and o.rev], writer=writer
    )
    return outcomes


def _read_ahead(ledger: Ledger, changes: Iterable[Change]) -> None:
    """Read at once everything the operations name, instead of record by record."""
    ledger.read({record for change in changes for record in ids_in(change)})
    erasing.read_erased(ledger, changes)
    cases: dict[str, set[str]] = {}
    for change in changes:
        found = ledger.find(change.case.hex()) if change.case is not None and len(change.case) == 16 else None
        if found is not None and (found[0] is not ledger.mine or change.kind == "referral_event"):
            cases.setdefault(found[0].scope, set()).add(found[1].id)
    for scope, ids in cases.items():
        read_cases(ledger.connection, ledger.book(scope), cases=ids)


def _expected(changes: Iterable[Change]) -> set[str]:
    """Scopes that a batch most likely touches, so that they are locked at the first try."""
    scopes = {REFERENCE} if any(change.kind in SHARED for change in changes) else set()
    for change in changes:
        office = change.changes.get("to_office") if change.kind == "referral" else None
        if is_id(office):
            scopes.add(str(office))
    return scopes


def _hold(ledger: Ledger, change: Change, *, outcome: Outcome, writer: Writer, at: tuple[int, int]) -> Outcome:
    with as_scope(ledger.connection, writer.office):
        row = ledger.connection.execute("SELECT count(*) FROM held WHERE scope = %s", (writer.office,)).fetchone()
        if row is None or row[0] >= MAX_HELD:
            return Outcome(Status.REFUSED, "not_found")
        ledger.connection.execute(
            "INSERT INTO held (scope, device, n, position, waits_for, change) VALUES (%s, %s, %s, %s, %s, %s)",
            (writer.office, writer.device, *at, waits_for(ledger, change), encode(change)),
        )
    return outcome


def _retry_held(ledger: Ledger, came: list[str], *, writer: Writer) -> None:
    """What waited for these records is done now, by its own author, in its own order.

    The saved result of its batch still says 'held': the record's feed line is the news of it.
    """
    while came:
        with as_scope(ledger.connection, writer.office):
            found = ledger.connection.execute(
                "DELETE FROM held WHERE scope = %s AND waits_for = ANY(%s::uuid[])"
                " RETURNING device, n, position, change",
                (writer.office, came),
            ).fetchall()
        came = []
        for device, n, position, data in sorted(found, key=lambda row: (row[0], row[1], row[2])):
            change = decode(data, Change)
            author = Writer(device, writer.office, writer.now, writer.centre_key)
            _read_ahead(ledger, [change])
            outcome = judge(ledger, change, writer=author)
            if outcome.status is Status.HELD:
                _hold(ledger, change, outcome=outcome, writer=author, at=(n, position))
            elif change.new and outcome.rev:
                came.append(change.record.hex())


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
