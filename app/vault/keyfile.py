"""The key file: who may open the workspace, each with a slot that gives them their keys by their own password.

It is JSON in one canonical form and carries an HMAC under the data key; a file whose bytes are not exactly
what the program would write is refused. Names stand in clear, because the unlock screen must show them.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.errors import WorkspaceDamaged, WorkspaceNewer
from app.i18n import _
from app.vault.canonical import from_text, to_json, to_text
from app.vault.escrow import Escrow
from app.vault.faults import translated
from app.vault.files import KEY_FILE, write_whole
from app.vault.identity import SealedIdentity
from app.vault.kdf import KdfCost
from app.vault.keys import NONCE_BYTES, Keys, Sealed
from app.vault.slot import WITH_CLEARANCE, WITH_DOOR, WITHOUT_DOOR, Door, Slot, UserSlot, is_id

FORMAT = "naungan-keys"
VERSION = 4
ANCHORED = 2  # from this version on an initialised workspace has an anchor, and a missing one is an alarm
DOORS = 3  # from this version on slots have doors; those of people who did not come since still have none
CLEARANCE = 4  # from this version on slots say who is cleared
LARGEST = 1 << 20


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
    escrow: Escrow | None = None

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
        return self.with_contents(device=self.device, slots=tuple(known.values()))

    def without_user(self, user_id: str) -> KeyFile:
        """The next generation of the file, without this user."""
        kept = tuple(slot for slot in self.slots if slot.user.id != user_id)
        return self.with_contents(device=self.device, slots=kept)

    def with_contents(self, *, device: SealedIdentity, slots: tuple[Slot, ...]) -> KeyFile:
        """The next generation of the file, to be signed."""
        return replace(self, device=device, slots=slots, generation=self.generation + 1, version=VERSION, mac=b"")

    def signed(self, keys: Keys) -> KeyFile:
        """The same file with its HMAC."""
        return replace(self, mac=keys.mac("key file", to_json(self._body())))

    def is_signed_by(self, keys: Keys) -> bool:
        """Whether nobody changed the file since a holder of the data key wrote it."""
        return hmac.compare_digest(self.mac, keys.mac("key file", to_json(self._body())))

    def to_bytes(self) -> bytes:
        """The one form in which this file is written."""
        return to_json({**self._body(), "mac": to_text(self.mac)})

    def _body(self) -> dict[str, Any]:
        escrow = {} if self.escrow is None else {"escrow": self.escrow.to_json()}
        return escrow | {
            "format": FORMAT,
            "version": self.version,
            "vault": self.vault_id,
            "generation": self.generation,
            "initialised": self.initialised,
            "device": {
                "sign_public": to_text(self.device.sign_public),
                "box_public": to_text(self.device.box_public),
                **_sealed_to_json(self.device.sealed),
            },
            "slots": [_slot_to_json(slot) for slot in self.slots],
        }


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
        device=SealedIdentity(
            from_text(device["sign_public"]), from_text(device["box_public"]), _sealed_from_json(device)
        ),
        slots=tuple(_slot_from_json(each) for each in told["slots"]),
        mac=from_text(told["mac"]),
        version=told["version"],
        escrow=Escrow.from_json(told["escrow"]) if "escrow" in told else None,
    )


def _slot_to_json(slot: Slot) -> dict[str, Any]:
    told = {**slot.facts(), **_sealed_to_json(slot.sealed)}
    if slot.door is not None:
        told["door"] = slot.door.to_json()
    if slot.format >= WITH_CLEARANCE:
        told["user"]["cleared"] = slot.user.cleared
    if slot.restricted is not None:
        told["restricted"] = {name: text for name, text in slot.restricted.to_json().items() if name != "public"}
    return told


def _slot_from_json(told: dict[str, Any]) -> Slot:
    cost = {name: value for name, value in told["kdf"].items() if name != "name"}
    door = told.get("door")
    restricted = {**told["restricted"], "public": told["door"]["public"]} if "restricted" in told else None
    return Slot(
        user=UserSlot(**told["user"]),
        id=told["slot"],
        kdf=KdfCost(**cost),
        salt=from_text(told["salt"]),
        generation=told["generation"],
        sealed=_sealed_from_json(told),
        door=Door.from_json(door) if door is not None else None,
        restricted=Door.from_json(restricted) if restricted is not None else None,
        format=WITHOUT_DOOR if door is None else WITH_CLEARANCE if "cleared" in told["user"] else WITH_DOOR,
        pepper=from_text(told["pepper"]) if "pepper" in told else b"",
    )


def _is_plausible(key_file: KeyFile) -> bool:
    """Types, lengths and bands: everything that is used before the HMAC can be checked."""
    logins = {slot.user.login.casefold() for slot in key_file.slots}
    return (
        type(key_file.version) is int
        and 1 <= key_file.version <= VERSION
        and is_id(key_file.vault_id)
        and [type(each) for each in (key_file.initialised, key_file.generation)] == [bool, int]
        and len(key_file.device.sealed.nonce) == NONCE_BYTES
        and len(key_file.device.sealed.box) == 64 + 16
        and 0 < len(key_file.slots) == len(logins)
        and all(slot.is_plausible for slot in key_file.slots)
        and (key_file.version >= DOORS or not any(slot.door for slot in key_file.slots))
        and (key_file.version >= CLEARANCE or not any(slot.format >= WITH_CLEARANCE for slot in key_file.slots))
        and (key_file.escrow is None or (key_file.version >= CLEARANCE and key_file.escrow.is_plausible))
    )


def _sealed_to_json(sealed: Sealed) -> dict[str, str]:
    return {"nonce": to_text(sealed.nonce), "sealed": to_text(sealed.box)}


def _sealed_from_json(told: dict[str, Any]) -> Sealed:
    return Sealed(from_text(told["nonce"]), from_text(told["sealed"]))


def _altered() -> WorkspaceDamaged:
    return WorkspaceDamaged(
        _("The key file of this workspace was altered or damaged. Nothing was changed; restore a backup.")
    )
