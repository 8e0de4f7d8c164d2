"""Verified copies of the workspace, each a folder of its own that can be carried away and restored alone.

    backups/20261124T060450Z/    workspace.db (under a random key of its own)    backup.json (that key, sealed)
                                 naungan.keys (as it was that day)

A backup opens with the passwords of the day it was made. It is in DELETE journal mode, because a file in WAL mode
cannot be opened from a read-only medium.
"""

from __future__ import annotations

import json
import secrets
import shutil
from base64 import b64decode, b64encode
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import Invalid, WorkspaceDamaged
from app.i18n import _
from app.models.local import AuditEntry
from app.vault import cipher, migrate
from app.vault.attempts import Clock, wrong_password
from app.vault.chain import append
from app.vault.engine import connect, connect_fresh
from app.vault.faults import damaged, translated
from app.vault.files import (
    BACKUPS,
    DATABASE,
    be_private,
    new_private_file,
    private_folder,
    sync_file,
    sync_folder,
    write_whole,
)
from app.vault.freshness import anchor_at_rest
from app.vault.identity import device_id
from app.vault.kdf import KEY_BYTES, wipe
from app.vault.keyfile import KeyFile, read_key_file, write_key_file
from app.vault.keys import Keys, Sealed
from app.vault.slot import open_slot

if TYPE_CHECKING:  # a workspace makes a backup before it migrates, so it imports this module
    from app.vault.workspace import Workspace

SIDECAR = "backup.json"
NAME = "%Y%m%dT%H%M%SZ"
UNFINISHED = ".unfinished"
DAYS, WEEKS = 7, 4


@dataclass(frozen=True)
class Backup:
    """A finished backup: its folder, when it was made (UTC), and its size."""

    path: Path
    at: datetime
    bytes: int


def back_up(workspace: Workspace, *, now: Clock) -> Backup:
    """A new backup, opened and compared with what it was made from before it counts; older ones are thinned out."""
    made = make_backup(workspace.directory, key_file=workspace.key_file(), keys=workspace.keys, now=now)
    thin_out(workspace.directory)
    return made


def backups(directory: Path) -> tuple[Backup, ...]:
    """The finished backups of a workspace, newest first."""
    folder = directory / BACKUPS
    found = [_described(each) for each in folder.iterdir()] if folder.is_dir() else []
    return tuple(sorted((each for each in found if each), key=lambda each: each.at, reverse=True))


def restore(backup: Path, *, into: Path, login: str, password: str, now: Clock) -> None:
    """Build a workspace from a backup in a new folder, verified before it takes its name.

    Its data counts as the latest from then on, because a person wanted it so; the restore is in its audit.

    Invalid when the folder is in use, WrongPassword for a password that was not valid on the day of the backup,
    WorkspaceDamaged when the backup is not whole. The delay of wrong tries does not run here: a backup may lie
    on a read-only stick, and there Argon2id alone is the barrier.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        taken = _("This folder is not empty. Choose a new one; a backup never overwrites anything.")
        raise Invalid(taken, [("directory", taken)])
    be_private()
    key_file = read_key_file(backup)
    keys = _opened(key_file, login=login, password=password)
    building = into.with_name(into.name + ".restoring")
    try:
        with translated():
            shutil.rmtree(building, ignore_errors=True)
            private_folder(building)
            _restore_database(backup, building / DATABASE, keys=keys)
            entry = _audit_of_restore(backup, key_file=key_file, login=login, at=now())
            _settle_with(entry, building / DATABASE, keys=keys)
            write_key_file(building, key_file)
            anchor_at_rest(building, key_file=key_file, keys=keys, now=now)
            if into.exists():
                into.rmdir()
            building.rename(into)
            sync_folder(into.parent)
    finally:
        keys.wipe()
        shutil.rmtree(building, ignore_errors=True)


def make_backup(directory: Path, *, key_file: KeyFile, keys: Keys, now: Clock) -> Backup:
    """One verified backup; nothing bears a finished name before everything is on the disk and compared."""
    at = now().astimezone(UTC)
    folder = private_folder(directory / BACKUPS)
    remove_unfinished(directory)
    building = folder / f"{at:{NAME}}{UNFINISHED}"
    backup_id, key = secrets.token_hex(16), bytearray(secrets.token_bytes(KEY_BYTES))
    try:
        with translated():
            private_folder(building)
            counts = _copy_rows(directory / DATABASE, building / DATABASE, keys=keys, key=key)
            _require_same(cipher.connect(building / DATABASE, key=key), counts=counts)
            write_key_file(building, key_file)
            write_whole(building / SIDECAR, _sidecar(backup_id, at=at, counts=counts, keys=keys, key=key))
            done = _free_name(folder, at=at)
            building.rename(done)
            sync_folder(folder)
    finally:
        wipe(key)
        shutil.rmtree(building, ignore_errors=True)
    return Backup(done, at, _size(done))


def remove_unfinished(directory: Path) -> None:
    """Remove what a killed or failed backup left."""
    for each in (directory / BACKUPS).glob(f"*{UNFINISHED}"):
        shutil.rmtree(each, ignore_errors=True)


def thin_out(directory: Path) -> None:
    """Remove what `to_keep` does not name; the newest of all always stays."""
    found = backups(directory)
    kept = to_keep(each.at for each in found)
    for each in found:
        if each.at not in kept:
            shutil.rmtree(each.path)


def to_keep(moments: Iterable[datetime]) -> set[datetime]:
    """Which backups stay: the newest of the last 7 days that have one, then of the last 4 ISO weeks before those."""
    newest_first = sorted(moments, reverse=True)
    days = _newest_per([(moment.date(), moment) for moment in newest_first])[:DAYS]
    weeks = [(moment.isocalendar()[:2], moment) for moment in newest_first if moment.date() < days[-1].date()]
    return {*days, *_newest_per(weeks)[:WEEKS]}


def _newest_per(dated: Iterable[tuple[object, datetime]]) -> list[datetime]:
    found: dict[object, datetime] = {}
    for period, moment in dated:
        found.setdefault(period, moment)
    return list(found.values())


def _copy_rows(source: Path, target: Path, *, keys: Keys, key: bytearray) -> dict[str, int]:
    """Copy one consistent state page by page under another key, while the workspace stays in use; its row counts."""
    new_private_file(target)
    with closing(connect(source, keys=keys)) as reading, closing(cipher.connect_fresh(target, key=key)) as writing:
        reading.execute("BEGIN")  # one snapshot for the counts and the copy
        counts = cipher.row_counts(reading)
        reading.backup(writing)
        reading.execute("COMMIT")
        writing.execute("PRAGMA journal_mode = DELETE")
    sync_file(target)
    return counts


def _require_same(connection: cipher.Connection, *, counts: dict[str, int]) -> None:
    with closing(connection):
        if cipher.problems(connection) or cipher.row_counts(connection) != counts:
            raise WorkspaceDamaged(_("The copy is not equal to the original. Check the disk and back up again."))


def _sidecar(backup_id: str, *, at: datetime, counts: dict[str, int], keys: Keys, key: bytearray) -> bytes:
    told: dict[str, Any] = {"version": 1, "vault": keys.vault_id, "backup": backup_id}
    told |= {"at": at.isoformat(), "rows": counts}
    sealed = keys.seal(f"backup {backup_id}", key, aad=_canonical(told))
    return _canonical({**told, "nonce": b64encode(sealed.nonce).decode(), "sealed": b64encode(sealed.box).decode()})


def _restore_database(backup: Path, target: Path, *, keys: Keys) -> None:
    key, counts = _open_sidecar(backup, keys=keys)
    try:
        # A backup may lie on a read-only medium, so it is copied first and opened here.
        unpacked = target.with_name("backup.db")
        cipher.check_is_ours(backup / DATABASE)
        shutil.copyfile(backup / DATABASE, unpacked)
        _require_same(cipher.connect(unpacked, key=key), counts=counts)
        _rewrite(unpacked, target, keys=keys, key=key)
        unpacked.unlink()
        _require_same(connect(target, keys=keys), counts=counts)
    finally:
        wipe(key)


def _audit_of_restore(backup: Path, *, key_file: KeyFile, login: str, at: datetime) -> AuditEntry:
    slot = key_file.slot_of(login)
    return AuditEntry(
        at=at.astimezone(UTC), actor=slot.user.id if slot else "", device=device_id(key_file.device.sign_public),
        action="restore", kind="workspace", record=key_file.vault_id, fields=backup.name,
    )  # fmt: skip


def _settle_with(entry: AuditEntry, database: Path, *, keys: Keys) -> None:
    with closing(connect(database, keys=keys)) as connection:
        append(connection, entry)
    migrate.settle(database, keys=keys)
    sync_file(database)


def _rewrite(source: Path, target: Path, *, keys: Keys, key: bytearray) -> None:
    new_private_file(target)
    with closing(cipher.connect(source, key=key)) as reading, closing(connect_fresh(target, keys=keys)) as writing:
        reading.backup(writing)
        cipher.use_write_ahead_log(writing)


def _open_sidecar(backup: Path, *, keys: Keys) -> tuple[bytearray, dict[str, int]]:
    try:
        told = json.loads((backup / SIDECAR).read_bytes())
        sealed = Sealed(b64decode(told.pop("nonce"), validate=True), b64decode(told.pop("sealed"), validate=True))
        key = keys.unseal(f"backup {told['backup']}", sealed, aad=_canonical(told))
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _not_whole() from error
    if key is None:
        raise _not_whole()
    return key, told["rows"]


def _opened(key_file: KeyFile, *, login: str, password: str) -> Keys:
    slot = key_file.slot_of(login)
    keys = open_slot(slot, password=password, vault_id=key_file.vault_id) if slot else None
    if keys is None:
        raise wrong_password(0)
    if not key_file.is_signed_by(keys):
        keys.wipe()
        raise damaged()
    return keys


def _described(folder: Path) -> Backup | None:
    try:
        at = datetime.strptime(folder.name.partition("-")[0], NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Backup(folder, at, _size(folder)) if (folder / SIDECAR).is_file() else None


def _free_name(folder: Path, *, at: datetime) -> Path:
    """The moment as a name; a second backup within one second gets a number."""
    names = [f"{at:{NAME}}", *(f"{at:{NAME}}-{n}" for n in range(2, 100))]
    return next(folder / name for name in names if not (folder / name).exists())


def _size(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.iterdir())


def _canonical(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def _not_whole() -> WorkspaceDamaged:
    return WorkspaceDamaged(_("This backup is not whole or was altered. Choose another backup."))
