"""For whom a bundle is closed: the centre's own key for files, believed only on the centre's signature."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.orm import Session

from app.models import settings
from app.wire.messages import BUNDLE_DOMAIN, BundleKey, Signed, WireError, decode

KEY, ASKED = "bundle_key", "bundle_key_asked"


def keep(session: Session, signed: Signed | None, *, centre_key: bytes) -> None:
    """Keep what the centre says, if it says so itself; anything else changes nothing. A later key takes its place."""
    if signed is None:
        return
    try:
        Ed25519PublicKey.from_public_bytes(centre_key).verify(signed.signature, BUNDLE_DOMAIN + signed.body)
        recipient = decode(signed.body, BundleKey).recipient
    except (InvalidSignature, ValueError, WireError):
        return
    settings.put(session, KEY, recipient)


def unasked(session: Session) -> bool:
    """Whether this laptop, enrolled by an earlier version, has yet to ask for the key.

    A centre with which all is equal says nothing at all, so once the question has to be one that it answers.
    """
    return settings.get(session, KEY) is None and settings.get(session, ASKED) is None


def note_asked(session: Session) -> None:
    """A centre was met: if it has no such key yet, it tells as soon as it has anything to say."""
    if unasked(session):
        settings.put(session, ASKED, True)
