"""Every way to cut bytes short or to flip one bit of them, or an even sample of these ways."""

from __future__ import annotations

from collections.abc import Iterator


def count_of(whole: bytes) -> int:
    """How many there are: nine for each byte."""
    return 9 * len(whole)


def mutants_of(whole: bytes, *, count: int) -> Iterator[bytes]:
    """`count` of them, spread evenly: cut before each byte, each bit of each byte flipped."""
    every = count_of(whole)
    for step in range(min(count, every)):
        yield mutant(whole, step * every // min(count, every))


def mutant(whole: bytes, n: int) -> bytes:
    """The n-th."""
    place, way = divmod(n, 9)
    if way == 8:
        return whole[:place]
    changed = bytearray(whole)
    changed[place] ^= 1 << way
    return bytes(changed)
