"""The laptops of this office, and the office's key in their hands: given by a person who compared six words.

The centre certifies laptops, and could certify one of its own; a key it never gets. Nothing here happens by itself but
taking what was given to this very laptop.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflicted, NotFound
from app.i18n import _
from app.models import settings
from app.models.journal import audit
from app.models.keyring import OF_OFFICE, DeviceEntry, KeyGrant, OfficeKey
from app.models.permission import Permission
from app.models.sealed import KID_BYTES
from app.models.six_words import key_words, six_words
from app.services import granting
from app.services.desk import Desk, Saved
from app.services.office_keys import current_key, current_record, given_of, giver_of, grant_of, own_office, pin, publish
from app.services.sealing import Keyring, Nobody
from app.sync.device import Signer
from app.sync.vouched import Certificate, certificate_body, told_certificate, vouched
from app.vault.boxes import is_key
from app.vault.casekeys import handed_over
from app.vault.kdf import wipe
from app.vault.keys import Keys
from app.vault.ring import SETTING, Ring

_RING_NAME = b"naungan office ring\x00"


class Device(Signer, Protocol):
    """This laptop with its private keys."""

    def open_box(self, box: bytes, *, to_key: bytes, context: bytes) -> bytearray | None:
        """What was sealed to its own key."""


@dataclass(frozen=True, slots=True)
class OfficeLaptop:
    """One laptop of this office. `words` are the six it shows itself; `approved`: it was given the office's key."""

    device: str
    tag: str
    words: str
    ours: bool
    approved: bool
    revoked: datetime | None


def laptops(desk: Desk) -> tuple[OfficeLaptop, ...]:
    """Every laptop the centre enrolled for this office, oldest first. One that nobody knows is not ours: ask."""
    with desk.read(Permission.MANAGE_USERS) as session:
        return tuple(_laptop(session, entry, desk) for entry in _entries(session))


def fingerprint(desk: Desk, office: str | None = None) -> str:
    """Six words of the key of an office (our own by default): read them to the other office. '' without a key."""
    with desk.read(Permission.READ) as session:
        public = current_key(session, office or own_office(session))
    return key_words(public) if public else ""


def approve(desk: Desk, device: str) -> Saved:
    """Give the office's key to one of its laptops, after a person compared the six words; audited.

    NotFound for a laptop that is none of this office, Conflicted for one that was revoked.
    """
    unit = desk.write(Permission.MANAGE_USERS)
    with unit as session:
        keyring = _cleared(desk)
        entry = session.get(DeviceEntry, device)
        certificate = _certificate(session, entry) if entry is not None else None
        if entry is None or certificate is None:
            raise NotFound(_("There is no such laptop in this office. Synchronise, then look again."))
        if entry.revoked is not None:
            raise Conflicted(_("The centre revoked this laptop. It gets no key."))
        _require_holding(current_key(session, own_office(session)), keyring)
        if entry.id != keyring.signer.id and not _gave(session, certificate, keyring):
            _hand_over(session, keyring, certificate)
            audit(session, "approve_laptop", DeviceEntry.kind, device)
    return Saved(device, unit.changes)


def receive(desk: Desk, device: Device, *, restricted: Keys) -> bool:
    """Take the office's key that was given to this laptop; whether there was anything new in it.

    What only this laptop's own key opened until now is given to the office by whoever asks next: `Keyring.missing`.
    """
    keyring = _cleared(desk)
    with desk.read(Permission.SYNC) as session:
        newest = current_key(session, own_office(session))
        given = [_opened(session, grant, keyring, device) for grant in _given_to(session, device.box_public)]
    learnt = [_learnt(keyring.ring, bare, newest=newest) for bare in given if bare is not None]
    came = any(learnt)
    with desk.read(Permission.SYNC) as session:
        pinned = pin(session, keyring.ring)
    if came or pinned:
        with desk.write(Permission.SYNC) as session:
            settings.put(session, SETTING, keyring.ring.pack(restricted))
            if came:
                audit(session, "receive_key", DeviceEntry.kind, device.id)
    return came


def rotate(desk: Desk, *, restricted: Keys | None) -> Saved:
    """A new key of the office in the place of the old one, after a laptop was revoked; given to those approved here.

    The others wait until their words are compared once more: that another laptop approved them, only the centre says.
    What was sealed before stays readable to whoever held the old key: a laptop that is gone keeps what it had.
    """
    unit = desk.write(Permission.MANAGE_USERS)
    with unit as session:
        keyring, office = _cleared(desk), own_office(session)
        if restricted is None:
            Nobody().refuse()
        before, certificate = current_record(session, office), settings.get(session, "certificate")
        if before is None or certificate is None:
            raise Conflicted(_("This office has no key at the centre yet. Synchronise first."))
        _require_holding(bytes.fromhex(before.public or ""), keyring)
        told = [(entry, _certificate(session, entry)) for entry in _entries(session) if entry.revoked is None]
        approved = [c for entry, c in told if c and entry.id != keyring.signer.id and _gave(session, c, keyring)]
        public = keyring.ring.make()
        try:
            publish(session, public, signer=keyring.signer, replaces=before.id)
            session.flush()
            settings.put(session, SETTING, keyring.ring.pack(restricted))
            for other in approved:
                _hand_over(session, keyring, other)
            granting.ensure_own(session, keyring)
        except BaseException:
            keyring.ring.drop(public)
            raise
        audit(session, "rotate_key", OfficeKey.kind, before.id)
    return Saved(before.id, unit.changes)


def _cleared(desk: Desk) -> Keyring:
    if desk.keyring is None:
        Nobody().refuse()
    return desk.keyring


def _require_holding(public: bytes | None, keyring: Keyring) -> None:
    if public not in keyring.publics:
        raise Conflicted(
            _("This laptop does not hold the office's key itself. Approve it first, on a laptop that does.")
        )


def _entries(session: Session) -> list[DeviceEntry]:
    found = session.scalars(select(DeviceEntry)).all()
    return sorted(found, key=lambda entry: (str(entry.made_at), entry.id))


def _laptop(session: Session, entry: DeviceEntry, desk: Desk) -> OfficeLaptop:
    certificate, words = _certificate(session, entry), ""
    if certificate is not None:
        key = settings.get(session, "centre_key")
        body = certificate_body(entry.certificate)
        words = six_words(centre_key=key, device_key=certificate.sign_public, certificate=body)
    return OfficeLaptop(
        entry.id, entry.tag or "", words, ours=entry.id == desk.actor.device,
        approved=certificate is not None and _holds(session, entry, certificate, desk.keyring), revoked=entry.revoked,
    )  # fmt: skip


def _certificate(session: Session, entry: DeviceEntry) -> Certificate | None:
    """What the centre vouches for; None unless it is for this very laptop and this office."""
    certificate = vouched(entry.certificate, centre_key=settings.get(session, "centre_key"))
    if certificate is None or certificate.device.hex() != entry.id or certificate.office.hex() != own_office(session):
        return None
    return certificate if is_key(certificate.box_public) else None


def _holds(session: Session, entry: DeviceEntry, certificate: Certificate, keyring: Keyring | None) -> bool:
    """Whether this laptop has the office's key that is in force: it made it, or it was given it."""
    now = current_record(session, own_office(session))
    if now is None:
        return False
    public = bytes.fromhex(now.public or "")
    if now.device == entry.id or (keyring and entry.id == keyring.signer.id and public in keyring.publics):
        return True
    name, given = _name(public).hex(), _given_to(session, certificate.box_public)
    own = keyring.own() if keyring else {}
    return any(g.kid == name and giver_of(session, g, own=own) == own_office(session) for g in given)


def _gave(session: Session, certificate: Certificate, keyring: Keyring) -> bool:
    """Whether this very laptop handed the office's key over to that one: a person compared its words here."""
    now = current_key(session, own_office(session))
    mine = [g for g in _given_to(session, certificate.box_public) if (g.device or "") in keyring.own()]
    names = {grant.kid for grant in mine if keyring.giver(session, grant) is not None}
    return now is not None and _name(now).hex() in names


def _given_to(session: Session, box_public: bytes) -> list[KeyGrant]:
    query = select(KeyGrant).where(KeyGrant.subject_kind == OF_OFFICE, KeyGrant.to_key == box_public.hex())
    return list(session.scalars(query.order_by(KeyGrant.rev, KeyGrant.id)))


def _opened(session: Session, grant: KeyGrant, keyring: Keyring, device: Device) -> bytearray | None:
    """The keys in a grant, if a laptop of this office gave them to this one."""
    office, given = own_office(session), given_of(grant)
    if given is None or grant.subject != office or giver_of(session, grant, own=keyring.own()) != office:
        return None
    return device.open_box(given.box, to_key=given.to_key, context=given.context)


def _learnt(ring: Ring, bare: bytearray, *, newest: bytes | None) -> bool:
    try:
        return ring.learn(bare, newest=newest)
    except ValueError:
        return False
    finally:
        wipe(bare)


def _hand_over(session: Session, keyring: Keyring, certificate: Certificate) -> None:
    """The whole ring: older keys open what was sealed before."""
    office, ring = own_office(session), keyring.ring.bare()
    now = current_key(session, office) or keyring.publics[0]
    try:
        given = handed_over(
            ring, subject=(OF_OFFICE, office), kid=_name(now), to_key=certificate.box_public, sign=keyring.signer.sign
        )
    finally:
        wipe(ring)
    told = told_certificate(settings.get(session, "certificate"))
    session.add(grant_of(given, to_office=office, signer=keyring.signer, certificate=told))


def _name(public: bytes) -> bytes:
    """How the ring with this newest key is called in a grant."""
    return hashlib.sha256(_RING_NAME + public).digest()[:KID_BYTES]
