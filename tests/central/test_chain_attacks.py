"""Batches that are signed by their device, and lie: bombs, unknown codecs, wrong counts."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import msgspec

from app.wire.batch import MAGIC, header_of
from app.wire.frames import compress
from app.wire.messages import BATCH_DOMAIN, BatchResult, encode
from tests.attacks import Survived
from tests.centre import CentreUnderTest, Laptop, read, refusal


def resealed(laptop: Laptop, body: bytes, **facts: Any) -> bytes:
    """A batch with a header that says what the test wants, honestly hashed and signed."""
    honest, _start = header_of(laptop.seal(laptop.make("person", name="Siti")))
    header = encode(msgspec.structs.replace(honest, frames=[len(body)], **facts))
    front = MAGIC + struct.pack(">I", len(header)) + header + body
    digest = hashlib.blake2b(front, digest_size=32).digest()
    return front + digest + laptop.sign(BATCH_DOMAIN + digest)


LIES: dict[str, tuple[bytes, dict[str, Any], tuple[int, str]]] = {
    "codec": (encode([]), {"codec": "columns", "count": 0, "plain": 1}, (415, "codec")),
    "bomb": (bytes(50_000_000), {"count": 1, "plain": 8_000_000}, (413, "size")),
    "announced bomb": (bytes(50_000_000), {"count": 1, "plain": 50_000_000}, (400, "format")),
    "count": (encode([]), {"count": 7, "plain": 1}, (400, "format")),
    "no list": (encode("no list"), {"count": 1, "plain": len(encode("no list"))}, (400, "format")),
    "no operation": (encode([[1]]), {"count": 1, "plain": len(encode([[1]]))}, (400, "format")),
}


def test_a_lie_is_refused(centre: CentreUnderTest, survived: Survived) -> None:
    laptop = centre.device("A")
    for what, (plain, facts, refused) in LIES.items():
        assert refusal(laptop.put(resealed(laptop, compress(plain, level=3), **facts))) == refused, what
    assert refusal(laptop.put(resealed(laptop, b"bukan zstd", count=1, plain=10))) == (400, "format")
    assert centre.sql("SELECT count(*) FROM batch") == [(0,)]
    read(laptop.put(laptop.seal(laptop.make("person", name="Siti"))), BatchResult)
    survived(len(LIES) + 1, of=len(LIES) + 1, control="an honest batch, sealed by the same hand, is accepted")
