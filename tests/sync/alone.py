"""A laptop without a centre: enrolled by hand, fed with segments made here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.models import settings
from app.sync.apply import Applied, apply_segment
from app.wire.messages import FeedRow, RowKind
from app.wire.segment import SegmentHeader, seal_segment, unseal_segment
from tests.sync.laptops import Laptop

CENTRE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def enrolled(laptop: Laptop) -> str:
    """Give the laptop what enrolment gives; returns its office."""
    with laptop.setup.write() as session:
        settings.put(session, "certificate", b"kept")
        settings.put(session, "centre_key", CENTRE_KEY.public_key().public_bytes_raw())
        settings.put(session, "epoch", "e1")
        office: str = settings.get(session, "office")
    return office


def full(seq: int, kind: str, record: str, content: dict[str, Any], *, rev: int | None = None) -> FeedRow:
    """The whole content of a record, at a number of the feed."""
    return FeedRow(seq, RowKind.FULL, kind, bytes.fromhex(record), seq if rev is None else rev, content)


def leave(seq: int, kind: str, record: str) -> FeedRow:
    """A record leaves."""
    return FeedRow(seq, RowKind.LEAVE, kind, bytes.fromhex(record), 0, {}, "withdrawn")


def feed(laptop: Laptop, *rows: FeedRow, scope: str) -> Applied:
    """Let the laptop apply a segment of these rows, through its bytes."""
    return apply_segment(laptop.setup, unseal_segment(segment_of(rows, scope=scope)), scope=scope)


def segment_of(rows: Iterable[FeedRow], *, scope: str) -> bytes:
    """The bytes of a segment of these rows."""
    rows = list(rows)
    last = rows[-1].seq if rows else 0
    header = SegmentHeader("row", bytes.fromhex(scope), "e1", 0, last, last, len(rows), f"after {last}")
    return seal_segment(rows, header)
