"""Dictionaries of the columnar codec: shipped, made of synthetic text alone, named by their own bytes.

length of the words (u32) | words of letters, parted by line ends | what a compressor may look back on
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.wire.messages import WireError

# Best first. One that was ever shipped stays: batches and segments written with it are read for ever.
DICTIONARIES: tuple[str, ...] = ("561aa553",)
_FOLDER = Path(__file__).resolve().parents[2] / "resources" / "wire"
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Words that both sides know by their place, and bytes that stand before every frame."""

    words: tuple[str, ...] = ()
    prefix: bytes = b""

    @property
    def index(self) -> Mapping[str, int]:
        """Word -> its place."""
        return _index(self.words)

    def packed(self) -> bytes:
        """As it lies in its file."""
        words = "\n".join(self.words).encode()
        return _LENGTH.pack(len(words)) + words + self.prefix


def name_of(data: bytes) -> str:
    """What a dictionary is called: the first 4 bytes of the BLAKE2b of its file, in hex."""
    return hashlib.blake2b(data, digest_size=32).hexdigest()[:8]


@lru_cache(maxsize=4)
def dictionary(name: str) -> Dictionary:
    """The dictionary of this name. WireError('dictionary') if this program has none."""
    if name not in DICTIONARIES:
        raise WireError("dictionary", "a dictionary that is not known here")
    data = (_FOLDER / f"{name}.dict").read_bytes()
    (length,) = _LENGTH.unpack_from(data)
    words = data[_LENGTH.size : _LENGTH.size + length].decode()
    return Dictionary(tuple(words.split("\n")), data[_LENGTH.size + length :])


@lru_cache(maxsize=4)
def _index(words: tuple[str, ...]) -> Mapping[str, int]:
    return {word: place for place, word in enumerate(words)}
