"""Offices and laptops that are believed: to whose public key something is sealed, and who signed a key that came."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import settings
from app.models.case import Case
from app.models.content import content_of
from app.models.holder import moves_of
from app.models.keyring import OF_CASE, OF_OFFICE, DeviceEntry, KeyGrant, OfficeKey
from app.models.local import Operation
from app.models.person import Party, Person
from app.sync.device import Signer
from app.sync.vouched import (
    directory_read,
    office_key_proof,
    packed,
    signer_of,
    told_certificate,
    unpacked,
    vouched,
)
from app.vault.boxes import is_key
from app.vault.casekeys import Given, Subject
from app.vault.ring import Ring


def own_office(session: Session) -> str:
    """The office this workspace belongs to; before enrolment a provisional id."""
    return str(settings.get(session, "office", ""))


def current_key(session: Session, office: str) -> bytes | None:
    """The public key of an office, to seal something to; None: not known here."""
    now = current_record(session, office)
    return bytes.fromhex(now.public or "") if now else None


def current_record(session: Session, office: str) -> OfficeKey | None:
    """The office's key that is in force: the first the centre took, or the one that replaced it, and so on."""
    return next(reversed(_in_turn(session, office)), None)


def _in_turn(session: Session, office: str) -> list[OfficeKey]:
    """Every key that was in force, the first one first. A key that was once in force replaces nothing."""
    rows = session.scalars(select(OfficeKey).where(OfficeKey.office == office))
    found: list[OfficeKey] = []
    for key in sorted(rows, key=lambda k: (k.rev or 2**62, k.id)):
        follows = not found or (key.replaces == found[-1].id and key.public not in {one.public for one in found})
        if follows and _is_sound(session, key):
            found.append(key)
    return found


def own_key(session: Session, ring: Ring) -> bytes | None:
    """The public key to which our own office is given what it may read.

    Who holds the office's key follows a replacement only once they hold that too: the centre could certify a laptop of
    its own and have it publish one.
    """
    in_turn = [bytes.fromhex(key.public or "") for key in _in_turn(session, own_office(session))]
    if ring.pinned is None:
        return next(reversed(in_turn), None) or next(iter(ring.publics), None)
    since = in_turn[in_turn.index(ring.pinned) :] if ring.pinned in in_turn else []
    return next((key for key in reversed(since) if key in ring.publics), ring.pinned)


def pin(session: Session, ring: Ring) -> bool:
    """Keep to the office's key that the centre confirmed and this ring holds; whether that is news."""
    now = current_record(session, own_office(session))
    if now is None or not now.rev or bytes.fromhex(now.public or "") not in ring.publics:
        return False
    before, ring.pinned = ring.pinned, own_key(session, ring) if ring.pinned else bytes.fromhex(now.public or "")
    return ring.pinned != before


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
    told, centre_key = content_of(key), settings.get(session, "centre_key")
    laptop = signer_of(told, office_key_proof(told), centre_key=centre_key) if centre_key else None
    try:
        return laptop is not None and laptop.office.hex() == key.office and is_key(bytes.fromhex(key.public or ""))
    except ValueError:
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


def giver_of(
    session: Session, grant: KeyGrant, *, own: Mapping[str, bytes], proven: dict[bytes, str] | None = None
) -> str | None:
    """The office whose laptop signed this grant; None if nobody we believe did. `own`: this laptop's signing keys.

    Of a laptop of ours that was revoked only what the centre took before that counts. `proven` spares a second look.
    """
    device, seen = grant.device or "", {} if proven is None else proven
    with session.no_autoflush:
        entry = session.get(DeviceEntry, device) if device not in own else None
    if entry is not None and entry.revoked is not None and not _came_before(session, grant, entry):
        return None
    mark = _mark(grant, entry)
    if mark not in seen:
        office = _signer(session, grant, entry, own=own)
        if office is None:
            return None
        seen[mark] = office
    return seen[mark] or own_office(session)


def _signer(session: Session, grant: KeyGrant, entry: DeviceEntry | None, *, own: Mapping[str, bytes]) -> str | None:
    """The office of whoever signed this; '' for this laptop itself."""
    given = given_of(grant)
    if given is None:
        return None
    if ours := own.get(grant.device or ""):
        return "" if given.signed_by(ours) else None
    centre_key = settings.get(session, "centre_key")
    told = [grant.certificate, entry.certificate if entry is not None else None]
    for certificate in (vouched(one, centre_key=centre_key) for one in told):
        if certificate is not None and certificate.device.hex() == grant.device:
            return certificate.office.hex() if given.signed_by(certificate.sign_public) else None
    return None


def _mark(grant: KeyGrant, entry: DeviceEntry | None) -> bytes:
    """Everything a signature was checked with, in short."""
    told = [grant.subject_kind, grant.subject, grant.kid, grant.to_key, grant.box, grant.device, grant.signature,
            grant.certificate, entry.certificate if entry is not None else None]  # fmt: skip
    return hashlib.sha256(repr(told).encode()).digest()


def owner_of(session: Session, subject: Subject) -> str | None:
    """The office whose record this is: ours if it was made on this laptop, whatever the centre says since."""
    kind: type[Case] | type[Person] = Case if subject[0] == OF_CASE else Person
    with session.no_autoflush:
        record = session.get(kind, subject[1])
        if isinstance(record, Case | Person) and (heir := _handed_over(session, record)):
            return heir
        if record is None or record.made_office in (None, own_office(session)):
            return record.made_office if record is not None else None
        made = select(Operation.seq).where(Operation.record == record.id, Operation.new).limit(1)
        return own_office(session) if session.scalar(made) else record.made_office


def _handed_over(session: Session, record: Case | Person) -> str | None:
    """Whose it became: ours, or the office to which somebody on this laptop offered it. Else the centre only tells."""
    parts = select(Party.case_id).where(Party.person_id == record.id)
    cases = [record.id] if isinstance(record, Case) else session.scalars(parts)
    for move in (move for case_id in cases for move in reversed(moves_of(session, case_id or ""))):
        written = select(Operation.seq).where(Operation.record == move.id, Operation.new).limit(1)
        if move.to_office == own_office(session) or session.scalar(written):
            return move.to_office
    return None


def _came_before(session: Session, grant: KeyGrant, entry: DeviceEntry) -> bool:
    """Whether the centre took this before it revoked the laptop: both numbers are its own, of our own records."""
    subject = (grant.subject_kind or "", grant.subject or "")
    if subject[0] != OF_OFFICE and owner_of(session, subject) != own_office(session):
        return False  # numbered by another office: nobody can tell
    return 0 < (grant.rev or 0) < (entry.rev or 0)
