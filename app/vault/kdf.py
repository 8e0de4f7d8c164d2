"""From a password to the key that opens one slot: Argon2id inside a fixed band, then HKDF.

The parameters stand in the key file, where a stranger can edit them, so they are refused outside
the band before any memory is taken: too little would make guessing cheap, too much would hang the laptop.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
SALT_BYTES = 16
MEMORY_MIB = range(19, 1024 + 1)
PASSES = range(2, 10 + 1)
LANES = range(1, 8 + 1)


@dataclass(frozen=True)
class KdfCost:
    """How dear one guess is. The default is the product's; `CHEAPEST` is the lower end of the band."""

    memory_mib: int = 128
    passes: int = 3
    lanes: int = 4

    @property
    def allowed(self) -> bool:
        """Whether every parameter lies inside the band (and is a whole number at all)."""
        pairs = ((self.memory_mib, MEMORY_MIB), (self.passes, PASSES), (self.lanes, LANES))
        return all(type(value) is int and value in band for value, band in pairs)


@dataclass(frozen=True, repr=False)
class Peppered:
    """A password, and 32 random bytes without which it opens nothing."""

    password: str
    pepper: bytes

    @property
    def digest(self) -> bytes:
        """By which the right pepper is known before any password is tried; it says nothing of it."""
        return hashlib.sha256(b"naungan pepper\x00" + self.pepper).digest()


Secret = str | Peppered

CHEAPEST = KdfCost(memory_mib=19, passes=2, lanes=1)


def normal(password: str) -> str:
    """The password as every keyboard would give it: Unicode NFKC."""
    return unicodedata.normalize("NFKC", password)


def slot_key(secret: Secret, *, cost: KdfCost, salt: bytes, context: bytes) -> bytearray:
    """32 bytes that only this password (and pepper), salt, cost and context give; the caller wipes them."""
    if not cost.allowed:
        raise ValueError("Argon2id parameters outside the band")
    password, pepper = (secret.password, secret.pepper) if isinstance(secret, Peppered) else (secret, b"")
    plain = bytearray(normal(password).encode(errors="surrogatepass"))  # a half pair is a wrong password, no fault
    stretched, key = bytearray(KEY_BYTES), bytearray(KEY_BYTES)
    try:
        argon: Any = Argon2id(  # its stub asks for bytes, which could not be wiped; any buffer will do
            salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_mib * 1024
        )
        argon.derive_into(plain, stretched)
        stretched.extend(pepper)
        expand(stretched, context=context, salt=salt, into=key)
    finally:
        wipe(plain)
        wipe(stretched)
    return key


def expand(key: bytearray, *, context: bytes, salt: bytes, into: bytearray) -> None:
    """Fill `into` with HKDF-SHA256(key) for one purpose, without an unwipeable copy on the way."""
    HKDF(algorithm=hashes.SHA256(), length=len(into), salt=salt, info=context).derive_into(key, into)


def wipe(secret: bytearray) -> None:
    """Overwrite a secret in place with zeros."""
    secret[:] = bytes(len(secret))
