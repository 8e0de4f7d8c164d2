"""The office's keyring: the X25519 private keys of this office that this laptop holds, newest first.

What is sealed to the office is sealed to the newest; the older ones still open what was sealed to them. At rest the
ring is under the restricted key: who is not cleared holds it, and has no way to it.

`pinned` is the key that was in force while this laptop held it. From then on nothing is given to another one that
replaces it unless its private half came from somebody who holds the pinned one too.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import msgspec

from app.vault import cipher
from app.vault.boxes import open_box, public_of
from app.vault.faults import damaged
from app.vault.kdf import KEY_BYTES, wipe
from app.vault.keys import NONCE_BYTES, Keys, Sealed

SETTING = "office_ring"  # where the packed ring is kept
PURPOSE = "office ring"
_PIN = b"\x01"  # what follows is the pinned public key


class Ring:
    """Opens what was sealed to any key of this office, until `forget`. Never shows a key but through `bare`."""

    def __init__(self, privates: Iterable[bytes | bytearray] = ()) -> None:
        self._privates: dict[bytes, bytearray] = {}  # by public key, newest last
        self.pinned: bytes | None = None
        for private in reversed(list(privates)):
            self.add(private)

    def __repr__(self) -> str:
        return f"Ring({len(self._privates)})"

    @property
    def publics(self) -> tuple[bytes, ...]:
        """The public keys, newest first; empty when this laptop holds none."""
        return tuple(reversed(self._privates))

    def make(self) -> bytes:
        """A new key as the newest; its public half."""
        private = bytearray(secrets.token_bytes(KEY_BYTES))
        try:
            return self.add(private)
        finally:
            wipe(private)

    def add(self, private: bytes | bytearray) -> bytes:
        """Hold a copy of this key as the newest, also if it was held before; its public half. ValueError if none."""
        public = public_of(private)
        wipe(self._privates.pop(public, bytearray()))
        self._privates[public] = bytearray(private)
        return public

    def learn(self, bare: bytes | bytearray, *, newest: bytes | None) -> bool:
        """Hold the keys of another laptop's ring as well, and this one as the newest; whether any was new.

        Nothing is taken from a ring without the pinned key. ValueError for what is no ring.
        """
        before, other = set(self._privates), Ring.of(bare)
        if self.pinned is None or self.pinned in other.publics:
            for public in reversed(other.publics):
                self.add(other._privates[public])
            if newest in self._privates and newest is not None:
                self._privates[newest] = self._privates.pop(newest)
        other.forget()
        return self._privates.keys() != before

    def drop(self, public: bytes) -> None:
        """Hold this key no longer."""
        wipe(self._privates.pop(public, bytearray()))

    def open(self, box: bytes, *, to_key: bytes, context: bytes) -> bytearray | None:
        """The content of a box sealed to this public key; None when it is not held, or box or context is not right."""
        private = self._privates.get(to_key)
        return None if private is None else open_box(private, box, context=context)

    def bare(self) -> bytearray:
        """All private keys one after the other, newest first, to be sealed to a laptop and wiped by the caller."""
        return bytearray().join(reversed(self._privates.values()))

    @classmethod
    def of(cls, bare: bytes | bytearray) -> Ring:
        """The inverse of `bare`. ValueError for what is none."""
        if len(bare) % KEY_BYTES:
            raise ValueError("not a keyring")
        parts = [bytearray(bare[start : start + KEY_BYTES]) for start in range(0, len(bare), KEY_BYTES)]
        try:
            return cls(parts)
        finally:
            for part in parts:
                wipe(part)

    def pack(self, restricted: Keys) -> bytes:
        """The ring at rest, under the restricted key."""
        plain = self.bare()
        if self.pinned is not None:
            plain += _PIN + self.pinned
        try:
            sealed = restricted.seal(PURPOSE, plain, aad=b"")
        finally:
            wipe(plain)
        return sealed.nonce + sealed.box

    @classmethod
    def unpack(cls, restricted: Keys, blob: bytes) -> Ring:
        """The inverse; WorkspaceDamaged when it is not what a cleared user of this workspace packed."""
        if len(blob) < NONCE_BYTES + 16:
            raise damaged()
        plain = restricted.unseal(PURPOSE, Sealed(blob[:NONCE_BYTES], blob[NONCE_BYTES:]), aad=b"")
        if plain is None:
            raise damaged()
        pinned = bytes(plain[-KEY_BYTES:]) if len(plain) % KEY_BYTES == len(_PIN) else None
        keys = plain[: -KEY_BYTES - len(_PIN)] if pinned else plain
        try:
            ring = cls.of(keys)
            ring.pinned = pinned
            return ring
        finally:
            wipe(plain)
            wipe(keys)

    def forget(self) -> None:
        """Overwrite every key; the ring is empty afterwards."""
        for private in self._privates.values():
            wipe(private)
        self._privates.clear()


def rewrapped(blob: bytes, *, restricted: Keys, fresh: Keys) -> bytes:
    """The same ring under another restricted key; WorkspaceDamaged as for `unpack`."""
    ring = Ring.unpack(restricted, blob)
    try:
        return ring.pack(fresh)
    finally:
        ring.forget()


def kept_in(connection: cipher.Connection) -> bytes | None:
    """The packed ring in this database; None where there is none, or no table for it yet."""
    if "setting" not in cipher.tables(connection):
        return None
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (SETTING,)).fetchone()
    return None if row is None else msgspec.msgpack.decode(row[0], type=bytes)
