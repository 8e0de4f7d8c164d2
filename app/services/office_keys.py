"""Offices and laptops that are believed: to whose public key something is sealed, and who signed a key that came."""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import settings
from app.models.content import content_of
from app.models.keyring import OF_CASE, DeviceEntry, KeyGrant, OfficeKey
from app.sync.device import Signer
from app.sync.vouched import directory_read, office_key_proof, packed, told_certificate, unpacked, vouched
from app.vault.casekeys import Given


def own_office(session: Session) -> str:
    """The office this workspace belongs to; before enrolment a provisional id."""
    return str(settings.get(session, "office", ""))


def current_key(session: Session, office: str) -> bytes | None:
    """The public key of an office, to seal something to; None: not known here."""
    now = current_record(session, office)
    return bytes.fromhex(now.public or "") if now else None


def current_record(session: Session, office: str) -> OfficeKey | None:
    """The office's key that is in force: the first the centre took, or the one that replaced it, and so on."""
    rows = session.scalars(select(OfficeKey).where(OfficeKey.office == office))
    sound = [key for key in rows if _is_sound(session, key)]
    now: OfficeKey | None = None
    for key in sorted(sound, key=lambda k: (k.rev or 2**62, k.id)):
        if now is None or key.replaces == now.id:
            now = key
    return now


def publish(session: Session, public: bytes, *, signer: Signer, replaces: str | None = None) -> bool:
    """Make this the public key of our office, if it has none and the centre vouches for us; whether that was done.

    `replaces` is the record of the key in force, in whose place it comes.
    """
    office, certificate = own_office(session), told_certificate(settings.get(session, "certificate"))
    if certificate is None or (replaces is None and current_key(session, office) is not None):
        return False
    if not directory_read(session):
        return False
    key = OfficeKey(
        office=office, public=public.hex(), replaces=replaces, device=signer.id, certificate=certificate
    )  # fmt: skip
    key.signature = packed(signer.sign(office_key_proof(content_of(key))))
    session.add(key)
    return True


def _is_sound(session: Session, key: OfficeKey) -> bool:
    """Whether a laptop of that very office signed it. Whoever else could would read what is meant for the office."""
    certificate = vouched(key.certificate, centre_key=settings.get(session, "centre_key"))
    if certificate is None or certificate.office.hex() != key.office or certificate.device.hex() != key.device:
        return False
    try:
        laptop = Ed25519PublicKey.from_public_bytes(certificate.sign_public)
        laptop.verify(unpacked(key.signature), office_key_proof(content_of(key)))
        return len(bytes.fromhex(key.public or "")) == len(certificate.box_public)
    except (InvalidSignature, ValueError):
        return False


def given_of(grant: KeyGrant) -> Given | None:
    """A grant as the vault reads it; None when it is none."""
    try:
        return Given(
            (grant.subject_kind or "", grant.subject or ""), bytes.fromhex(grant.kid or ""),
            bytes.fromhex(grant.to_key or ""), unpacked(grant.box),
            unpacked(grant.signature),
        )  # fmt: skip
    except ValueError:
        return None


def grant_of(given: Given, *, to_office: str, signer: Signer, certificate: str | None) -> KeyGrant:
    """A grant as the record that travels; a case's key goes with the case."""
    case_id = given.subject[1] if given.subject[0] == OF_CASE else None
    return KeyGrant(
        case_id=case_id, subject_kind=given.subject[0], subject=given.subject[1], kid=given.kid.hex(),
        to_office=to_office, to_key=given.to_key.hex(), box=packed(given.box), device=signer.id,
        signature=packed(given.signature), certificate=certificate,
    )  # fmt: skip


def giver_of(session: Session, grant: KeyGrant, *, own: Mapping[str, bytes]) -> str | None:
    """The office whose laptop signed this grant; None if nobody we believe did. `own`: this laptop's signing keys."""
    given = given_of(grant)
    if given is None:
        return None
    if ours := own.get(grant.device or ""):
        return own_office(session) if given.signed_by(ours) else None
    centre_key = settings.get(session, "centre_key")
    told = [grant.certificate, *session.scalars(select(DeviceEntry.certificate))]
    for certificate in (vouched(one, centre_key=centre_key) for one in told):
        if certificate is not None and certificate.device.hex() == grant.device:
            return certificate.office.hex() if given.signed_by(certificate.sign_public) else None
    return None
