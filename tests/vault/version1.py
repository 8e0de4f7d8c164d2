"""A workspace as the first program left it: slots that are the data key itself, key file of version 1, no anchor."""

from __future__ import annotations

import secrets
from dataclasses import replace

from app.vault.canonical import to_json
from app.vault.identity import DeviceIdentity
from app.vault.kdf import CHEAPEST, slot_key
from app.vault.keyfile import KeyFile, write_key_file
from app.vault.keys import Keys, Sealed
from app.vault.slot import Slot, _aad, _door
from tests.vault.offices import PASSWORD, SECOND, Office


def make_version_1(office: Office) -> None:
    """Turn the founded workspace into one."""
    with office.unlock() as workspace:
        told = of_version_1(workspace.key_file(), workspace.keys)
    write_key_file(office.directory, told)
    (office.directory / "anchor").unlink()


def of_version_1(key_file: KeyFile, keys: Keys) -> KeyFile:
    """The key file as the first program would have written it."""
    passwords = {"sari": PASSWORD, "budi": SECOND}
    slots = tuple(_direct(slot, passwords[slot.user.login], keys) for slot in key_file.slots)
    return replace(key_file, slots=slots, version=1).signed(keys)


def _direct(slot: Slot, password: str, keys: Keys) -> Slot:
    user, salt = replace(slot.user, cleared=False), secrets.token_bytes(16)
    bare = Slot(user, slot.id, CHEAPEST, salt, slot.generation, Sealed(b"", b""), format=1)
    aad = to_json({"version": 1, "vault": keys.vault_id, **bare.facts()})
    key = slot_key(password, cost=CHEAPEST, salt=bare.salt, context=aad)
    return replace(bare, sealed=keys.seal_into_slot(key, aad=aad))


def make_version_3(office: Office) -> None:
    """Turn the founded workspace into one whose slots have one door and say nothing of clearance."""
    with office.unlock() as workspace:
        key_file, device, keys = workspace.key_file(), workspace.device, workspace.keys
        told = replace(key_file, slots=tuple(_one_door(slot, keys, device) for slot in key_file.slots), version=3)
        write_key_file(office.directory, told.signed(keys))


def _one_door(slot: Slot, keys: Keys, device: DeviceIdentity) -> Slot:
    """As `with_keys`, with what the program of that day bound a door to: the same as the password's wrap."""
    assert slot.door is not None
    slot = replace(slot, user=replace(slot.user, cleared=False), restricted=None, format=2)
    bound = (b"naungan/1/data key for a slot\x00", _aad(slot, vault_id=keys.vault_id))
    return replace(slot, door=_door(slot.door.public, keys, device=device, bound=bound))
