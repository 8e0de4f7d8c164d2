"""Sealing to somebody's public key: HPKE (RFC 9180), X25519 with HKDF-SHA256 and AES-256-GCM, bound to a context.

It says nothing of who sealed: whoever relies on that has it signed besides.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

DOMAIN = b"naungan/1/box\x00"
KEY_BYTES = 32
OVERHEAD = 32 + 16  # the sender's ephemeral key, and the tag


def seal_box(public: bytes, plain: bytes | bytearray, *, context: bytes) -> bytes:
    """What only the holder of this X25519 key opens, and only for this context. ValueError if the key is none."""
    recipient = X25519PublicKey.from_public_bytes(public)
    return _suite().encrypt(plain, recipient, DOMAIN + context)


def open_box(private: bytes | bytearray, box: bytes, *, context: bytes) -> bytearray | None:
    """The content, to be wiped by the caller; None when key, box or context is not the one it was sealed with."""
    if len(private) != KEY_BYTES or len(box) < OVERHEAD:
        return None
    try:
        return bytearray(_suite().decrypt(box, X25519PrivateKey.from_private_bytes(private), DOMAIN + context))
    except (InvalidTag, ValueError):  # ValueError: a point of the curve that gives no secret
        return None


def is_key(public: bytes) -> bool:
    """Whether anything can be sealed to this: a point of low order, which anybody may publish, gives no secret."""
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        return False
    return True


def public_of(private: bytes | bytearray) -> bytes:
    """The public key that belongs to a private one."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
