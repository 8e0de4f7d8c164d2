"""A slot: one person's way to the keys, by their password alone, and a way for new keys to reach them.

    password [and a pepper from the system's keystore]
             -> KEK -> the slot's own X25519 key and the signing key of this device     (sealed once, by the password)
    data key -> sealed to the slot's X25519 key, signed by this device                  (sealed anew at every rekey)
    restricted key -> likewise, for who is cleared

So a new key is sealed to people who are not there. The signing key is pinned under the password: nobody who merely
writes to the file can give a slot a key of their own choosing. Whether somebody is cleared is bound to the doors, not
to the password: a cleared colleague gives it.
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
from app.vault.kdf import KEY_BYTES, SALT_BYTES, KdfCost, Peppered, Secret, expand, slot_key, wipe
from app.vault.keys import NONCE_BYTES, Keys, KeySet, Sealed, seal, unseal

WITHOUT_DOOR, WITH_DOOR, WITH_CLEARANCE = 1, 2, 3  # formats of a slot
DOMAIN = b"naungan/1/data key for a slot\x00"
RESTRICTED_DOMAIN = b"naungan/1/restricted key for a slot\x00"
EMPTY = Sealed(b"", b"")
Bound = tuple[bytes, bytes]  # a domain, and what a door is bound to


@dataclass(frozen=True)
class UserSlot:
    """A person who may open this workspace. `role` is a hint; who is `cleared` holds the restricted key."""

    id: str
    login: str
    name: str
    role: str
    cleared: bool = False


@dataclass(frozen=True)
class Door:
    """A key of the workspace, sealed to the slot's own key."""

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
    """`generation` grows each time this user's password is changed. Without a door it is one of the first format:
    then `sealed` is the data key itself, and a rekey cannot reach it. `restricted` is the second door. `pepper` is the
    digest of what it takes besides the password, if it takes anything."""

    user: UserSlot
    id: str
    kdf: KdfCost
    salt: bytes
    generation: int
    sealed: Sealed
    door: Door | None = None
    restricted: Door | None = None
    format: int = WITH_CLEARANCE
    pepper: bytes = b""

    def facts(self) -> dict[str, Any]:
        """What the wrap is bound to besides the vault: change any of it and the slot opens for nobody."""
        user = {key: value for key, value in vars(self.user).items() if key != "cleared"}
        pepper = {"pepper": to_text(self.pepper)} if self.pepper else {}
        return pepper | {
            "user": user,
            "slot": self.id,
            "kdf": {"name": "argon2id", **vars(self.kdf)},
            "salt": to_text(self.salt),
            "generation": self.generation,
        }

    @property
    def is_plausible(self) -> bool:
        """Types, lengths and bands of everything that is used before the HMAC can be checked."""
        lengths = (len(self.salt), len(self.sealed.nonce), len(self.sealed.box))
        user, doors = self.user, [door for door in (self.door, self.restricted) if door]
        return (
            self.kdf.allowed
            and is_id(self.id)
            and is_id(user.id)
            and all(type(text) is str and text for text in (user.id, user.login, user.name, user.role))
            and [type(each) for each in (user.cleared, self.generation)] == [bool, int]
            and lengths == (SALT_BYTES, NONCE_BYTES, KEY_BYTES * (2 if self.door else 1) + 16)
            and all(_lengths(door) == (32, 32, NONCE_BYTES, KEY_BYTES + 16, 64) for door in doors)
            and user.cleared == bool(self.restricted)
            and (not self.pepper or (len(self.pepper) == 32 and self.format == WITH_CLEARANCE))
        )


def is_id(text: object) -> bool:
    """32 hexadecimal digits."""
    return type(text) is str and len(text) == 32 and set(text) <= set("0123456789abcdef")


def make_slot(
    user: UserSlot, *, password: Secret, cost: KdfCost, held: KeySet, device: DeviceIdentity, generation: int = 1
) -> Slot:
    """A slot that this password opens. ValueError for a cleared user without the restricted key."""
    private = X25519PrivateKey.generate()
    door = Door(private.public_key().public_bytes_raw())
    pepper = password.digest if isinstance(password, Peppered) else b""
    salt = secrets.token_bytes(SALT_BYTES)
    bare = Slot(user, secrets.token_hex(16), cost, salt, generation, EMPTY, door, pepper=pepper)
    aad = _aad(bare, vault_id=held.keys.vault_id)
    key = slot_key(password, cost=cost, salt=bare.salt, context=aad)
    inside = bytearray(private.private_bytes_raw() + device.sign_public)
    try:
        locked = replace(bare, sealed=seal(key, inside, aad=aad))
    finally:
        wipe(key)
        wipe(inside)
    return with_keys(locked, held=held, device=device)


def with_keys(slot: Slot, *, held: KeySet, device: DeviceIdentity) -> Slot:
    """The same slot with these keys behind it, as its user is cleared or not: nobody's password is needed.

    Without a restricted key at hand the second door stays as it is. ValueError for a slot without a door.
    """
    if slot.door is None:
        raise ValueError("a slot of the first format takes no new key")
    public = slot.door.public
    slot = replace(slot, format=WITH_CLEARANCE, restricted=slot.restricted if slot.user.cleared else None)
    aad = _door_aad(slot, vault_id=held.keys.vault_id)
    slot = replace(slot, door=_door(public, held.keys, device=device, bound=(DOMAIN, aad)))
    if slot.user.cleared and held.restricted is not None:
        bound = (RESTRICTED_DOMAIN, aad)
        slot = replace(slot, restricted=_door(public, held.restricted, device=device, bound=bound))
    if slot.user.cleared and slot.restricted is None:
        raise ValueError("only who is cleared clears somebody")
    return slot


def open_slot(slot: Slot, *, password: Secret, vault_id: str) -> Keys | None:
    """The data key alone, or None as for `held_by`."""
    held = held_by(slot, password=password, vault_id=vault_id)
    if held is not None and held.restricted is not None:
        held.restricted.wipe()
    return held.keys if held else None


def held_by(slot: Slot, *, password: Secret, vault_id: str) -> KeySet | None:
    """What its user holds, or None when the password (or anything the slot is bound to) is not right."""
    aad = _aad(slot, vault_id=vault_id)
    key = slot_key(password, cost=slot.kdf, salt=slot.salt, context=aad)
    try:
        inside = unseal(key, slot.sealed, aad=aad)
    finally:
        wipe(key)
    if inside is None:
        return None
    if slot.door is None:
        return KeySet(Keys(inside, vault_id=vault_id))
    aad = _door_aad(slot, vault_id=vault_id)
    try:
        dek = _through(slot.door, inside, bound=(DOMAIN, aad))
        restricted = _through(slot.restricted, inside, bound=(RESTRICTED_DOMAIN, aad)) if slot.restricted else None
    finally:
        wipe(inside)
    if dek is None or (slot.restricted and restricted is None):
        return None
    return KeySet(Keys(dek, vault_id=vault_id), Keys(restricted, vault_id=vault_id) if restricted else None)


def _door(public: bytes, keys: Keys, *, device: DeviceIdentity, bound: Bound) -> Door:
    ephemeral = X25519PrivateKey.generate()
    with _shared(ephemeral, peer=public, bound=bound) as key:
        sealed = keys.seal_into_slot(key, aad=bound[1])
    door = Door(public, ephemeral.public_key().public_bytes_raw(), sealed)
    return replace(door, signature=device.sign(_signed(door, bound=bound)))


def _through(door: Door, inside: bytearray, *, bound: Bound) -> bytearray | None:
    private = X25519PrivateKey.from_private_bytes(inside[:32])
    try:
        Ed25519PublicKey.from_public_bytes(bytes(inside[32:])).verify(door.signature, _signed(door, bound=bound))
        with _shared(private, peer=door.ephemeral, bound=bound) as key:
            return unseal(key, door.sealed, aad=bound[1])
    except (InvalidSignature, ValueError):  # ValueError: a point of the curve that gives no secret
        return None


@contextmanager
def _shared(private: X25519PrivateKey, *, peer: bytes, bound: Bound) -> Iterator[bytearray]:
    """The key that both ends of the exchange come to, bound to domain and slot, wiped when the block ends."""
    common, key = bytearray(private.exchange(X25519PublicKey.from_public_bytes(peer))), bytearray(KEY_BYTES)
    try:
        ends = sorted((private.public_key().public_bytes_raw(), peer))
        expand(common, context=b"".join(bound), salt=b"".join(ends), into=key)
        yield key
    finally:
        wipe(common)
        wipe(key)


def _signed(door: Door, *, bound: Bound) -> bytes:
    domain, aad = bound
    return domain + door.ephemeral + door.sealed.nonce + door.sealed.box + aad


def _lengths(door: Door) -> tuple[int, ...]:
    parts = (door.public, door.ephemeral, door.sealed.nonce, door.sealed.box, door.signature)
    return tuple(map(len, parts))


def _aad(slot: Slot, *, vault_id: str) -> bytes:
    """What the password's wrap is bound to."""
    told: dict[str, Any] = {"version": WITHOUT_DOOR, "vault": vault_id, **slot.facts()}
    if slot.door is not None:
        told |= {"version": WITH_DOOR, "public": to_text(slot.door.public)}
    return to_json(told)


def _door_aad(slot: Slot, *, vault_id: str) -> bytes:
    """What the doors are bound to: the same, and from the third format on whether their user is cleared."""
    if slot.door is None or slot.format < WITH_CLEARANCE:
        return _aad(slot, vault_id=vault_id)
    told = {"version": WITH_CLEARANCE, "vault": vault_id, "public": to_text(slot.door.public), **slot.facts()}
    return to_json({**told, "cleared": slot.user.cleared})
