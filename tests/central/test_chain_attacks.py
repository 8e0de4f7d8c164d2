"""Batches that are signed by their device, and lie: bombs, unknown codecs, wrong counts."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import msgspec
import pytest

from app.wire.batch import MAGIC, BatchHeader, header_of
from app.wire.frames import compress
from app.wire.messages import BATCH_DOMAIN, BatchResult, encode
from tests.centre import CentreUnderTest, Laptop, read, refusal


def resealed(laptop: Laptop, body: bytes, **facts: Any) -> bytes:
    """A batch with a header that says what the test wants, honestly hashed and signed."""
    honest, _start = header_of(laptop.seal(laptop.make("person", name="Siti")))
    header = encode(msgspec.structs.replace(honest, frames=[len(body)], **facts))
    front = MAGIC + struct.pack(">I", len(header)) + header + body
    digest = hashlib.blake2b(front, digest_size=32).digest()
    return front + digest + laptop.sign(BATCH_DOMAIN + digest)


@pytest.mark.parametrize(
    ("plain", "facts", "refused"),
    [
        (encode([]), {"codec": "columns", "count": 0, "plain": 1}, (415, "codec")),
        (bytes(50_000_000), {"count": 1, "plain": 8_000_000}, (413, "size")),
        (bytes(50_000_000), {"count": 1, "plain": 50_000_000}, (400, "format")),
        (encode([]), {"count": 7, "plain": 1}, (400, "format")),
        (encode("no list"), {"count": 1, "plain": len(encode("no list"))}, (400, "format")),
        (encode([[1]]), {"count": 1, "plain": len(encode([[1]]))}, (400, "format")),
    ],
    ids=["codec", "bomb", "announced bomb", "count", "no list", "no operation"],
)
def test_a_lie_is_refused(
    centre: CentreUnderTest, plain: bytes, facts: dict[str, Any], refused: tuple[int, str]
) -> None:
    laptop = centre.device("A")
    assert refusal(laptop.put(resealed(laptop, compress(plain, level=3), **facts))) == refused
    assert centre.sql("SELECT count(*) FROM batch") == [(0,)]
    read(laptop.put(laptop.seal(laptop.make("person", name="Siti"))), BatchResult)


def test_a_body_that_is_no_frame_is_refused(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    assert refusal(laptop.put(resealed(laptop, b"bukan zstd", count=1, plain=10))) == (400, "format")
    assert BatchHeader.__struct_fields__[1] == "codec"
