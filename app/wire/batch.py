"""A batch: frozen operations of one device, hashed, chained and signed. Both transports carry these very bytes.

magic 'NGNB' + version | length of header (u32) | header (msgpack) | body (zstd frames) | BLAKE2b-256 | Ed25519
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence

import msgspec

from app.wire import MAX_BATCH, MAX_OPERATIONS, MAX_PLAIN, OLDEST, SCHEMA
from app.wire.codecs import ROW, pack_changes, unpack_changes
from app.wire.messages import BATCH_DOMAIN, Change, WireError, decode, encode
from app.wire.names import Known, Name, Named, Names, Resolve

__all__ = [
    "GENESIS", "BatchHeader", "Name", "Named", "Names", "OpenedBatch", "Place", "Resolve", "Sign", "Verify",
    "digest_of", "header_of", "seal", "unseal",
]  # fmt: skip

MAGIC = b"NGNB\x01"
GENESIS = bytes(32)  # the hash before the first batch
_TAIL = 32 + 64
_MAX_HEADER = 4096

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]  # (message, signature) -> whether it holds


class BatchHeader(msgspec.Struct, frozen=True):
    """What stands before the body. `plain`: how many bytes the operations have as rows, in whatever codec."""

    schema: int
    codec: str
    device: bytes
    n: int
    previous: bytes
    epoch: str
    count: int
    plain: int
    frames: list[int]


class OpenedBatch(msgspec.Struct, frozen=True):
    """A batch that proved itself: header, operations and its digest."""

    header: BatchHeader
    changes: list[Change]
    digest: bytes


class Place(msgspec.Struct, frozen=True):
    """Where a batch stands in its device's chain: batch `n` after the one whose digest is `previous`."""

    device: bytes
    n: int
    previous: bytes
    epoch: str


def seal(
    changes: Sequence[Change],
    place: Place,
    *,
    sign: Sign,
    level: int = 9,
    codec: str = ROW,
    names: Names | None = None,
) -> bytes:
    """The bytes of a batch. WireError('size') if they would be more than one batch may carry.

    `names`: the records that may travel as the number they were read under (`base_rev`), in a codec that has numbers.
    """
    if len(changes) > MAX_OPERATIONS:
        raise WireError("size", f"more than {MAX_OPERATIONS} operations")
    plain = len(encode(list(changes)))
    if plain > MAX_PLAIN:
        raise WireError("size", f"more than {MAX_PLAIN} plain bytes")
    body = pack_changes(changes, codec=codec, level=level, names=names)
    schema = OLDEST if codec == ROW else SCHEMA
    header = encode(
        BatchHeader(schema, codec, place.device, place.n, place.previous, place.epoch, len(changes), plain, [len(body)])
    )
    front = MAGIC + struct.pack(">I", len(header)) + header + body
    digest = hashlib.blake2b(front, digest_size=32).digest()
    data = front + digest + sign(BATCH_DOMAIN + digest)
    if len(data) > MAX_BATCH:
        raise WireError("size", f"{len(data)} bytes are more than one batch may carry")
    return data


def digest_of(data: bytes) -> bytes:
    """The digest a batch carries (not checked)."""
    return data[-_TAIL : -_TAIL + 32]


def header_of(data: bytes) -> tuple[BatchHeader, int]:
    """The header and where the body begins. WireError if the beginning is no batch."""
    if data[:4] != MAGIC[:4]:
        raise WireError("format", "not a batch")
    if data[4:5] != MAGIC[4:]:
        raise WireError("version", "a batch of another version")
    if len(data) < 9 + _TAIL or len(data) > MAX_BATCH:
        raise WireError("size", "too short or too long for a batch")
    (length,) = struct.unpack(">I", data[5:9])
    if length > _MAX_HEADER or 9 + length > len(data) - _TAIL:
        raise WireError("format", "the header is longer than the batch")
    return decode(data[9 : 9 + length], BatchHeader), 9 + length


def unseal(data: bytes, *, verify: Verify, resolve: Known | None = None) -> OpenedBatch:
    """Check hash, signature and form of a batch, in this order, then decode it. WireError names what is wrong.

    `resolve` is asked, once, which records the numbers in the batch name; 'numbers' if it does not know one of them.

    The chain (device, n, previous) is the caller's to check: only it knows what came before.
    """
    header, start = header_of(data)
    front, digest, signature = data[:-_TAIL], digest_of(data), data[-64:]
    if hashlib.blake2b(front, digest_size=32).digest() != digest:
        raise WireError("hash", "the bytes changed on the way")
    if not verify(BATCH_DOMAIN + digest, signature):
        raise WireError("signature", "not signed by this device")
    if header.plain > MAX_PLAIN or header.frames != [len(front) - start]:
        raise WireError("format", "the header does not describe the body")
    changes = unpack_changes(front[start:], codec=header.codec, plain=header.plain, resolve=resolve)
    if len(changes) != header.count or header.count > MAX_OPERATIONS:
        raise WireError("format", "the header does not describe the body")
    return OpenedBatch(header, changes, digest)
