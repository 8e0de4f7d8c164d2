"""The bytes of the protocol, written from docs/sync.md alone: messages, batches, segments, digests, signatures."""

from __future__ import annotations

import hashlib
import os
import struct
import time
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MEDIA_TYPE: Final = "application/vnd.naungan+msgpack"
REFERENCE: Final = bytes(15) + b"\x01"
GENESIS: Final = bytes(32)
MAX_PLAIN: Final = 8 * 1024 * 1024
_HASH = 32
_SIGNATURE = 64
_encoder = msgspec.msgpack.Encoder(order="deterministic")


class Malformed(Exception):
    """Bytes that are not what the page says."""


def encode(value: Any) -> bytes:
    """The one way to write a value."""
    return _encoder.encode(value)


def as_listed(message: dict[str, Any]) -> bytes:
    """A message with its fields in the order in which the page lists them, as the centre signs it."""
    return msgspec.msgpack.encode(message)


def decode(data: bytes) -> Any:
    """A value as plain maps and arrays."""
    try:
        return msgspec.msgpack.decode(data)
    except (msgspec.DecodeError, ValueError) as error:
        raise Malformed(str(error)) from None


def new_id() -> bytes:
    """A UUIDv7."""
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return bytes(raw)


def blake(data: bytes, size: int = _HASH) -> bytes:
    """BLAKE2b of a length of its own, not cut from a longer one."""
    return hashlib.blake2b(data, digest_size=size).digest()


@dataclass(frozen=True, slots=True)
class Links:
    """Where a batch stands in the chain of its device."""

    device: bytes
    n: int
    previous: bytes
    epoch: str


def seal_batch(operations: list[list[Any]], links: Links, key: Ed25519PrivateKey) -> bytes:
    """A batch in codec "row"."""
    plain = encode(operations)
    frame = zstandard.ZstdCompressor(level=9).compress(plain)
    header = encode(
        {
            "schema": 1,
            "codec": "row",
            "device": links.device,
            "n": links.n,
            "previous": links.previous,
            "epoch": links.epoch,
            "count": len(operations),
            "plain": len(plain),
            "frames": [len(frame)],
        }
    )
    told = b"NGNB\x01" + struct.pack(">I", len(header)) + header + frame
    proof = blake(told)
    return told + proof + key.sign(b"naungan batch 1\n" + proof)


def hash_of(batch: bytes) -> bytes:
    """The hash that the next batch names, and every answer."""
    return batch[-_HASH - _SIGNATURE : -_SIGNATURE]


def open_segment(data: bytes) -> tuple[dict[str, Any], list[list[Any]]]:
    """(header, rows) of a segment whose hash is right."""
    if data[:5] != b"NGNS\x01" or blake(data[:-_HASH]) != data[-_HASH:]:
        raise Malformed("no segment")
    (length,) = struct.unpack(">I", data[5:9])
    header = decode(data[9 : 9 + length])
    body = data[9 + length : -_HASH]
    rows: list[list[Any]] = decode(_unpacked(body))
    if len(rows) != header["count"]:
        raise Malformed("rows are missing")
    return header, rows


def _unpacked(frame: bytes) -> bytes:
    reader = zstandard.ZstdDecompressor().stream_reader(frame)
    plain = reader.read(4 * MAX_PLAIN + 1)
    if len(plain) > 4 * MAX_PLAIN:
        raise Malformed("too large")
    return plain


def item_digest(kind: str, record: bytes, rev: int, content: dict[str, Any]) -> int:
    """The digest of one record, as a number."""
    return int.from_bytes(blake(encode([kind, record, rev, content]), 16), "big")


def as_sum(value: int) -> bytes:
    """A sum of digests on the wire."""
    return (value % 2**128).to_bytes(16, "big")


def believed(signed: dict[str, Any], domain: bytes, public: bytes) -> dict[str, Any]:
    """The message of a Signed, if this key signed it for this domain."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signed["signature"], domain + signed["body"])
    except InvalidSignature:
        raise Malformed("nobody we know signed this") from None
    message: dict[str, Any] = decode(signed["body"])
    return message


def changed(content: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A content with the changes of one operation on top; what is empty is absent."""
    result = dict(content)
    for key, value in changes.items():
        if isinstance(value, dict):
            value = sorted((set(result.get(key, ())) | set(value.get("add", ()))) - set(value.get("remove", ())))
        if value is None or value == "" or value == []:
            result.pop(key, None)
        else:
            result[key] = value
    return result
