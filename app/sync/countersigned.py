"""How far the centre countersigned this laptop's audit chain: in its last receipt for the office's own scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import Conflicted, NotTheCentre
from app.models.field import from_ms
from app.models.local import Feed
from app.sync.device import membership
from app.sync.proof import opened_receipt
from app.wire.messages import Signed, decode


@dataclass(frozen=True, slots=True)
class Countersigned:
    """The link that the centre saw as the last one, and when it said so."""

    seq: int
    h: bytes
    at: datetime


def countersigned(session: Session) -> Countersigned | None:
    """What the receipt says; None before the first one, and for one that is not the centre's."""
    try:
        member = membership(session)
        feed = session.get(Feed, member.office)
        if feed is None or feed.receipt is None:
            return None
        receipt = opened_receipt(decode(feed.receipt, Signed), centre_key=member.centre_key)
    except (Conflicted, NotTheCentre):
        return None
    seq, h = receipt.audit_seq, receipt.audit_head  # 0: the centre is of a version that signs no audit
    return Countersigned(seq, h, from_ms(receipt.at)) if seq else None
