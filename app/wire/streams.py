"""The body of a columnar batch or segment: one table of everything small, and frames for what is long.

frame of the table | frames. The table is an array in msgpack; a stretch of bytes in it is the bytes themselves or
[plain length, packed length] of the next frame. docs/adr/0014 has the layout.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.wire.counting import count_plane, read_plane
from app.wire.frames import Packer, Unpacker
from app.wire.messages import WireError, encode
from app.wire.planes import from_planes, planes_of, steps, sums

_INLINE = 192  # bytes: shorter stretches compress better together
_HEAD = struct.Struct(">II")  # plain and packed length of the table
_LOW, _HIGH, _TOP = -(2**63), 2**63 - 1, 2**64 - 1
GUESSES = 32_768  # symbols of a body that are guessed or counted, at most: each is some work for whoever reads it
_COUNTED = 1  # a frame that is no frame but a plane by counts
_PLAIN, _STEPS, _AGAINST = 0, 1, 2  # a series of numbers: as they are, less the one before, less another series

# What taking apart bytes that are no body may raise; whoever reads one turns it into a WireError.
BROKEN = (
    ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError, msgspec.DecodeError, struct.error
)  # fmt: skip


class Writer:
    """Collects the frames of a body."""

    def __init__(self, packer: Packer, *, limit: int, words: Mapping[str, int], guesses: int = 0) -> None:
        self.words = words  # the shared ones, by place
        self._guesses = guesses
        self._packer = packer
        self._left = limit
        self._frames: list[bytes] = []

    def data(self, plain: bytes, *, random: bool = False) -> Any:
        """A stretch of bytes; `random`: nobody need try to make them shorter."""
        if len(plain) < _INLINE:
            return plain
        packed = plain if random else self._packer.pack(plain)
        self._spend(len(plain))
        self._frames.append(packed)
        return [len(plain), len(packed)]

    def may_guess(self, symbols: int) -> bool:
        """Whether so many symbols may be guessed; then they count."""
        if symbols > self._guesses:
            return False
        self._guesses -= symbols
        return True

    def numbers(self, values: Sequence[int], *, against: Sequence[int] | None = None) -> Any:
        """A series of whole numbers, in the shape that says least."""
        shapes = [(_PLAIN, list(values))]
        if len(values) > 1:
            shapes.append((_STEPS, steps(values)[1:]))
        if against is not None:
            shapes.append((_AGAINST, [value - other for value, other in zip(values, against, strict=True)]))
        shape, chosen = min(shapes, key=lambda one: _cost(one[1]))
        low = min(chosen, default=0)
        if not _LOW <= low <= _HIGH or max(chosen, default=0) - low > _HIGH:
            return [self.data(encode(list(values)))]
        first = [values[0]] if shape == _STEPS else []
        return [shape, low, *first, *(self._plane(plane) for plane in planes_of([value - low for value in chosen]))]

    def _plane(self, plane: bytes) -> Any:
        counted = count_plane(plane) if len(plane) <= self._guesses else None
        node = self.data(plane)
        if counted is None or len(counted) >= len(self._frames[-1]) or not self.may_guess(len(plane)):
            return node
        self._frames[-1] = counted
        return [len(plane), len(counted), _COUNTED]

    def body(self, table: Sequence[Any]) -> bytes:
        """The whole body."""
        plain = encode(list(table))
        self._spend(len(plain))
        packed = self._packer.pack(plain)
        return b"".join((_HEAD.pack(len(plain), len(packed)), packed, *self._frames))

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise WireError("size", "more than may come out of one body")


def _cost(values: Sequence[int]) -> tuple[int, int]:
    """How many bits a number of this series needs, about: by how far they lie apart or how many different there are."""
    if not values:
        return 0, 0
    span = (max(values) - min(values)).bit_length()
    return min(span, (len(set(values)) - 1).bit_length()), span


class Reader:
    """Takes a body apart: at most `limit` plain bytes, and what is made of them weighs at most twice as much."""

    def __init__(self, body: bytes, *, unpacker: Unpacker, limit: int, words: Sequence[str]) -> None:
        self.words = words  # the shared ones
        self._body = body
        self._unpacker = unpacker
        self._left, self._plain_left, self._guesses = 2 * limit, limit, GUESSES
        if len(body) < _HEAD.size:
            raise WireError("format", "too short for a body")
        plain, packed = _HEAD.unpack_from(body)
        self._at = _HEAD.size
        table = msgspec.msgpack.decode(self._frame(plain, packed))
        if type(table) is not list:
            raise ValueError("not a table")
        self.table: list[Any] = table

    def spend(self, weight: int) -> None:
        """Count what is about to be made. WireError('size') once it is more than the limit."""
        self._left -= weight
        if weight < 0 or self._left < 0:
            raise WireError("size", "more than may come out of one body")

    def guess(self, symbols: int) -> None:
        """Count what is about to be guessed. WireError('size') once it is more than any writer does."""
        self._guesses -= symbols
        if self._guesses < 0:
            raise WireError("size", "more guesses than one body may hold")

    def data(self, node: Any) -> bytes:
        """A stretch of bytes."""
        if type(node) is bytes:
            return node
        plain, packed, *how = node
        if not how:
            return self._frame(plain, packed)
        if how != [_COUNTED]:
            raise ValueError("no such frame")
        raw = self._taken(plain, packed)
        self.guess(plain)
        return read_plane(raw, size=plain)

    def numbers(self, node: Any, *, count: int, against: Sequence[int] | None = None) -> list[int]:
        """A series of `count` whole numbers."""
        self.spend(count)
        if len(node) == 1:
            values = msgspec.msgpack.decode(self.data(node[0]), type=list[int])
        else:
            values = self._series(node, count=count, against=against)
        if len(values) != count or (values and not (min(values) >= _LOW and max(values) <= _TOP)):
            raise ValueError("not so many numbers, or larger than numbers are")
        return values

    def _series(self, node: Any, *, count: int, against: Sequence[int] | None) -> list[int]:
        shape, low, *planes = node
        if type(low) is not int or shape not in (_PLAIN, _STEPS, _AGAINST):
            raise ValueError("not a series")
        if shape == _STEPS:
            first, *planes = planes
            return sums([first, *self._spread(planes, low=low, count=count - 1)])
        values = self._spread(planes, low=low, count=count)
        if shape == _AGAINST:
            if against is None:
                raise ValueError("against nothing")
            return [value + other for value, other in zip(values, against, strict=True)]
        return values

    def _spread(self, planes: Sequence[Any], *, low: int, count: int) -> list[int]:
        if not planes:
            return [low] * count
        return [low + rest for rest in from_planes([self.data(plane) for plane in planes], count=count)]

    def end(self) -> None:
        """ValueError if there are bytes that nothing spoke of."""
        if self._at != len(self._body):
            raise ValueError("more bytes than the table says")

    def _frame(self, plain: int, packed: int) -> bytes:
        return self._unpacker.unpack(self._taken(plain, packed), size=plain)

    def _taken(self, plain: int, packed: int) -> bytes:
        if type(plain) is not int or type(packed) is not int or packed < 0 or packed > len(self._body) - self._at:
            raise ValueError("beyond the end")
        self._plain_left -= plain
        if plain < 0 or self._plain_left < 0:
            raise WireError("size", "more than may come out of one body")
        self._at += packed
        return self._body[self._at - packed : self._at]
