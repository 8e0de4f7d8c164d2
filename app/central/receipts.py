"""Proof: the centre confirms, signed, that a device holds the same. And what follows: a referral was delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.central.config import Clock, today
from app.central.feeds import read_head
from app.central.incidents import REWOUND, Incident, note
from app.central.keys import CentreKey, verified
from app.central.ledger import Ledger, in_scopes
from app.central.pages import read_cases
from app.central.refusal import Refused
from app.central.rows import CENTRE, Author, Row, case_file
from app.central.sessions import Device
from app.central.store import Conn, Store, as_scope
from app.central.views import refresh
from app.models.field import to_ms
from app.models.ids import new_id
from app.models.view import referral_step
from app.wire.messages import (
    RECEIPT_DOMAIN,
    AuditHead,
    FeedPoint,
    Problem,
    Receipt,
    ReceiptAnswer,
    ReceiptRequest,
    Signed,
    audit_proof,
)

_HASH = 32


@dataclass(frozen=True, slots=True)
class Receipts:
    """Signs receipts for one database."""

    store: Store
    key: CentreKey
    epoch: str
    clock: Clock

    def confirm_all(self, device: Device, requests: Sequence[ReceiptRequest]) -> list[ReceiptAnswer]:
        """The same for several scopes in one exchange: to each its own answer."""
        answers = []
        for request in requests:
            try:
                answers.append(ReceiptAnswer(self.confirm(device, request)))
            except Refused as refused:
                answers.append(ReceiptAnswer(problem=Problem(refused.code, refused.message)))
        return answers

    def confirm(self, device: Device, request: ReceiptRequest) -> Signed:
        """A receipt, if the device holds what the centre holds. Refused 'behind' or 'digest' otherwise.

        'audit_rewound' if its audit ends before what was countersigned, or elsewhere: data from the past.
        """
        point, scope = request.point, request.point.scope.hex()
        if request.audit is not None:
            self.note_audit(device, request.audit)
        with self.store.transaction() as connection:
            with as_scope(connection, scope):
                head = read_head(connection, scope)
            if point.seq < head.seq:
                raise Refused(409, "behind", message="there are more rows to pull")
            if (point.seq, point.digest, point.count) != (head.seq, head.digest, head.count):
                raise Refused(409, "digest", message="the device holds something else")
            signed = self._sign(connection, device, point=point)
        if scope == device.office:
            self.delivered(device, seq=point.seq)
        return signed

    def foretell(self, device: Device, scope: str) -> Signed:
        """A receipt for what the device will hold once it has read to the head of a scope: for an answer in a file.

        It counts only if the device then finds that it does. Nothing is delivered by it.
        """
        with self.store.transaction() as connection:
            with as_scope(connection, scope):
                head = read_head(connection, scope)
            point = FeedPoint(bytes.fromhex(scope), "", head.seq, head.digest, head.count)
            return self._sign(connection, device, point=point)

    def note_audit(self, device: Device, audit: AuditHead) -> None:
        """Take note of where the audit of this device ends. Refused 'audit_rewound' if it went further before."""
        with self.store.transaction() as connection:
            rewound = self._note_audit(connection, device, audit=audit)
        if rewound is not None:  # raised after the commit: what happened is recorded
            raise rewound

    def _note_audit(self, connection: Conn, device: Device, *, audit: AuditHead) -> Refused | None:
        """Take note of where the audit of this device ends; it only ever goes on."""
        if len(audit.h) != _HASH or not 0 < audit.seq < 2**63:
            return Refused(400, "format", message="not the end of an audit")
        if not verified(device.sign_public, audit_proof(bytes.fromhex(device.id), audit.seq, audit.h), audit.signature):
            return Refused(422, "signature", message="not signed by this device")
        last, h = _one(
            connection.execute(
                "SELECT audit_seq, audit_head FROM device WHERE id = %s FOR UPDATE", (device.id,)
            ).fetchone()
        )
        if audit.seq < last or (audit.seq == last and audit.h != h):
            note(connection, device, Incident(REWOUND, audit.seq, audit.h), clock=self.clock)
            return Refused(409, "audit_rewound", message="the audit of this device went further than this")
        connection.execute(
            "UPDATE device SET audit_seq = %s, audit_head = %s WHERE id = %s", (audit.seq, audit.h, device.id)
        )
        return None

    def _sign(self, connection: Conn, device: Device, *, point: FeedPoint) -> Signed:
        row = connection.execute(
            "SELECT applied, audit_seq, audit_head FROM device WHERE id = %s", (device.id,)
        ).fetchone()
        assert row is not None
        now = self.clock()
        receipt = Receipt(
            bytes.fromhex(device.id), point.scope, self.epoch, point.seq, point.digest, point.count, row[0], to_ms(now),
            row[1], row[2],
        )  # fmt: skip
        signed = self.key.signed(receipt, domain=RECEIPT_DOMAIN)
        with as_scope(connection, device.office):
            connection.execute(
                "INSERT INTO receipt (scope, device, feed, seq, body, signature, at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (device.office, device.id, point.scope.hex(), point.seq, signed.body, signed.signature, now),
            )
        return signed

    def delivered(self, device: Device, *, seq: int) -> None:
        """Referrals that this office now provably has become DELIVERED, each once."""
        with self.store.transaction() as connection, as_scope(connection, device.office):
            waiting = connection.execute(
                "SELECT owner FROM delivery WHERE scope = %s AND seq <= %s", (device.office, seq)
            ).fetchall()
        if waiting:
            in_scopes(
                self.store,
                device.office,
                scopes={owner for (owner,) in waiting},
                work=lambda ledger: self._deliver(ledger, seq),
            )

    def _deliver(self, ledger: Ledger, seq: int) -> None:
        with as_scope(ledger.connection, ledger.office):
            found = ledger.connection.execute(
                "DELETE FROM delivery WHERE scope = %s AND seq <= %s RETURNING referral, case_id, owner",
                (ledger.office, seq),
            ).fetchall()
        for referral_id, case_id, owner in found:
            book = ledger.book(owner)
            read_cases(ledger.connection, book, cases=[case_id])
            file = case_file(book.files([case_id])[case_id])
            if ("referral", referral_id) in file.rows and referral_step(file, referral_id) == "SENT":
                ledger.keep(book, self._event(referral_id, case_id=case_id, rev=book.next_number()))
        for owner in sorted(ledger.touched):
            touched = list(ledger.touched[owner].values())
            refresh(ledger, ledger.book(owner), touched=touched, today=today(self.clock()))

    def _event(self, referral_id: str, *, case_id: str, rev: int) -> Row:
        now = to_ms(self.clock())
        content = {
            "case_id": case_id, "referral_id": referral_id, "step": "DELIVERED", "at": now,
            "made_at": now, "made_by": "centre",
        }  # fmt: skip
        row = Row("referral_event", new_id(), content, rev)
        row.history.note(tuple(content), rev=rev, author=Author(CENTRE, "centre", now))
        return row


def _one(row: tuple[Any, ...] | None) -> tuple[Any, ...]:
    assert row is not None
    return row
