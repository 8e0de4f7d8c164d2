"""Which records of a scope differ at the centre: the tree of section 10, asked from the root down."""

from __future__ import annotations

from typing import Any, Final

from tests.second_client.line import Line
from tests.second_client.store import Store
from tests.second_client.wire import blake, item_digest

_SUM: Final = 6
_ID: Final = 16
_LINE: Final = _ID + _SUM
Items = dict[bytes, bytes]  # id -> item digest, 6 bytes


def differing(line: Line, store: Store, scope: bytes, *, name: int, epoch: str) -> list[bytes]:
    """The ids that are different, missing here or too much here. The scope is named 0 (own) or 1 (shared)."""
    items = {
        record: (item_digest(kind, record, rev, content) % 2**48).to_bytes(_SUM, "big")
        for (kind, record), (rev, content) in store.contents(scope).items()
    }
    seq = store.feed(scope)[1]
    found: set[bytes] = set()
    asked: list[list[Any]] = [[0, 0, _sums(items, 0, 0), b""]]
    while asked:
        (nodes,) = line.post("/v2/ranges", [name, epoch, seq, asked]).message
        asked = []
        for depth, prefix, sums, named in nodes:
            if sums:
                asked.append([depth, prefix, _sums(items, depth, prefix), b""])
            else:
                theirs = {named[i : i + _ID]: named[i + _ID : i + _LINE] for i in range(0, len(named), _LINE)}
                ours = {record: item for record, item in items.items() if _is_in(record, depth, prefix)}
                found |= {record for record, _item in theirs.items() ^ ours.items()}
    return sorted(found)


def _place(record: bytes) -> int:
    """Where a record stands in the tree: a hash of four bytes."""
    return int.from_bytes(blake(record, 4), "big")


def _is_in(record: bytes, depth: int, prefix: int) -> bool:
    return _place(record) >> (32 - 4 * depth) == prefix


def _sums(items: Items, depth: int, prefix: int) -> bytes:
    """Of the sixteen parts of a node."""
    parts = [0] * 16
    for record, digest in items.items():
        if _is_in(record, depth, prefix):
            parts[(_place(record) >> (28 - 4 * depth)) & 15] += int.from_bytes(digest, "big")
    return b"".join((part % 2**48).to_bytes(_SUM, "big") for part in parts)
