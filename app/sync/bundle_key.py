"""For whom a bundle is closed: the centre's own key for files, believed only on the centre's signature."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.orm import Session

from app.models import settings
from app.wire.messages import BUNDLE_DOMAIN, BundleKey, Signed, WireError, decode

KEY = "bundle_key"


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
