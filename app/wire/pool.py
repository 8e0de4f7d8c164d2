"""The ids of a batch or segment, each written once: a UUIDv7 as its time and its 74 random bits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from app.wire.messages import encode
from app.wire.planes import pack_bits, unpack_bits
from app.wire.streams import Reader, Writer

_ID = 16  # bytes
_RANDOM = 74  # bits
_UUID7, _RAW, _ODD = 0, 1, 2  # how an id is written: time and random bits; 16 bytes; any other bytes
_LOW_BITS = (1 << 62) - 1


class Pool:
    """Ids by index: first those of the records in order of their first line, then all others in ascending order."""

    def __init__(self, records: Iterable[bytes], others: Iterable[bytes]) -> None:
        first = dict.fromkeys(records)
        rest = sorted(set(others) - first.keys())
        self.ids = [*first, *rest]
        self.records = len(first)
        self.index = {one: position for position, one in enumerate(self.ids)}

    def write(self, writer: Writer, *, times: Sequence[int]) -> Any:
        """[how many others, how each is written, times, random bits, raw ids, odd ids].

        `times`: when the first line of each record was written; a record is mostly made in that moment.
        """
        hows = [_how(one) for one in self.ids]
        modern = [position for position, how in enumerate(hows) if how == _UUID7]
        numbers = [int.from_bytes(self.ids[position], "big") for position in modern]
        against = _times(modern, times=times)
        return [
            len(self.ids) - self.records,
            writer.data(bytes(hows)) if any(hows) else b"",
            writer.numbers([number >> 80 for number in numbers], against=against),
            writer.data(pack_bits([_random(number) for number in numbers], width=_RANDOM), random=True),
            writer.data(b"".join(one for one, how in zip(self.ids, hows, strict=True) if how == _RAW), random=True),
            writer.data(encode([one for one, how in zip(self.ids, hows, strict=True) if how == _ODD])),
        ]


def read_pool(reader: Reader, node: Any, *, records: int, times: Sequence[int]) -> list[bytes]:
    """The ids by index."""
    others, told, ages, bits, raw, odd = node
    if type(others) is not int or others < 0:
        raise ValueError("not a pool")
    count = records + others
    reader.spend(_ID * count)
    hows = reader.data(told) or bytes(count)
    if len(hows) != count:
        raise ValueError("not so many ids")
    modern = [position for position, how in enumerate(hows) if how == _UUID7]
    made = reader.numbers(ages, count=len(modern), against=_times(modern, times=times))
    randoms = unpack_bits(reader.data(bits), width=_RANDOM, count=len(modern))
    uuids = iter([_uuid7(ms, random) for ms, random in zip(made, randoms, strict=True)])
    whole, strange = reader.data(raw), iter(msgspec.msgpack.decode(reader.data(odd), type=list[bytes]))
    if len(whole) != _ID * hows.count(_RAW):
        raise ValueError("not so many ids")
    pieces = iter([whole[start : start + _ID] for start in range(0, len(whole), _ID)])
    sources = {_UUID7: uuids, _RAW: pieces, _ODD: strange}
    return [next(sources[how], b"") for how in hows]


def _how(one: bytes) -> int:
    if len(one) != _ID:
        return _ODD
    return _UUID7 if one[6] >> 4 == 7 and one[8] >> 6 == 2 else _RAW


def _random(number: int) -> int:
    return (number >> 64 & 0xFFF) << 62 | number & _LOW_BITS


def _uuid7(ms: int, random: int) -> bytes:
    value = ms << 80 | 0x7 << 76 | random >> 62 << 64 | 0b10 << 62 | random & _LOW_BITS
    return value.to_bytes(_ID, "big")  # OverflowError for a time that is none


def _times(modern: Sequence[int], *, times: Sequence[int]) -> list[int]:
    """What the times of these ids are measured against; others than records have nothing."""
    return [times[position] if position < len(times) else 0 for position in modern]
