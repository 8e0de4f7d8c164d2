"""Bodies as zstd frames: written at a chosen level, read with our own limit, so that a bomb ends there."""

from __future__ import annotations

from collections.abc import Iterable

import zstandard

from app.wire import MAX_PLAIN
from app.wire.messages import WireError

_CHUNK = 64 * 1024
_WINDOW = 8 * 1024 * 1024  # bytes a frame may ask to look back
_BARE = {
    "format": zstandard.FORMAT_ZSTD1_MAGICLESS,
    "write_content_size": False,
    "write_dict_id": False,
    "write_checksum": False,
}


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


class Packer:
    """Writes bare frames (no magic, no length, no checksum) with a prefix they may look back on. For one thread."""

    def __init__(self, *, level: int, prefix: bytes) -> None:
        known = zstandard.ZstdCompressionDict(prefix) if prefix else None
        told = zstandard.ZstdCompressionParameters.from_level(level, dict_size=len(prefix), **_BARE)
        if known is not None:
            known.precompute_compress(compression_params=told)
        self._context = zstandard.ZstdCompressor(compression_params=told, dict_data=known)

    def pack(self, plain: bytes) -> bytes:
        """The frame, or the bytes as they are where that is not longer."""
        packed = self._context.compress(plain)
        return packed if len(packed) < len(plain) else plain


class Unpacker:
    """Reads what a Packer with the same prefix wrote. For one thread."""

    def __init__(self, *, prefix: bytes) -> None:
        known = zstandard.ZstdCompressionDict(prefix) if prefix else None
        self._context = zstandard.ZstdDecompressor(
            dict_data=known, max_window_size=_WINDOW, format=zstandard.FORMAT_ZSTD1_MAGICLESS
        )

    def unpack(self, packed: bytes, *, size: int) -> bytes:
        """The `size` plain bytes of a frame; as long a frame is no frame but the bytes. WireError if it is not so."""
        if len(packed) == size:
            return packed
        try:
            told = zstandard.get_frame_parameters(packed, format=zstandard.FORMAT_ZSTD1_MAGICLESS)
            if told.content_size != zstandard.CONTENTSIZE_UNKNOWN:  # it would be believed, and so much memory taken
                raise WireError("format", "a frame that states its length")
            plain = self._context.decompress(packed, max_output_size=size, allow_extra_data=False)
        except zstandard.ZstdError as error:
            raise WireError("format", str(error)) from None
        if len(plain) != size:
            raise WireError("format", "a frame of another length")
        return plain
