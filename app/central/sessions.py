"""Sessions: a device signs a nonce of ours and gets a token. Bound to the device's key, never to a clock of its own."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from app.central.config import Clock
from app.central.keys import verified
from app.central.refusal import Refused
from app.central.store import Store
from app.wire.messages import SESSION_DOMAIN, Challenge, ChallengeRequest, Session, SessionRequest

NONCE_LIFE = timedelta(minutes=5)
TOKEN_LIFE = timedelta(hours=12)
UNCONFIRMED_LIFE = timedelta(hours=24)  # that long a device may work before its six words were compared


@dataclass(frozen=True, slots=True)
class Device:
    """Who is speaking: an enrolled, unrevoked device."""

    id: str
    office: str
    sign_public: bytes
    stored: int = 0  # the last batch the centre had of it when it asked
    applied: int = 0  # and the last one that was applied


def challenge(store: Store, request: ChallengeRequest, *, clock: Clock) -> Challenge:
    """A nonce to sign. An unknown device gets one too, which nothing will accept: unknown and known look the same."""
    nonce = secrets.token_bytes(32)
    with store.transaction() as connection:
        connection.execute("DELETE FROM nonce WHERE expires < %s", (clock(),))
        connection.execute(
            "INSERT INTO nonce (nonce, device, expires) SELECT %s, id, %s FROM device WHERE id = %s",
            (nonce, clock() + NONCE_LIFE, _id(request.device)),
        )
    return Challenge(nonce)


def open_session(store: Store, request: SessionRequest, *, clock: Clock) -> Session:
    """A token for twelve hours. The nonce is spent whether or not the signature holds."""
    token = secrets.token_urlsafe(16)  # as hard to guess as a key of 128 bits; it goes with every request
    with store.transaction() as connection:
        row = connection.execute(
            "DELETE FROM nonce USING device WHERE nonce.device = device.id AND nonce.nonce = %s AND nonce.device = %s"
            " AND nonce.expires >= %s RETURNING device.id, device.sign_public, device.revoked, device.expires,"
            " device.wipe, device.confirmed IS NULL AND device.issued < %s",
            (request.nonce, _id(request.device), clock(), clock() - UNCONFIRMED_LIFE),
        ).fetchone()
        good = row is not None and verified(row[1], SESSION_DOMAIN + request.nonce, request.signature)
        if good and row is not None and row[2] is None and row[3] >= clock() and not row[5]:
            connection.execute("DELETE FROM session WHERE expires < %s", (clock(),))
            connection.execute(
                "INSERT INTO session (token, device, expires) VALUES (%s, %s, %s)",
                (_hash(token), row[0], clock() + TOKEN_LIFE),
            )
    if row is None or not good:
        raise Refused(401, "session", message="no such challenge, or not signed by this device")
    check_valid(row[2], expired=row[3] < clock(), unconfirmed=row[5], order=row[4])
    return Session(token, int(TOKEN_LIFE.total_seconds()))


def authenticate(store: Store, authorization: str, *, clock: Clock) -> Device:
    """The device behind an Authorization header. Asked at every request, so that a revocation holds at once."""
    scheme, _space, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(401, "session", message="no session")
    with store.statement() as connection:
        row = connection.execute(
            "SELECT d.id, d.office, d.sign_public, d.revoked, d.expires, s.expires, d.wipe,"
            " d.confirmed IS NULL AND d.issued < %s, d.stored, d.applied FROM session s"
            " JOIN device d ON d.id = s.device WHERE s.token = %s",
            (clock() - UNCONFIRMED_LIFE, _hash(token)),
        ).fetchone()
    if row is None:
        raise Refused(401, "session", message="no such session")
    check_valid(row[3], expired=row[4] < clock(), unconfirmed=row[7], order=row[6])
    if row[5] < clock():
        raise Refused(401, "session", message="the session is over")
    return Device(row[0], row[1], row[2], row[8], row[9])


def check_valid(revoked: object, *, expired: bool, unconfirmed: bool, order: bytes | None) -> None:
    """Only whoever proved to be the device gets here, and so sees an order to it."""
    if revoked is not None:
        raise Refused(401, "revoked", message="this device was revoked", order=order or b"")
    if expired:
        raise Refused(401, "certificate_expired", message="enrol this device again")
    if unconfirmed:
        raise Refused(401, "unconfirmed", message="nobody has compared the six words of this device")


def _id(device: bytes) -> str:
    if len(device) != 16:
        raise Refused(400, "format", message="a device id has 16 bytes")
    return device.hex()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
