"""Files travel in pieces, and each can be held against a hash of its own, so that one bad piece is not the whole file.

The name of a file is the SHA-256 of all of it; these short ones only tell bytes that changed on the way or on a disk.
"""

from __future__ import annotations

import hashlib

PIECE_HASH = "Naungan-Piece"  # header: the hash of a piece, in hex; whoever does not know it passes over it
HASH_BYTES = 16


def piece_hash(data: bytes) -> bytes:
    """BLAKE2b-128 of one piece."""
    return hashlib.blake2b(data, digest_size=HASH_BYTES).digest()
