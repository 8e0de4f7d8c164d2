"""Short planes of numbers by how often each byte came: few different ones cost less so than in a frame."""

from __future__ import annotations

from app.wire.coder import Chance, Coder, Counts, Decoder, Encoder

_SIZES = range(192, 2049)  # bytes of a plane that is counted
_DIFFERENT = 64  # bytes in it: with more of them nothing is gained
_BYTES = 256


def count_plane(plane: bytes) -> bytes | None:
    """The plane by counts; None where that cannot be of use."""
    if len(plane) not in _SIZES or len(set(plane)) > _DIFFERENT:
        return None
    coder = Encoder()
    _count(coder, plane)
    return coder.end()


def read_plane(data: bytes, *, size: int) -> bytes:
    """The `size` bytes of a plane. ValueError if they cannot be."""
    if size not in _SIZES:
        raise ValueError("not a plane")
    coder = Decoder(data)
    plane = _count(coder, bytes(size))
    coder.end()
    return plane


def _count(coder: Coder, told: bytes) -> bytes:
    """Of each byte: whether it came before, and which of those; or which of all."""
    known, counts, here, found = Chance(), Counts(_BYTES), set[int](), bytearray()
    for one in told:
        if coder.bit(known, one in here):
            byte = coder.of(counts, one)
        else:
            byte = coder.even(_BYTES, one)
            here.add(byte)
        counts.add(byte, 1)
        found.append(byte)
    return bytes(found)
