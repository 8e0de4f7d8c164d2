"""Before a workspace is open: whether there is one, who may come in, what a name and a password give."""

from __future__ import annotations

from pathlib import Path

from app.errors import Invalid, WorkspaceDamaged
from app.i18n import _
from app.vault import cipher, restoring
from app.vault.attempts import Attempts, Clock, count_try, wrong_password
from app.vault.backup import backups
from app.vault.files import DATABASE, KEY_FILE
from app.vault.keyfile import KeyFile, read_key_file
from app.vault.keys import KeySet
from app.vault.keystore import with_pepper
from app.vault.slot import UserSlot, held_by


def users(directory: Path) -> tuple[UserSlot, ...]:
    """Who may open the workspace in this folder; needs no key. WorkspaceDamaged when there is none."""
    return read_finished(directory).users


def wait_seconds(directory: Path, *, now: Clock) -> int:
    """Whole seconds until the next try is allowed, whoever makes it."""
    return Attempts.read(directory).wait_seconds(now())


def refuse_existing(directory: Path) -> None:
    """Invalid when the folder holds a workspace, or the remains of one: nothing is ever overwritten."""
    remains = (directory / DATABASE).exists() or any(backups(directory))
    if remains or ((directory / KEY_FILE).exists() and read_key_file(directory).initialised):
        there = _("There is already a workspace in this folder. Open it, or choose another folder.")
        raise Invalid(there, [("directory", there)])


def read_finished(directory: Path) -> KeyFile:
    """The key file of a workspace that has its database; WorkspaceDamaged when either is not what it should be."""
    restoring.finish(directory)
    key_file = read_key_file(directory)
    if not key_file.initialised and not (directory / DATABASE).exists():
        raise WorkspaceDamaged(_("This workspace was never finished. Create it again in the same folder."))
    cipher.check_is_ours(directory / DATABASE)
    return key_file


def open_keys(directory: Path, *, key_file: KeyFile, login: str, password: str, now: Clock) -> KeySet:
    """What who has this name and password holds; every try counts, an unknown name like a wrong password.

    KeystoreFailed, which is no try: without the pepper no password can be tried.
    """
    slot = key_file.slot_of(login)
    secret = with_pepper(slot, password, vault_id=key_file.vault_id) if slot else password
    wait = count_try(directory, now=now)
    held = held_by(slot, password=secret, vault_id=key_file.vault_id) if slot else None
    if held is None:
        raise wrong_password(wait)
    return held
