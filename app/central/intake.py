"""A whole batch arrives: prove it, keep its raw bytes for ever, apply it. Also after a crash between the two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from app.central.apply import apply_batch
from app.central.config import Clock
from app.central.epochs import opened
from app.central.erasing import names_erased
from app.central.incidents import FORK, Incident, note
from app.central.keys import verified
from app.central.refusal import Refused
from app.central.sessions import Device
from app.central.store import Conn, Store, as_scope
from app.wire.batch import OpenedBatch
from app.wire.messages import WireError

_STATUS = {"codec": 415, "dictionary": 415, "version": 415, "size": 413, "format": 400, "numbers": 409}


@dataclass(frozen=True, slots=True)
class Stored:
    """A batch the centre has: its bytes, and the saved result once it was applied."""

    digest: bytes
    data: bytes
    result: bytes | None


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes whole batches into the store."""

    store: Store
    clock: Clock
    centre_key: bytes

    def stored(self, device: Device, n: int) -> Stored | None:
        """The batch under this number, if the centre has one."""
        with self.store.transaction() as connection:
            return _stored(connection, device, n)

    def take(self, device: Device, n: int, *, data: bytes) -> bytes:
        """Store and apply a batch; the bytes of its result. The same batch again: the same bytes again."""
        return self.apply(device, self.keep(device, n, data=data))

    def keep(self, device: Device, n: int, *, data: bytes) -> OpenedBatch:
        """Prove a batch and store its bytes for ever: from now on it is applied, whatever happens."""
        batch = self._open(device, n, data=data)
        with self.store.transaction() as connection:
            problem = self._store(connection, device, batch=batch, data=data)
        if problem is not None:  # raised after the commit: what happened is recorded
            raise problem
        return batch

    def apply(self, device: Device, batch: OpenedBatch) -> bytes:
        """The bytes of the result of a stored batch, after all that its device stored before it."""
        self.catch_up(device, before=batch.header.n)
        return self._apply(batch, device)

    def result(self, device: Device, n: int) -> bytes | None:
        """The saved result of a batch, applying it first if a crash came between. None: no such batch."""
        self.catch_up(device, before=n + 1)
        stored = self.stored(device, n)
        return stored.result if stored is not None else None

    def catch_up(self, device: Device, *, before: int = 2**62) -> int:
        """Apply, in order, what was stored and not applied; returns how many."""
        with self.store.transaction() as connection, as_scope(connection, device.office):
            waiting = connection.execute(
                "SELECT n, data FROM batch WHERE scope = %s AND device = %s AND n < %s AND result IS NULL ORDER BY n",
                (device.office, device.id, before),
            ).fetchall()
        for n, data in waiting:
            self._apply(self._open(device, n, data=data), device)
        return len(waiting)

    def behind(self) -> list[Device]:
        """The devices that have batches stored and not applied."""
        with self.store.transaction() as connection:
            found = connection.execute(
                "SELECT id, office, sign_public, stored, applied FROM device WHERE applied < stored ORDER BY id"
            ).fetchall()
        return [Device(*row) for row in found]

    def _apply(self, batch: OpenedBatch, device: Device) -> bytes:
        return apply_batch(self.store, batch, device=device, clock=self.clock, centre_key=self.centre_key)

    def _open(self, device: Device, n: int, *, data: bytes) -> OpenedBatch:
        try:
            with self.store.transaction() as connection, as_scope(connection, device.office):
                batch = opened(connection, device.office, data, verify=partial(verified, device.sign_public))
            if batch.header.device.hex() != device.id or batch.header.n != n:
                raise WireError("chain", "a batch of another device or number")
        except WireError as error:
            raise Refused(_STATUS.get(error.code, 422), error.code, message=str(error)) from None
        return batch

    def _store(self, connection: Conn, device: Device, *, batch: OpenedBatch, data: bytes) -> Refused | None:
        """Append to the device's chain, or say why not."""
        row = connection.execute(
            "SELECT stored, stored_digest, revoked FROM device WHERE id = %s FOR UPDATE", (device.id,)
        ).fetchone()
        assert row is not None
        last, last_digest, revoked = row
        if revoked is not None:  # while the batch was on its way: an upload may take hours
            return Refused(401, "revoked", message="this device was revoked")
        n = batch.header.n
        if n <= last:
            known = _stored(connection, device, n)
            if known is not None and known.digest == batch.digest:
                return None
            return self._incident(connection, device, batch=batch, data=data)
        if n > last + 1:
            return Refused(409, "gap", message="a batch before this one has not arrived")
        if batch.header.previous != last_digest:
            return self._incident(connection, device, batch=batch, data=data)
        with as_scope(connection, device.office):
            connection.execute(
                "INSERT INTO batch (scope, device, n, digest, data, received) VALUES (%s, %s, %s, %s, %s, %s)",
                (device.office, device.id, n, batch.digest, data, self.clock()),
            )
        connection.execute(
            "UPDATE device SET stored = %s, stored_digest = %s WHERE id = %s", (n, batch.digest, device.id)
        )
        return None

    def _incident(self, connection: Conn, device: Device, *, batch: OpenedBatch, data: bytes) -> Refused:
        """Two batches under one number, or on another past: a cloned or restored laptop. Both are kept.

        Of one that speaks of what was erased only the hash is.
        """
        kept = b"" if names_erased(connection, device.office, batch.changes) else data
        note(connection, device, Incident(FORK, batch.header.n, batch.digest, kept), clock=self.clock)
        return Refused(409, "fork", message="this device's history has another batch here")


def _stored(connection: Conn, device: Device, n: int) -> Stored | None:
    with as_scope(connection, device.office):
        row = connection.execute(
            "SELECT digest, data, result FROM batch WHERE scope = %s AND device = %s AND n = %s",
            (device.office, device.id, n),
        ).fetchone()
    return Stored(*row) if row is not None else None
