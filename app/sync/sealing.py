"""How waiting operations are cut into batches: the urgent in a small first one, then as much as each may carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.wire import MAX_BATCH, MAX_OPERATIONS, MAX_PLAIN, URGENT_BATCH
from app.wire.batch import Names, Place, Sign, digest_of, seal
from app.wire.codecs import ROW
from app.wire.messages import Change, WireError, encode

CLOSE, QUICK = 19, 9  # levels of packing: columns pack at 9 as quickly as at 3
_USUAL_RATIO = 6.0  # plain bytes per sealed byte: where the search for a full batch begins
_FULL = 0.75  # of what a batch may carry: no need to seal it once more with a little more in it
_MANY = 200  # operations: a batch of fewer that is not full is soon sealed, and soon sent
_ARRAY_HEAD = 5  # msgpack's array header around the operations


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An operation (by its local number) as it travels."""

    seq: int
    change: Change
    anew: bool = False  # it makes anew what was refused, and holds more than was saved


@dataclass(frozen=True, slots=True)
class Packing:
    """How batches are sealed."""

    sign: Sign
    codec: str = ROW
    level: int = QUICK
    names: Names = field(default_factory=dict)

    def sealed(self, changes: list[Change], *, place: Place) -> bytes | None:
        """The bytes of a batch; None if that is more than any may carry."""
        try:
            return seal(changes, place, sign=self.sign, level=self.level, codec=self.codec, names=self.names)
        except WireError:  # 'size'
            return None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch as it travels, and the local numbers of the operations in it."""

    n: int
    data: bytes
    digest: bytes
    operations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TooLarge:
    """An operation, by its local number, that fits no batch."""

    seq: int


def cut(outgoing: Sequence[Outgoing], *, urgent: int, last: Place, packing: Packing) -> Iterator[Sealed | TooLarge]:
    """Batches in order, each sealed when it is asked for. The first `urgent` operations come in a small batch.

    `last` is the place of the batch before, with that batch's digest as `previous`.
    An urgent package larger than the small batch gives up being small, never its place at the front.
    """
    filling = _Filling(outgoing, packing)
    place, start = last, 0
    while start < len(outgoing):
        limit, end = (URGENT_BATCH, urgent) if place is last and start < urgent else (MAX_BATCH, len(outgoing))
        here = Place(place.device, place.n + 1, place.previous, place.epoch)
        data, count = filling.fullest(start, end, limit=limit, place=here)
        if data is None and limit != MAX_BATCH:
            data, count = filling.fullest(start, len(outgoing), limit=MAX_BATCH, place=here)
        if data is None:
            yield TooLarge(outgoing[start].seq)
            start += 1
            continue
        place = Place(here.device, here.n, digest_of(data), here.epoch)  # what the next one continues
        yield Sealed(here.n, data, place.previous, tuple(o.seq for o in outgoing[start : start + count]))
        start += count


class _Filling:
    """Looks for batches that are full; what one of them packed to tells where to look for the next."""

    def __init__(self, outgoing: Sequence[Outgoing], packing: Packing) -> None:
        self._changes = [out.change for out in outgoing]
        self._sizes = [len(encode(change)) for change in self._changes]
        self._packing = packing
        self._ratio = _USUAL_RATIO

    def fullest(self, start: int, end: int, *, limit: int, place: Place) -> tuple[bytes | None, int]:
        """The bytes of a batch of as many operations from `start` as fit, and how many. (None, 0): not even one."""
        count, least = self._likely(start, end, limit=limit), 0
        best: bytes | None = None
        while True:
            data = self._packing.sealed(self._changes[start : start + count], place=place)
            if data is not None and len(data) <= limit:
                best, least = data, count
                self._ratio = 0.97 * sum(self._sizes[start : start + count]) / len(data)
                more = min(self._likely(start, end, limit=limit), int(count * 1.5))
                if len(data) >= _FULL * limit or more <= count or count < _MANY:
                    return best, least
                count = more
                continue
            if count == 1 or least:
                return best, least
            fitting = int(count * limit / len(data) * 0.95) if data is not None else int(count * 0.6)
            count = max(1, min(count - 1, fitting))

    def _likely(self, start: int, end: int, *, limit: int) -> int:
        count, plain = 0, _ARRAY_HEAD
        most = min(MAX_PLAIN, limit * self._ratio)
        while start + count < end and count < MAX_OPERATIONS and plain + self._sizes[start + count] <= most:
            plain += self._sizes[start + count]
            count += 1
        return max(count, 1)
