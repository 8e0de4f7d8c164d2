"""The key file: who may open the workspace, each with a slot that holds the data key under their own password.

It is JSON in one canonical form and carries an HMAC under the data key; a file whose bytes are not exactly
what the program would write is refused. Names stand in clear, because the unlock screen must show them.
"""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.errors import WorkspaceDamaged, WorkspaceNewer
from app.i18n import _
from app.vault.faults import translated
from app.vault.files import KEY_FILE, write_whole
from app.vault.identity import SealedIdentity
from app.vault.kdf import KEY_BYTES, SALT_BYTES, KdfCost, slot_key, wipe
from app.vault.keys import NONCE_BYTES, Keys, Sealed, unseal

FORMAT = "naungan-keys"
VERSION = 2
ANCHORED = 2  # from this version on an initialised workspace has an anchor, and a missing one is an alarm
SLOT_VERSION = 1
LARGEST = 1 << 20


@dataclass(frozen=True)
class UserSlot:
    """A person who may open this workspace. `role` is a hint for the screen, not a right."""

    id: str
    login: str
    name: str
    role: str


@dataclass(frozen=True)
class Slot:
    """One wrap of the data key. `generation` grows each time this user's slot is rewritten."""

    user: UserSlot
    id: str
    kdf: KdfCost
    salt: bytes
    generation: int
    sealed: Sealed

    def facts(self) -> dict[str, Any]:
        """What the wrap is bound to besides the vault: change any of it and the slot opens for nobody."""
        return {
            "user": vars(self.user).copy(),
            "slot": self.id,
            "kdf": {"name": "argon2id", **vars(self.kdf)},
            "salt": _text(self.salt),
            "generation": self.generation,
        }


@dataclass(frozen=True)
class KeyFile:
    """The whole file. `initialised` turns true once the database exists; from then on a missing one is an alarm."""

    vault_id: str
    generation: int
    initialised: bool
    device: SealedIdentity
    slots: tuple[Slot, ...]
    mac: bytes = b""
    version: int = VERSION

    @property
    def complete(self) -> bool:
        """Whether it says everything this program has to say."""
        return self.initialised and self.version == VERSION

    @property
    def users(self) -> tuple[UserSlot, ...]:
        """Who may open it, in the order they were added."""
        return tuple(slot.user for slot in self.slots)

    def slot_of(self, login: str) -> Slot | None:
        """The slot of this sign-in name, upper and lower case alike."""
        return next((slot for slot in self.slots if slot.user.login.casefold() == login.strip().casefold()), None)

    def with_slot(self, slot: Slot) -> KeyFile:
        """The next generation of the file, with this slot added or put in the place of its user's old one."""
        known = {each.user.id: each for each in self.slots}
        known[slot.user.id] = slot
        return replace(self, slots=tuple(known.values()), generation=self.generation + 1, mac=b"")

    def signed(self, keys: Keys) -> KeyFile:
        """The same file with its HMAC."""
        return replace(self, mac=keys.mac("key file", _bytes(self._body())))

    def is_signed_by(self, keys: Keys) -> bool:
        """Whether nobody changed the file since a holder of the data key wrote it."""
        return hmac.compare_digest(self.mac, keys.mac("key file", _bytes(self._body())))

    def to_bytes(self) -> bytes:
        """The one form in which this file is written."""
        return _bytes({**self._body(), "mac": _text(self.mac)})

    def _body(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": self.version,
            "vault": self.vault_id,
            "generation": self.generation,
            "initialised": self.initialised,
            "device": {
                "sign_public": _text(self.device.sign_public),
                "box_public": _text(self.device.box_public),
                **_sealed_to_json(self.device.sealed),
            },
            "slots": [{**slot.facts(), **_sealed_to_json(slot.sealed)} for slot in self.slots],
        }


def make_slot(user: UserSlot, *, password: str, cost: KdfCost, keys: Keys, generation: int = 1) -> Slot:
    """A slot that this password opens."""
    bare = Slot(user, secrets.token_hex(16), cost, secrets.token_bytes(SALT_BYTES), generation, Sealed(b"", b""))
    aad = _aad(bare, vault_id=keys.vault_id)
    key = slot_key(password, cost=cost, salt=bare.salt, context=aad)
    try:
        return replace(bare, sealed=keys.seal_into_slot(key, aad=aad))
    finally:
        wipe(key)


def open_slot(slot: Slot, *, password: str, vault_id: str) -> Keys | None:
    """The data key, or None when the password (or anything the slot is bound to) is not right."""
    aad = _aad(slot, vault_id=vault_id)
    key = slot_key(password, cost=slot.kdf, salt=slot.salt, context=aad)
    try:
        dek = unseal(key, slot.sealed, aad=aad)
    finally:
        wipe(key)
    return None if dek is None else Keys(dek, vault_id=vault_id)


def read_key_file(directory: Path) -> KeyFile:
    """The key file of a workspace; WorkspaceDamaged when missing or altered, WorkspaceNewer when from the future."""
    try:
        with translated(), (directory / KEY_FILE).open("rb") as source:
            raw = source.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise WorkspaceDamaged(_("There is no workspace in this folder. Choose another folder.")) from error
    return parse(raw)


def write_key_file(directory: Path, key_file: KeyFile) -> None:
    """Replace the key file, all or nothing."""
    write_whole(directory / KEY_FILE, key_file.to_bytes())


def parse(raw: bytes) -> KeyFile:
    """The key file in these bytes, refused unless they are exactly what the program would write for it."""
    try:
        told = json.loads(raw)
        if told["format"] == FORMAT and type(told["version"]) is int and told["version"] > VERSION:
            raise WorkspaceNewer(_("This workspace was written by a newer version. Update Naungan to open it."))
        key_file = _from_json(told)
        sound = len(raw) <= LARGEST and key_file.to_bytes() == raw and _is_plausible(key_file)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _altered() from error
    if not sound:
        raise _altered()
    return key_file


def _from_json(told: dict[str, Any]) -> KeyFile:
    device = told["device"]
    return KeyFile(
        vault_id=told["vault"],
        generation=told["generation"],
        initialised=told["initialised"],
        device=SealedIdentity(_raw(device["sign_public"]), _raw(device["box_public"]), _sealed_from_json(device)),
        slots=tuple(_slot_from_json(each) for each in told["slots"]),
        mac=_raw(told["mac"]),
        version=told["version"],
    )


def _slot_from_json(told: dict[str, Any]) -> Slot:
    cost = {name: value for name, value in told["kdf"].items() if name != "name"}
    return Slot(
        user=UserSlot(**told["user"]),
        id=told["slot"],
        kdf=KdfCost(**cost),
        salt=_raw(told["salt"]),
        generation=told["generation"],
        sealed=_sealed_from_json(told),
    )


def _is_plausible(key_file: KeyFile) -> bool:
    """Types, lengths and bands: everything that is used before the HMAC can be checked."""
    logins = {slot.user.login.casefold() for slot in key_file.slots}
    return (
        type(key_file.version) is int
        and 1 <= key_file.version <= VERSION
        and _is_id(key_file.vault_id)
        and [type(each) for each in (key_file.initialised, key_file.generation)] == [bool, int]
        and len(key_file.device.sealed.nonce) == NONCE_BYTES
        and len(key_file.device.sealed.box) == 64 + 16
        and 0 < len(key_file.slots) == len(logins)
        and all(_is_plausible_slot(slot) for slot in key_file.slots)
    )


def _is_plausible_slot(slot: Slot) -> bool:
    return (
        slot.kdf.allowed
        and _is_id(slot.id)
        and _is_id(slot.user.id)
        and all(type(text) is str and text for text in vars(slot.user).values())
        and type(slot.generation) is int
        and (len(slot.salt), len(slot.sealed.nonce), len(slot.sealed.box)) == (SALT_BYTES, NONCE_BYTES, KEY_BYTES + 16)
    )


def _is_id(text: object) -> bool:
    return type(text) is str and len(text) == 32 and set(text) <= set("0123456789abcdef")


def _aad(slot: Slot, *, vault_id: str) -> bytes:
    return _bytes({"version": SLOT_VERSION, "vault": vault_id, **slot.facts()})


def _sealed_to_json(sealed: Sealed) -> dict[str, str]:
    return {"nonce": _text(sealed.nonce), "sealed": _text(sealed.box)}


def _sealed_from_json(told: dict[str, Any]) -> Sealed:
    return Sealed(_raw(told["nonce"]), _raw(told["sealed"]))


def _bytes(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()


def _raw(text: str) -> bytes:
    return b64decode(text, validate=True)


def _altered() -> WorkspaceDamaged:
    return WorkspaceDamaged(
        _("The key file of this workspace was altered or damaged. Nothing was changed; restore a backup.")
    )
