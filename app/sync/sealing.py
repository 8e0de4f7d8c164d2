"""How waiting operations are cut into batches: the urgent in a small first one, then as much as each may carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.wire import MAX_BATCH, MAX_OPERATIONS, MAX_PLAIN, URGENT_BATCH
from app.wire.batch import Place, Sign, digest_of, seal
from app.wire.messages import Change, WireError, encode

_USUAL_RATIO = 6  # plain bytes per sealed byte: where the search for a full batch begins
_ARRAY_HEAD = 5  # msgpack's array header around the operations


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An operation (by its local number) as it travels."""

    seq: int
    change: Change


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch as it travels, and the local numbers of the operations in it."""

    n: int
    data: bytes
    digest: bytes
    operations: tuple[int, ...]


def cut(outgoing: Sequence[Outgoing], *, urgent: int, last: Place, sign: Sign) -> tuple[list[Sealed], list[int]]:
    """(batches in order, local numbers of operations that fit no batch). The first `urgent` ones come in a small batch.

    `last` is the place of the batch before, with that batch's digest as `previous`.
    An urgent package larger than the small batch gives up being small, never its place at the front.
    """
    batches: list[Sealed] = []
    too_large: list[int] = []
    sizes = [len(encode(out.change)) for out in outgoing]
    place, start = last, 0
    while start < len(outgoing):
        limit, end = (URGENT_BATCH, urgent) if start == 0 and urgent else (MAX_BATCH, len(outgoing))
        here = Place(place.device, place.n + 1, place.previous, place.epoch)
        data, count = _fullest(outgoing[start:end], sizes[start:end], limit=limit, place=here, sign=sign)
        if data is None and limit != MAX_BATCH:
            data, count = _fullest(outgoing[start:], sizes[start:], limit=MAX_BATCH, place=here, sign=sign)
        if data is None:
            too_large.append(outgoing[start].seq)
            outgoing, sizes = [*outgoing[:start], *outgoing[start + 1 :]], [*sizes[:start], *sizes[start + 1 :]]
            continue
        place = Place(here.device, here.n, digest_of(data), here.epoch)  # what the next one continues
        batches.append(Sealed(here.n, data, place.previous, tuple(o.seq for o in outgoing[start : start + count])))
        start += count
    return batches, too_large


def _fullest(
    outgoing: Sequence[Outgoing], sizes: Sequence[int], *, limit: int, place: Place, sign: Sign
) -> tuple[bytes | None, int]:
    """The bytes of a batch of as many operations from the front as fit, and how many. (None, 0): not even one fits."""
    count, plain = 0, _ARRAY_HEAD
    while count < min(len(outgoing), MAX_OPERATIONS) and plain + sizes[count] <= min(MAX_PLAIN, limit * _USUAL_RATIO):
        plain += sizes[count]
        count += 1
    count = max(count, 1)
    while True:
        data = _sealed([out.change for out in outgoing[:count]], place=place, sign=sign)
        if data is not None and len(data) <= limit:
            return data, count
        if count == 1:
            return None, 0
        fitting = int(count * limit / len(data) * 0.95) if data is not None else int(count * 0.6)
        count = max(1, min(count - 1, fitting))


def _sealed(changes: list[Change], *, place: Place, sign: Sign) -> bytes | None:
    try:
        return seal(changes, place, sign=sign)
    except WireError:  # 'size': more than any batch may carry
        return None
