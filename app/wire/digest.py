"""The digest of a scope: equal if, and only if, both sides hold the same. Recomputed, never believed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.wire.messages import encode

_MODULUS = 1 << 128


def item_digest(kind: str, record: bytes, rev: int, content: Mapping[str, Any]) -> int:
    """BLAKE2b-128 over one record as served to a scope: kind, id, number and canonical content."""
    plain = encode([kind, record, rev, content])
    return int.from_bytes(hashlib.blake2b(plain, digest_size=16).digest(), "big")


@dataclass(slots=True)
class ScopeDigest:
    """A sum of item digests modulo 2^128, and how many there are. Order does not matter; removing is subtracting."""

    total: int = 0
    count: int = 0

    def add(self, item: int) -> None:
        """One more record."""
        self.total = (self.total + item) % _MODULUS
        self.count += 1

    def remove(self, item: int) -> None:
        """One record less."""
        self.total = (self.total - item) % _MODULUS
        self.count -= 1

    def value(self) -> bytes:
        """16 bytes."""
        return self.total.to_bytes(16, "big")
