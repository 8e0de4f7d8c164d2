"""Bodies as zstd frames: written at a chosen level, read as a stream with our own byte counter."""

from __future__ import annotations

from collections.abc import Iterable

import zstandard

from app.wire import MAX_PLAIN
from app.wire.messages import WireError

_CHUNK = 64 * 1024


def compress(plain: bytes, *, level: int) -> bytes:
    """One zstd frame; the same input at the same level gives the same bytes."""
    return zstandard.ZstdCompressor(level=level, write_checksum=False, threads=0).compress(plain)


def decompress(packed: bytes, *, limit: int = MAX_PLAIN) -> bytes:
    """The plain bytes of one frame. WireError('size') once more than `limit` bytes come out: a bomb ends there."""
    out = bytearray()
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed) as reader:
            for piece in _pieces(reader):
                out += piece
                if len(out) > limit:
                    raise WireError("size", f"more than {limit} bytes after decompression")
    except zstandard.ZstdError as error:
        raise WireError("format", str(error)) from None
    return bytes(out)


def _pieces(reader: zstandard.ZstdDecompressionReader) -> Iterable[bytes]:
    while piece := reader.read(_CHUNK):
        yield piece
