"""A new device proves once that it was told a code, and gets a certificate."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

import psycopg

from app.central.config import Clock
from app.central.keys import CentreKey, verified
from app.central.laptops import announce
from app.central.refusal import Refused
from app.central.store import Conn, Store
from app.models.field import to_ms
from app.wire.messages import (
    CERTIFICATE_DOMAIN,
    ENROL_DOMAIN,
    Certificate,
    EnrolReply,
    EnrolRequest,
    Signed,
    decode,
    encode,
)

CODE_LIFE = timedelta(hours=24)
CERTIFICATE_LIFE = timedelta(days=365)
TRIES = 5
SELECTOR, SECRET = 3, 7  # characters of 5 bits: the first ones find the row, so that tries are counted per code
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_TAG = re.compile(r"[A-Z0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class Offer:
    """A code that may be used: for which office, and what its secret hashes to."""

    office: str
    region: str
    office_code: str
    selector: str


def issue_code(connection: Conn, *, office: str, clock: Clock) -> str:
    """A new one-time code for an office; only its hash is stored."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(SELECTOR + SECRET))
    salt = secrets.token_bytes(16)
    connection.execute(
        "INSERT INTO enrol_code (selector, office, salt, hash, expires) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (selector) DO UPDATE SET office = excluded.office, salt = excluded.salt, hash = excluded.hash,"
        " expires = excluded.expires, tries = 0, used_by = NULL",
        (code[:SELECTOR], office, salt, _hash(code, salt), clock() + CODE_LIFE),
    )
    return code


def enrol(store: Store, request: EnrolRequest, *, key: CentreKey, epoch: str, clock: Clock) -> EnrolReply:
    """Certify a device. The same device may repeat the call with its code: the first reply may have been lost."""
    code = re.sub(r"[\s-]", "", request.code).upper()
    _check_form(request)
    device = hashlib.sha256(request.sign_public).digest()[:16].hex()
    with store.transaction() as connection:
        refused = _try(connection, code, device=device, clock=clock)
    if refused is not None:  # raised after the commit: the try has to count
        raise refused
    try:
        with store.transaction() as connection:
            certificate = _certify(connection, request, code=code, key=key, clock=clock)
    except psycopg.errors.UniqueViolation:
        raise Refused(409, "tag_taken", message="another device of this district has the tag") from None
    announce(store, decode(certificate.body, Certificate).office.hex())
    return EnrolReply(certificate, key.public, epoch)


def _check_form(request: EnrolRequest) -> None:
    if not _TAG.fullmatch(request.tag):
        raise Refused(400, "tag", message="a tag is one to eight capital letters or digits")
    proof = ENROL_DOMAIN + request.code.encode() + request.box_public + request.tag.encode()
    if len(request.box_public) != 32 or not verified(request.sign_public, proof, request.signature):
        raise Refused(422, "signature", message="the request is not signed by its own key")


def _try(connection: Conn, code: str, *, device: str, clock: Clock) -> Refused | None:
    """Count this try. None if the code is right, unused (or used by this very device) and still valid."""
    row = connection.execute(
        "SELECT salt, hash, tries, expires, used_by FROM enrol_code WHERE selector = %s FOR UPDATE", (code[:SELECTOR],)
    ).fetchone()
    wrong = Refused(401, "code", message="no such code, or tried too often")
    if row is None or row[2] >= TRIES:
        return wrong
    if not secrets.compare_digest(_hash(code, row[0]), row[1]):
        connection.execute("UPDATE enrol_code SET tries = tries + 1 WHERE selector = %s", (code[:SELECTOR],))
        return wrong
    if row[4] not in (None, device):
        return Refused(401, "code_used", message="the code has been used")
    if row[3] < clock():
        return Refused(401, "code_expired", message="the code is older than a day")
    connection.execute("UPDATE enrol_code SET used_by = %s WHERE selector = %s", (device, code[:SELECTOR]))
    return None


def _certify(connection: Conn, request: EnrolRequest, *, code: str, key: CentreKey, clock: Clock) -> Signed:
    device = hashlib.sha256(request.sign_public).digest()[:16]
    office, office_code, region = _one(
        connection.execute(
            "SELECT o.id, o.code, o.region FROM enrol_code e JOIN office o ON o.id = e.office WHERE e.selector = %s",
            (code[:SELECTOR],),
        ).fetchone()
    )
    known = connection.execute("SELECT office, certificate FROM device WHERE id = %s", (device.hex(),)).fetchone()
    if known is not None:
        if known[0] != office:
            raise Refused(409, "enrolled", message="this device belongs to another office")
        return decode(known[1], Signed)
    issued, expires = clock(), clock() + CERTIFICATE_LIFE
    certificate = Certificate(
        device, bytes.fromhex(office), office_code, request.sign_public, request.box_public, request.tag,
        to_ms(issued), to_ms(expires),
    )  # fmt: skip
    signed = key.signed(certificate, domain=CERTIFICATE_DOMAIN)
    connection.execute(
        "INSERT INTO device (id, office, region, tag, sign_public, certificate, issued, expires)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (device.hex(), office, region, request.tag, request.sign_public, encode(signed), issued, expires),
    )
    return signed


def _one(row: tuple[str, ...] | None) -> tuple[str, ...]:
    assert row is not None
    return row


def _hash(code: str, salt: bytes) -> bytes:
    return hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
