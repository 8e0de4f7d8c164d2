"""A segment: an immutable stretch of one scope's feed, resumable by byte because its bytes never change.

magic 'NGNS' + version | length of header (u32) | header (msgpack) | zstd(rows) | BLAKE2b-256 of everything before
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

import msgspec

from app.wire.codecs import pack_rows, unpack_rows
from app.wire.messages import FeedRow, WireError, decode, encode

MAGIC = b"NGNS\x01"


class SegmentHeader(msgspec.Struct, frozen=True):
    """Which stretch this is: rows after `first` up to and with `last`; `cursor` asks for what comes next."""

    codec: str
    scope: bytes
    epoch: str
    first: int
    last: int
    head: int
    count: int
    cursor: str
    own: bytes = b""  # 16 bytes: the sum of the item digests that all OWN and DELTA records must have afterwards


class OpenedSegment(msgspec.Struct, frozen=True):
    """A segment whose hash holds."""

    header: SegmentHeader
    rows: list[FeedRow]


def seal_segment(rows: Sequence[FeedRow], header: SegmentHeader, *, level: int = 9) -> bytes:
    """The bytes of a segment in the codec its header names; the same rows give the same bytes."""
    head = encode(header)
    front = MAGIC + struct.pack(">I", len(head)) + head + pack_rows(rows, codec=header.codec, level=level)
    return front + hashlib.blake2b(front, digest_size=32).digest()


def unseal_segment(data: bytes) -> OpenedSegment:
    """Check and decode a segment. WireError names what is wrong."""
    if data[:4] != MAGIC[:4] or len(data) < 41:
        raise WireError("format", "not a segment")
    if data[4:5] != MAGIC[4:]:
        raise WireError("version", "a segment of another version")
    if hashlib.blake2b(data[:-32], digest_size=32).digest() != data[-32:]:
        raise WireError("hash", "the bytes changed on the way")
    (length,) = struct.unpack(">I", data[5:9])
    header = decode(data[9 : 9 + length], SegmentHeader)
    rows = unpack_rows(data[9 + length : -32], codec=header.codec)
    if len(rows) != header.count:
        raise WireError("format", "the header does not describe the rows")
    return OpenedSegment(header, rows)
