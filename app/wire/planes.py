"""Numbers as columns of bytes: what is alike stands together, so that a compressor finds it.

A series is written as its smallest number and, of what remains of each, all lowest bytes, then all next ones.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise

WIDTH = 8  # bytes of the widest number


def planes_of(rest: Sequence[int]) -> list[bytes]:
    """The bytes of these numbers (0 to 2^64 - 1), lowest plane first, as many as the largest needs."""
    width = (max(rest, default=0).bit_length() + 7) // 8
    raw = array("Q", rest)
    if sys.byteorder == "big":
        raw.byteswap()
    data = raw.tobytes()
    return [data[plane::WIDTH] for plane in range(width)]


def from_planes(planes: Sequence[bytes], *, count: int) -> list[int]:
    """The inverse. ValueError if the planes are not of this count."""
    if len(planes) > WIDTH:
        raise ValueError("too wide")
    data = bytearray(count * WIDTH)
    for position, plane in enumerate(planes):
        data[position::WIDTH] = plane  # ValueError for one of another length
    raw = array("Q", bytes(data))
    if sys.byteorder == "big":
        raw.byteswap()
    return raw.tolist()


def steps(values: Sequence[int]) -> list[int]:
    """The first number, then each less the one before."""
    return [*values[:1], *(later - earlier for earlier, later in pairwise(values))]


def sums(values: Sequence[int]) -> list[int]:
    """The inverse."""
    return list(accumulate(values))


def pack_bits(values: Sequence[int], *, width: int) -> bytes:
    """Numbers of `width` bits each, one behind the other, filled up with zeros to whole bytes."""
    if not values:
        return b""
    bits = "".join(format(value, f"0{width}b") for value in values)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def unpack_bits(data: bytes, *, width: int, count: int) -> list[int]:
    """The inverse. ValueError if the bytes are not so many."""
    if len(data) != (width * count + 7) // 8:
        raise ValueError("not so many bits")
    bits = format(int.from_bytes(data, "big"), f"0{len(data) * 8}b")
    return [int(bits[start : start + width], 2) for start in range(0, width * count, width)]
