"""This device's own identity: an Ed25519 key that signs what it sends, an X25519 key for what is sealed to it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.models import agefile
from app.vault.boxes import open_box
from app.vault.faults import damaged
from app.vault.kdf import wipe
from app.vault.keys import Keys, Sealed

PURPOSE = "device keys"


@dataclass(frozen=True)
class SealedIdentity:
    """The identity at rest: public parts in clear, both private keys wrapped under the workspace's data key."""

    sign_public: bytes
    box_public: bytes
    sealed: Sealed


class DeviceIdentity:
    """Signs as this device until `forget` is called. `id` is the first 16 bytes of SHA-256(sign_public), in hex."""

    def __init__(self, sign_key: Ed25519PrivateKey, *, box_key: X25519PrivateKey) -> None:
        self._sign_key: Ed25519PrivateKey | None = sign_key
        self._box_key: X25519PrivateKey | None = box_key
        self.sign_public: bytes = sign_key.public_key().public_bytes_raw()
        self.box_public: bytes = box_key.public_key().public_bytes_raw()
        self.id: str = device_id(self.sign_public)

    def __repr__(self) -> str:
        return f"DeviceIdentity({self.id})"

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature of the message."""
        if self._sign_key is None:
            raise RuntimeError("the workspace is closed and its keys are wiped")
        return self._sign_key.sign(message)

    def open_box(self, box: bytes, *, to_key: bytes, context: bytes) -> bytearray | None:
        """What was sealed to this device's own key, as `Ring.open`; to be wiped by the caller."""
        if self._box_key is None:
            raise RuntimeError("the workspace is closed and its keys are wiped")
        return open_box(self._box_key.private_bytes_raw(), box, context=context) if to_key == self.box_public else None

    def open_file(self, sealed: bytes) -> bytes | None:
        """The content of an age file for this device's own key; None when it is for somebody else.

        ValueError when its bytes are not whole.
        """
        if self._box_key is None:
            raise RuntimeError("the workspace is closed and its keys are wiped")
        return agefile.unseal(sealed, identities=(agefile.identity_of(self._box_key.private_bytes_raw()),))

    def forget(self) -> None:
        """Drop the private keys."""
        self._sign_key = self._box_key = None


def device_id(sign_public: bytes) -> str:
    """How a device is called: the first 16 bytes of SHA-256 of its signing key, in hex."""
    return hashlib.sha256(sign_public).digest()[:16].hex()


def fresh_private() -> bytes:
    """Both private keys of a new device, for who keeps them in the encrypted file itself."""
    return secrets.token_bytes(64)


def identity_of(private: bytes) -> DeviceIdentity:
    """The identity behind `fresh_private`."""
    return _opened(bytearray(private))


def new_identity(keys: Keys) -> SealedIdentity:
    """A fresh pair of keys, wrapped."""
    private = bytearray(secrets.token_bytes(64))
    public = _opened(private)
    try:
        sealed = keys.seal(PURPOSE, private, aad=public.sign_public + public.box_public)
    finally:
        wipe(private)
    return SealedIdentity(public.sign_public, public.box_public, sealed)


def open_identity(kept: SealedIdentity, *, keys: Keys) -> DeviceIdentity:
    """The identity, ready to sign; WorkspaceDamaged when the wrap is not what this workspace made."""
    private = keys.unseal(PURPOSE, kept.sealed, aad=kept.sign_public + kept.box_public)
    if private is None:
        raise damaged()
    try:
        return _opened(private)
    finally:
        wipe(private)


def rewrapped(kept: SealedIdentity, *, keys: Keys, fresh: Keys) -> SealedIdentity:
    """The same identity under another data key; WorkspaceDamaged as for `open_identity`."""
    aad = kept.sign_public + kept.box_public
    private = keys.unseal(PURPOSE, kept.sealed, aad=aad)
    if private is None:
        raise damaged()
    try:
        return replace(kept, sealed=fresh.seal(PURPOSE, private, aad=aad))
    finally:
        wipe(private)


def _opened(private: bytearray) -> DeviceIdentity:
    return DeviceIdentity(
        Ed25519PrivateKey.from_private_bytes(private[:32]),
        box_key=X25519PrivateKey.from_private_bytes(private[32:]),
    )
