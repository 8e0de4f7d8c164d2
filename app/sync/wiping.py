"""The centre's order to destroy this workspace: believed if the centre signed it, and only by the device it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.errors import KnownError
from app.i18n import _, format_datetime
from app.models.field import from_ms
from app.wire.messages import WIPE_DOMAIN, Signed, WipeOrder, WireError, decode


@dataclass(frozen=True, slots=True)
class Wipe:
    """A proved order. `proof` is what the centre signed: whoever carries the order out checks it again."""

    at: datetime
    reason: str
    proof: bytes


class Destroyed(KnownError):
    """The workspace on this laptop was destroyed by order of the centre."""


def proved_order(proof: bytes, *, centre_key: bytes, device: bytes) -> Wipe | None:
    """The order, if this centre signed it for this very device; None for anything else, which means nothing."""
    try:
        signed = decode(proof, Signed)
        Ed25519PublicKey.from_public_bytes(centre_key).verify(signed.signature, WIPE_DOMAIN + signed.body)
        order = decode(signed.body, WipeOrder)
        at = from_ms(order.at)
    except (InvalidSignature, ValueError, OverflowError, WireError):
        return None
    if order.device != device or at is None:
        return None
    return Wipe(at, order.reason, proof)


def destroyed(wipe: Wipe) -> Destroyed:
    """What is said once the order was carried out."""
    said = _("By order of the centre of {when} the workspace on this laptop was destroyed: {reason}. Ask the centre.")
    return Destroyed(said.format(when=format_datetime(wipe.at), reason=wipe.reason or _("no reason was given")))
