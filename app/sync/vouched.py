"""Whether the centre vouches for a laptop, and what a laptop signs: the records of keys as the services read them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.models.local import Feed
from app.wire import REFERENCE
from app.wire.credentials import certificate_body, certificate_of, office_key_proof, packed, signer_of, unpacked
from app.wire.messages import Certificate

__all__ = [
    "Certificate", "certificate_body", "directory_read", "office_key_proof", "packed", "signer_of", "told_certificate",
    "unpacked", "vouched",
]  # fmt: skip


def told_certificate(kept: bytes | None) -> str | None:
    """The certificate of this laptop, as a record tells it; None before enrolment."""
    return packed(kept) if kept else None


def directory_read(session: Session) -> bool:
    """Whether what everybody may read has come: before that, nobody knows whether the office has a key."""
    feed = session.get(Feed, REFERENCE)
    return feed is not None and bool(feed.cursor)


def vouched(told: str | None, *, centre_key: bytes | None) -> Certificate | None:
    """What the centre with this key certified, whenever it ends; None for anything it did not."""
    return certificate_of(told, centre_key=centre_key) if told and centre_key else None
