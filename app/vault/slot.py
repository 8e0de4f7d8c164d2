"""A slot: one person's way to the data key, by their password alone, and a way for a new data key to reach them.

    password -> KEK -> the slot's own X25519 key and the signing key of this device     (sealed once, by the password)
    data key -> sealed to the slot's X25519 key, signed by this device                  (sealed anew at every rekey)

So a new data key is sealed to people who are not there. The signing key is pinned under the password: nobody who
merely writes to the file can give a slot a data key of their own choosing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from app.vault.canonical import from_text, to_json, to_text
from app.vault.identity import DeviceIdentity
from app.vault.kdf import KEY_BYTES, SALT_BYTES, KdfCost, expand, slot_key, wipe
from app.vault.keys import NONCE_BYTES, Keys, Sealed, seal, unseal

FIRST_VERSION, VERSION = 1, 2  # of what a slot's wrap is bound to
DOMAIN = b"naungan/1/data key for a slot\x00"
EMPTY = Sealed(b"", b"")


@dataclass(frozen=True)
class UserSlot:
    """A person who may open this workspace. `role` is a hint for the screen, not a right."""

    id: str
    login: str
    name: str
    role: str


@dataclass(frozen=True)
class Door:
    """The data key, sealed to the slot's own key."""

    public: bytes  # of the slot, X25519
    ephemeral: bytes = b""  # of whoever sealed it, X25519
    sealed: Sealed = EMPTY
    signature: bytes = b""  # of this device, Ed25519

    def to_json(self) -> dict[str, str]:
        """As it stands in the key file."""
        told = {"public": self.public, "ephemeral": self.ephemeral, "signature": self.signature}
        told |= {"nonce": self.sealed.nonce, "sealed": self.sealed.box}
        return {name: to_text(raw) for name, raw in told.items()}

    @classmethod
    def from_json(cls, told: dict[str, str]) -> Door:
        """The inverse."""
        raw = {name: from_text(text) for name, text in told.items()}
        return cls(raw["public"], raw["ephemeral"], Sealed(raw["nonce"], raw["sealed"]), raw["signature"])


@dataclass(frozen=True)
class Slot:
    """`generation` grows each time this user's password is changed. Without a door it is one of the first version:
    then `sealed` is the data key itself, and a rekey cannot reach it."""

    user: UserSlot
    id: str
    kdf: KdfCost
    salt: bytes
    generation: int
    sealed: Sealed
    door: Door | None = None

    def facts(self) -> dict[str, Any]:
        """What the wrap is bound to besides the vault: change any of it and the slot opens for nobody."""
        return {
            "user": vars(self.user).copy(),
            "slot": self.id,
            "kdf": {"name": "argon2id", **vars(self.kdf)},
            "salt": to_text(self.salt),
            "generation": self.generation,
        }

    @property
    def is_plausible(self) -> bool:
        """Types, lengths and bands of everything that is used before the HMAC can be checked."""
        lengths = (len(self.salt), len(self.sealed.nonce), len(self.sealed.box))
        door = self.door
        return (
            self.kdf.allowed
            and is_id(self.id)
            and is_id(self.user.id)
            and all(type(text) is str and text for text in vars(self.user).values())
            and type(self.generation) is int
            and lengths == (SALT_BYTES, NONCE_BYTES, KEY_BYTES * (2 if door else 1) + 16)
            and (door is None or _lengths(door) == (32, 32, NONCE_BYTES, KEY_BYTES + 16, 64))
        )


def is_id(text: object) -> bool:
    """32 hexadecimal digits."""
    return type(text) is str and len(text) == 32 and set(text) <= set("0123456789abcdef")


def make_slot(
    user: UserSlot, *, password: str, cost: KdfCost, keys: Keys, device: DeviceIdentity, generation: int = 1
) -> Slot:
    """A slot that this password opens."""
    private = X25519PrivateKey.generate()
    door = Door(private.public_key().public_bytes_raw())
    bare = Slot(user, secrets.token_hex(16), cost, secrets.token_bytes(SALT_BYTES), generation, EMPTY, door)
    aad = _aad(bare, vault_id=keys.vault_id)
    key = slot_key(password, cost=cost, salt=bare.salt, context=aad)
    inside = bytearray(private.private_bytes_raw() + device.sign_public)
    try:
        locked = replace(bare, sealed=seal(key, inside, aad=aad))
    finally:
        wipe(key)
        wipe(inside)
    return with_key(locked, keys=keys, device=device)


def with_key(slot: Slot, *, keys: Keys, device: DeviceIdentity) -> Slot:
    """The same slot with this data key behind it: nobody's password is needed. ValueError for one without a door."""
    if slot.door is None:
        raise ValueError("a slot of the first version takes no new data key")
    ephemeral = X25519PrivateKey.generate()
    door = Door(slot.door.public, ephemeral.public_key().public_bytes_raw())
    aad = _aad(slot, vault_id=keys.vault_id)
    with _shared(ephemeral, peer=door.public, aad=aad) as key:
        door = replace(door, sealed=keys.seal_into_slot(key, aad=aad))
    return replace(slot, door=replace(door, signature=device.sign(_signed(door, aad=aad))))


def open_slot(slot: Slot, *, password: str, vault_id: str) -> Keys | None:
    """The data key, or None when the password (or anything the slot is bound to) is not right."""
    aad = _aad(slot, vault_id=vault_id)
    key = slot_key(password, cost=slot.kdf, salt=slot.salt, context=aad)
    try:
        inside = unseal(key, slot.sealed, aad=aad)
    finally:
        wipe(key)
    if inside is None:
        return None
    if slot.door is None:
        return Keys(inside, vault_id=vault_id)
    try:
        dek = _through(slot.door, inside, aad=aad)
    finally:
        wipe(inside)
    return None if dek is None else Keys(dek, vault_id=vault_id)


def _through(door: Door, inside: bytearray, *, aad: bytes) -> bytearray | None:
    private = X25519PrivateKey.from_private_bytes(inside[:32])
    try:
        Ed25519PublicKey.from_public_bytes(bytes(inside[32:])).verify(door.signature, _signed(door, aad=aad))
        with _shared(private, peer=door.ephemeral, aad=aad) as key:
            return unseal(key, door.sealed, aad=aad)
    except (InvalidSignature, ValueError):  # ValueError: a point of the curve that gives no secret
        return None


@contextmanager
def _shared(private: X25519PrivateKey, *, peer: bytes, aad: bytes) -> Iterator[bytearray]:
    """The key that both ends of the exchange come to, bound to the slot, wiped when the block ends."""
    common, key = bytearray(private.exchange(X25519PublicKey.from_public_bytes(peer))), bytearray(KEY_BYTES)
    try:
        ends = sorted((private.public_key().public_bytes_raw(), peer))
        expand(common, context=DOMAIN + aad, salt=b"".join(ends), into=key)
        yield key
    finally:
        wipe(common)
        wipe(key)


def _signed(door: Door, *, aad: bytes) -> bytes:
    return DOMAIN + door.ephemeral + door.sealed.nonce + door.sealed.box + aad


def _lengths(door: Door) -> tuple[int, ...]:
    parts = (door.public, door.ephemeral, door.sealed.nonce, door.sealed.box, door.signature)
    return tuple(map(len, parts))


def _aad(slot: Slot, *, vault_id: str) -> bytes:
    told: dict[str, Any] = {"version": FIRST_VERSION, "vault": vault_id, **slot.facts()}
    if slot.door is not None:
        told |= {"version": VERSION, "public": to_text(slot.door.public)}
    return to_json(told)
