"""A backup whose passwords nobody knows any more, laid out beside the workspace with what two people's keys gave.

What lies there afterwards is a workspace at rest, into which `app.vault.recovery.recover` lets somebody, and which then
takes the place of the present one like any restored backup. Until then nothing here is touched.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from app.errors import Conflicted, WorkspaceDamaged
from app.i18n import _
from app.vault import restoring
from app.vault.attempts import Clock
from app.vault.backup import UNFINISHED
from app.vault.escrow import Opened
from app.vault.files import BACKUPS, DATABASE, KEY_FILE, be_private, private_folder
from app.vault.kdf import wipe
from app.vault.keyfile import KeyFile, read_key_file
from app.vault.place import refuse_share
from app.vault.recovery import older_escrow, other_workspace
from app.vault.rekey import with_escrow, write_prepared
from app.vault.sidecar import open_sidecar


def lay_out(backup: Path, *, directory: Path, opened: Opened, now: Clock) -> tuple[Path, Opened]:
    """The folder of what was made beside the workspace of `directory`, and the escrow it has now.

    Conflicted for an escrow of another workspace, of other keys or an older one; Invalid for a folder of something
    else; WorkspaceDamaged for a backup that is not whole. Then nothing is left and the keys are wiped.
    """
    building = directory / (restoring.RESTORED + UNFINISHED)
    made = not directory.exists()
    try:
        be_private()
        key_file = _key_file(backup, opened)
        _require_fitting(directory, opened, told=key_file)
        refuse_share(private_folder(directory))
        restoring.build(backup, building, key_file=key_file, keys=opened.held.keys, actor="", now=now)
        return building, _sealed_anew(building, key_file, opened=opened)
    except BaseException:
        opened.held.wipe()
        shutil.rmtree(directory if made else building, ignore_errors=True)
        raise


def _key_file(backup: Path, opened: Opened) -> KeyFile:
    """The backup's key file; one of nobody if it is missing or damaged and the escrow has to stand in for it."""
    nobody = KeyFile(opened.held.keys.vault_id, opened.generation, True, opened.device, ())
    try:
        key_file = read_key_file(backup)
    except WorkspaceDamaged:
        key_file = nobody
    if key_file.vault_id != nobody.vault_id:
        raise other_workspace()
    signed = key_file is not nobody and key_file.is_signed_by(opened.held.keys)
    try:
        wipe(open_sidecar(backup, keys=opened.held.keys)[0])
    except WorkspaceDamaged as error:
        if signed:
            raise
        told = _("This escrow does not open this backup, or the backup is not whole. Take the escrow.age that lies in "
                 "the backup itself. Nothing was changed.")  # fmt: skip
        raise Conflicted(told) from error
    return key_file if signed else nobody


def _require_fitting(directory: Path, opened: Opened, *, told: KeyFile) -> None:
    """That the folder is this workspace's, and that neither it nor the backup knows a newer escrow of these keys."""
    if directory.exists() and any(directory.iterdir()):
        if not any((directory / name).exists() for name in (DATABASE, KEY_FILE, BACKUPS)):
            raise restoring.not_empty()
        restoring.require_same_workspace(directory, vault_id=told.vault_id)
    here = _signed(directory, opened)
    record = here.escrow if here else told.escrow
    if record is not None and record.generation > opened.generation:
        raise older_escrow()
    if record is not None and record.generation == opened.generation and not record.is_sealed_by(opened.restricted):
        raise older_escrow()


def _signed(directory: Path, opened: Opened) -> KeyFile | None:
    """What is known here under the same keys; None when they were changed since, or the key file is lost."""
    try:
        key_file = read_key_file(directory)
    except WorkspaceDamaged:
        return None
    return key_file if key_file.is_signed_by(opened.held.keys) else None


def _sealed_anew(building: Path, key_file: KeyFile, *, opened: Opened) -> Opened:
    """The backup's escrow may be older than the one that was opened, or there was none yet: it gets that one."""
    if not key_file.slots:
        return opened
    wanted = key_file.with_contents(device=key_file.device, slots=key_file.slots)
    prepared = with_escrow(wanted, opened.trustees, held=opened.held)
    write_prepared(building, prepared)
    return replace(opened, generation=prepared.key_file.generation)
