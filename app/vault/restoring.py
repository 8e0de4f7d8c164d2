"""A workspace from a backup: in a new folder, or in the place of the one that is here; and trying out whether it works.

In place it is made beside the old and verified; renaming its folder decides. What happens after that is moving files
one by one, which the next start goes on with, so that a kill at any moment leaves the old or the new.

    restored.unfinished/    being made, or waiting for its decision        restored-20261124T060450Z/    decided
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.errors import Conflicted, Invalid, KnownError, WorkspaceBusy, WorkspaceDamaged
from app.i18n import _
from app.models.local import AuditEntry
from app.vault import cipher, migrate, rekey
from app.vault.attempts import Clock, wrong_password
from app.vault.backup import NAME, REPLACED, UNFINISHED, require_same
from app.vault.chain import NOTHING, Break, Head, append, contains, links_after, walk
from app.vault.engine import connect, connect_fresh
from app.vault.faults import damaged, translated
from app.vault.files import (
    ANCHOR,
    ATTEMPTS,
    BACKUPS,
    DATABASE,
    ESCROW,
    KEY_FILE,
    be_private,
    new_private_file,
    private_folder,
    sync_file,
    sync_folder,
    write_whole,
)
from app.vault.files import replace as put
from app.vault.freshness import anchor_at_rest
from app.vault.identity import device_id
from app.vault.instance_lock import InstanceLock
from app.vault.kdf import wipe
from app.vault.keyfile import KeyFile, read_key_file, write_key_file
from app.vault.keys import Keys
from app.vault.keystore import BACKUP, with_pepper
from app.vault.sidecar import open_sidecar, told_by
from app.vault.slot import open_slot

RESTORED = "restored"
GONE = {errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENOTCONN}


@dataclass(frozen=True)
class TriedOut:
    """What a restore of a backup gave, tried out and thrown away again: its last link, how many rows, what is wrong."""

    head: Head
    rows: dict[str, int]
    problems: tuple[str, ...]
    broken: Break | None
    follows: bool  # whether the live chain goes on from there


def restore(backup: Path, *, into: Path, login: str, password: str, now: Clock) -> None:
    """Build a workspace from a backup in a new folder, verified before it takes its name.

    Its data counts as the latest from then on, because a person wanted it so; the restore is in its audit.

    Invalid when the folder is in use, WrongPassword for a password that was not valid on the day of the backup,
    WorkspaceDamaged when the backup is not whole. The delay of wrong tries does not run here: a backup may lie
    on a read-only stick, and there Argon2id alone is the barrier.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise not_empty()
    building = into.with_name(into.name + ".restoring")
    try:
        _build(backup, building, login=login, password=password, now=now)
        with translated():
            if into.exists():
                into.rmdir()
            building.rename(into)
            sync_folder(into.parent)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def prepare(backup: Path, *, directory: Path, login: str, password: str, now: Clock) -> None:
    """Make beside the workspace of this folder what is to take its place. Nothing of it is touched yet.

    Raises what `restore` does, and Invalid for a backup of another workspace.
    """
    require_same_workspace(directory, vault_id=read_key_file(backup).vault_id)
    building = directory / (RESTORED + UNFINISHED)
    try:
        _build(backup, building, login=login, password=password, now=now)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def require_same_workspace(directory: Path, *, vault_id: str) -> None:
    """Invalid for a backup of another workspace than the one here. What is here may be missing or damaged."""
    with suppress(WorkspaceDamaged):  # a key file that cannot be read says nothing against the backup
        if read_key_file(directory).vault_id != vault_id:
            other = _("This backup is of another workspace. It can be restored into a new folder of its own.")
            raise Invalid(other, [("backup", other)])


def put_in_place(directory: Path, *, now: Clock) -> None:
    """Let what was prepared be the workspace from now on; what was here is put aside among the backups for 35 days.

    The workspace has to be closed: WorkspaceBusy while some program has it open. Conflicted when nothing is prepared.
    """
    prepared = directory / (RESTORED + UNFINISHED)
    if not (prepared / KEY_FILE).is_file():
        raise Conflicted(_("The restored copy is not there any more. Restore the backup again."))
    lock = InstanceLock.take(directory)
    try:
        with translated():
            prepared.rename(directory / f"{RESTORED}-{now().astimezone(UTC):{NAME}}")
            sync_folder(directory)
        _move_in(directory)
    finally:
        lock.release()


def finish(directory: Path) -> None:
    """Go on with a restore that was decided and then cut off. Costs one look where there is none."""
    if not any(directory.glob(f"{RESTORED}-*")):
        return
    try:
        lock = InstanceLock.take(directory)
    except WorkspaceBusy:
        return  # whoever holds it does this
    try:
        _move_in(directory)
    finally:
        lock.release()


def forget_prepared(directory: Path) -> None:
    """Remove what was prepared and never decided."""
    shutil.rmtree(directory / (RESTORED + UNFINISHED), ignore_errors=True)


def try_out(backup: Path, *, directory: Path, keys: Keys) -> TriedOut:
    """Restore a backup of this workspace into a private folder, look at all of it, and remove it without a trace."""
    with _scratch("drill", backup, directory=directory, keys=keys) as scratch:
        with on_medium():
            _restore_database(backup, scratch / DATABASE, keys=keys)
        with closing(connect(scratch / DATABASE, keys=keys)) as found:
            head, broken = walk(links_after(found, NOTHING), after=NOTHING)
            rows, problems = cipher.row_counts(found), cipher.problems(found)
        with closing(connect(directory / DATABASE, keys=keys)) as live:
            return TriedOut(head, rows, problems, broken, contains(live, head))


def check(backup: Path, *, directory: Path, keys: Keys) -> None:
    """WorkspaceDamaged unless this backup of this workspace is whole: every page, every link, every row counted."""
    with (
        _scratch("check", backup, directory=directory, keys=keys) as scratch,
        on_medium(),
        _unpacked(backup, scratch, keys=keys),
    ):
        return


@contextmanager
def _scratch(name: str, backup: Path, *, directory: Path, keys: Keys) -> Iterator[Path]:
    """A private folder to look at a backup of this workspace in; nothing of it is left when the block ends."""
    scratch = directory / BACKUPS / f"{name}{UNFINISHED}"
    try:
        with translated():
            shutil.rmtree(scratch, ignore_errors=True)
            private_folder(scratch)
            _require_ours(backup, keys=keys)
            yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def save_copy(backup: Path, *, folder: Path) -> Path:
    """Copy a backup to a stick or another drive, read it back, and name it only then; the copy's folder."""
    if not folder.is_dir():
        raise Invalid(_("There is no folder {folder}.").format(folder=folder), [("folder", str(folder))])
    wanted = folder / f"naungan-{backup.name}"
    done = next(p for p in (wanted, *(wanted.with_name(f"{wanted.name}-{n}") for n in range(2, 100))) if not p.exists())
    building = done.with_name(done.name + UNFINISHED)
    try:
        with on_medium(), translated():
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir(mode=0o700)  # without parents: a stick just pulled must not come to be on this laptop's disk
            for name in sorted(each.name for each in backup.iterdir() if each.is_file()):
                shutil.copyfile(backup / name, building / name)
                sync_file(building / name)
                if _digest(backup / name) != _digest(building / name):
                    raise KnownError(_("What was written there is not what was copied. Use another stick or drive."))
            building.rename(done)
            sync_folder(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return done


@contextmanager
def on_medium() -> Iterator[None]:
    """Say in words that a stick was pulled or a drive does not answer."""
    try:
        yield
    except OSError as error:
        if error.errno not in GONE:
            raise
        told = _(
            "The stick or drive does not answer any more. Put it back, or choose another; nothing was changed here."
        )
        raise KnownError(told) from error


def _build(backup: Path, building: Path, *, login: str, password: str, now: Clock) -> None:
    be_private()
    key_file = read_key_file(backup)
    keys = _opened(key_file, login=login, password=password)
    try:
        slot = key_file.slot_of(login)
        build(backup, building, key_file=key_file, keys=keys, actor=slot.user.id if slot else "", now=now)
    finally:
        keys.wipe()


def build(backup: Path, building: Path, *, key_file: KeyFile, keys: Keys, actor: str, now: Clock) -> None:
    """A whole workspace at rest in this folder, for who has the keys. A key file of nobody is not written."""
    with translated():
        shutil.rmtree(building, ignore_errors=True)
        private_folder(building)
        with on_medium():
            _restore_database(backup, building / DATABASE, keys=keys)
            if key_file.escrow and key_file.escrow.is_in(backup / ESCROW):
                write_whole(building / ESCROW, (backup / ESCROW).read_bytes())
        entry = _audit_of_restore(backup, key_file=key_file, actor=actor, at=now())
        _settle_with(entry, building / DATABASE, keys=keys)
        if key_file.slots:
            write_key_file(building, key_file)
        anchor_at_rest(building, key_file=key_file, keys=keys, now=now)


def _move_in(directory: Path) -> None:
    """Every step may be repeated: what has moved is not there to be moved again. The key file goes last."""
    decided = sorted(directory.glob(f"{RESTORED}-*"))[-1]
    with translated():
        aside = private_folder(private_folder(directory / BACKUPS) / (decided.name.partition("-")[2] + REPLACED))
        if (decided / DATABASE).exists():
            for suffix in ("-wal", "-shm", ""):
                old = directory / (DATABASE + suffix)
                if old.exists():
                    put(old, aside / old.name)
            sync_folder(directory)
            put(decided / DATABASE, directory / DATABASE)
        for name in (ANCHOR, ESCROW, KEY_FILE):
            if (decided / name).exists():
                with suppress(OSError):  # the old one is kept if there is room; the new one has to be here
                    shutil.copyfile(directory / name, aside / name)
                put(decided / name, directory / name)
        rekey.clear(directory)
        (directory / ATTEMPTS).unlink(missing_ok=True)
        shutil.rmtree(decided, ignore_errors=True)
        sync_folder(directory)


def not_empty() -> Invalid:
    """The one sentence for a folder in which something else lies."""
    taken = _("This folder is not empty. Choose a new one; a backup never overwrites anything.")
    return Invalid(taken, [("directory", taken)])


def _require_ours(backup: Path, *, keys: Keys) -> None:
    key_file = read_key_file(backup)
    if key_file.vault_id != keys.vault_id:
        other = _("This backup is of another workspace. It can be restored into a new folder of its own.")
        raise Invalid(other, [("backup", other)])
    if not key_file.is_signed_by(keys):
        raise Conflicted(
            _("This backup was made under an earlier key and opens only with a password of its day; "
              "it can be checked by restoring it into a new folder.")
        )  # fmt: skip


@contextmanager
def _unpacked(backup: Path, folder: Path, *, keys: Keys) -> Iterator[tuple[Path, bytearray, dict[str, int]]]:
    """The backup's database, copied into this folder and found whole, with its key, for as long as the block runs.

    A backup may lie on a read-only medium, so it is copied first and opened there.
    """
    key, told = open_sidecar(backup, keys=keys)
    unpacked = folder / "backup.db"
    try:
        cipher.check_is_ours(backup / DATABASE)
        shutil.copyfile(backup / DATABASE, unpacked)
        require_same(cipher.connect(unpacked, key=key), counts=told.rows)
        yield unpacked, key, told.rows
    finally:
        wipe(key)
        unpacked.unlink(missing_ok=True)


def _restore_database(backup: Path, target: Path, *, keys: Keys) -> None:
    with _unpacked(backup, target.parent, keys=keys) as (unpacked, key, rows):
        new_private_file(target)
        with (
            closing(cipher.connect(unpacked, key=key)) as reading,
            closing(connect_fresh(target, keys=keys)) as writing,
        ):
            reading.backup(writing)
            cipher.use_write_ahead_log(writing)
        require_same(connect(target, keys=keys), counts=rows)


def _audit_of_restore(backup: Path, *, key_file: KeyFile, actor: str, at: datetime) -> AuditEntry:
    told = told_by(backup)
    return AuditEntry(
        at=at.astimezone(UTC), actor=actor, device=device_id(key_file.device.sign_public),
        action="restore", kind="workspace", record=key_file.vault_id, fields=f"{told.at:{NAME}}" if told else "",
    )  # fmt: skip


def _settle_with(entry: AuditEntry, database: Path, *, keys: Keys) -> None:
    with closing(connect(database, keys=keys)) as connection:
        append(connection, entry)
    migrate.settle(database, keys=keys)
    sync_file(database)


def _opened(key_file: KeyFile, *, login: str, password: str) -> Keys:
    slot = key_file.slot_of(login)
    secret = with_pepper(slot, password, vault_id=key_file.vault_id, way_out=BACKUP) if slot else password
    keys = open_slot(slot, password=secret, vault_id=key_file.vault_id) if slot else None
    if keys is None:
        raise wrong_password(0)
    if not key_file.is_signed_by(keys):
        keys.wipe()
        raise damaged()
    return keys


def _digest(path: Path) -> bytes:
    with path.open("rb") as source:
        if hasattr(os, "posix_fadvise"):  # from the medium, not from memory
            os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(source, "sha256").digest()
