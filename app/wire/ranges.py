"""Where two sides differ: a tree of sums over the records of a scope, sixteen parts to a part.

Ids are spread by a hash: they begin with the time at which they were made, and would not fall into equal parts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from app.wire.messages import Node

FEW = 8  # records that are named rather than divided once more
DEPTH = 8  # digits of a place
MAX_NODES = 256  # in one request
_SHORT, _ID, _PARTS = 6, 16, 16
_MASK = (1 << 8 * _SHORT) - 1


def short(item: int) -> int:
    """The part of an item digest that is compared."""
    return item & _MASK


def place_of(record: bytes) -> int:
    """Where a record stands in the tree: eight hexadecimal digits."""
    return int.from_bytes(hashlib.blake2b(record, digest_size=DEPTH // 2).digest(), "big")


class Tree:
    """The records of one scope, by place."""

    def __init__(self, items: Iterable[tuple[bytes, int]]) -> None:
        self._items = [(place_of(record), record, short(item)) for record, item in items]
        self._parts: dict[int, dict[int, list[tuple[int, bytes, int]]]] = {}

    def sums(self, depth: int, prefix: int) -> bytes:
        """The sums of the sixteen parts of this part."""
        totals = [0] * _PARTS
        shift = 4 * (DEPTH - depth - 1)
        for place, _record, item in self._at(depth, prefix):
            totals[place >> shift & 15] += item
        return b"".join((total & _MASK).to_bytes(_SHORT, "big") for total in totals)

    def node(self, depth: int, prefix: int) -> Node:
        """This part, to be compared part by part."""
        return Node(depth, prefix, self.sums(depth, prefix))

    def items(self, depth: int, prefix: int) -> dict[bytes, int]:
        """The records of this part."""
        return {record: item for _place, record, item in self._at(depth, prefix)}

    def answer(self, node: Node) -> Iterator[Node]:
        """Those parts of the other side's part that are different here: divided once more, or named when few."""
        for prefix in differing(node.sums, self.sums(node.depth, node.prefix), node=node):
            depth, here = node.depth + 1, self.items(node.depth + 1, prefix)
            if len(here) <= FEW or depth >= DEPTH - 1:
                yield Node(depth, prefix, b"", b"".join(r + i.to_bytes(_SHORT, "big") for r, i in sorted(here.items())))
            else:
                yield Node(depth, prefix, self.sums(depth, prefix))

    def _at(self, depth: int, prefix: int) -> list[tuple[int, bytes, int]]:
        if depth not in self._parts:
            parts: dict[int, list[tuple[int, bytes, int]]] = {}
            for item in self._items:
                parts.setdefault(item[0] >> 4 * (DEPTH - depth), []).append(item)
            self._parts[depth] = parts
        return self._parts[depth].get(prefix, [])


def differing(theirs: bytes, ours: bytes, *, node: Node) -> list[int]:
    """The prefixes of the parts of a node whose sums differ."""
    starts = range(0, _PARTS * _SHORT, _SHORT)
    unequal = [n for n, at in enumerate(starts) if theirs[at : at + _SHORT] != ours[at : at + _SHORT]]
    return [node.prefix * _PARTS + n for n in unequal]


def named(node: Node) -> Mapping[bytes, int]:
    """The records that a node names."""
    size = _ID + _SHORT
    lines = [node.items[at : at + size] for at in range(0, len(node.items), size)]
    return {line[:_ID]: int.from_bytes(line[_ID:], "big") for line in lines}


def well_formed(node: Node) -> bool:
    """Whether this can be asked: a part that can still be divided, with sixteen sums."""
    return 0 <= node.depth < DEPTH and 0 <= node.prefix < _PARTS**node.depth and len(node.sums) == _PARTS * _SHORT
