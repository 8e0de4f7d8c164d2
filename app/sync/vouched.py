"""Whether the centre vouches for a laptop, and what a laptop signs: the records of keys as the services read them."""

from __future__ import annotations

from app.wire.credentials import certificate_body, certificate_of, office_key_proof, packed, unpacked
from app.wire.messages import Certificate

__all__ = ["Certificate", "certificate_body", "office_key_proof", "packed", "told_certificate", "unpacked", "vouched"]


def told_certificate(kept: bytes | None) -> str | None:
    """The certificate of this laptop, as a record tells it; None before enrolment."""
    return packed(kept) if kept else None


def vouched(told: str | None, *, centre_key: bytes | None) -> Certificate | None:
    """What the centre with this key certified, whenever it ends; None for anything it did not."""
    return certificate_of(told, centre_key=centre_key) if told and centre_key else None
