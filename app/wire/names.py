"""Numbers in the place of ids: a record of an office, named by the number its scope gave it. docs/adr/0013."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec


class Name(msgspec.Struct, frozen=True):
    """A record that both sides know by its number in the own scope: what it is, and the case it belongs to."""

    kind: str
    case: bytes | None


class Named(msgspec.Struct, frozen=True):
    """The record that a number names."""

    record: bytes
    kind: str
    case: bytes | None


Names = Mapping[bytes, Name]  # record -> what its `base_rev` says to the centre
Resolve = Callable[[Sequence[int]], Mapping[int, Named]]
Known = Resolve | Sequence[Named]  # or, to whoever wrote the operations, the record of each in order
