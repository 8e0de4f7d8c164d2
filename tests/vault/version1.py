"""A workspace as the first program left it: slots that are the data key itself, key file of version 1, no anchor."""

from __future__ import annotations

import secrets
from dataclasses import replace

from app.vault.canonical import to_json
from app.vault.kdf import CHEAPEST, slot_key
from app.vault.keyfile import KeyFile, write_key_file
from app.vault.keys import Keys, Sealed
from app.vault.slot import Slot
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
    bare = Slot(slot.user, slot.id, CHEAPEST, secrets.token_bytes(16), slot.generation, Sealed(b"", b""))
    aad = to_json({"version": 1, "vault": keys.vault_id, **bare.facts()})
    key = slot_key(password, cost=CHEAPEST, salt=bare.salt, context=aad)
    return replace(bare, sealed=keys.seal_into_slot(key, aad=aad))
