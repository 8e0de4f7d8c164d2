"""Looks for a word in values however deep they are packed: msgpack in bytea, batches and segments, text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from app.wire.batch import unseal
from app.wire.messages import WireError


def holds(value: Any, needle: str) -> bool:
    """Whether the word is anywhere in this value."""
    return any(needle.casefold() in text.casefold() for text in texts(value))


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, and every text that its bytes can be read as."""
    if isinstance(value, str):
        yield value
        if len(value) % 2 == 0 and value and all(char in "0123456789abcdefABCDEF" for char in value):
            yield from texts(bytes.fromhex(value))
    elif isinstance(value, bytes | bytearray | memoryview):
        yield from _bytes(bytes(value))
    elif isinstance(value, dict):
        for key, inside in value.items():
            yield from texts(key)
            yield from texts(inside)
    elif isinstance(value, list | tuple | set | frozenset):
        for inside in value:
            yield from texts(inside)
    elif isinstance(value, msgspec.Struct):
        yield from texts(msgspec.structs.astuple(value))


def _bytes(data: bytes) -> Iterator[str]:
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        yield data.decode(encoding, errors="replace")
    if data[:4] == b"NGNB":
        try:
            yield from texts(unseal(data, verify=lambda _message, _signature: True).changes)
        except WireError:
            return
        return
    try:
        inside = msgspec.msgpack.decode(data)
    except (msgspec.DecodeError, ValueError):
        return
    if not isinstance(inside, int | float):
        yield from texts(inside)
