"""Private files that are either the old or the new, never half: temporary file, fsync, rename, fsync of the folder."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from app.vault.faults import translated

KEY_FILE = "naungan.keys"
DATABASE = "workspace.db"
BACKUPS = "backups"
LOCK = ".lock"
ATTEMPTS = "attempts"
ANCHOR = "anchor"
ESCROW = "escrow.age"
STRANGE = "-strange"  # what is put aside
NEW = ".new"


def private_folder(folder: Path) -> Path:
    """The folder, made if it is missing, readable by its owner alone."""
    with translated():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(PermissionError):  # a stick without owners, or a folder of somebody else: nothing to set
            os.chmod(folder, 0o700)
    return folder


def be_private() -> None:
    """From now on this process makes files that only their owner can read (SQLite's side files too)."""
    os.umask(0o077)


def new_private_file(path: Path) -> None:
    """An empty file for SQLCipher to fill; one that is already there is an error, never reused."""
    with translated():
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def write_whole(path: Path, content: bytes) -> None:
    """Replace the file by this content; a crash at any instant leaves the whole old or the whole new one."""
    waiting = path.with_name(path.name + NEW)
    with translated():
        waiting.unlink(missing_ok=True)
        handle = os.open(waiting, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            replace(waiting, path)
        except OSError:
            with suppress(OSError):
                waiting.unlink(missing_ok=True)
            raise


def replace(new: Path, old: Path) -> None:
    """Put `new` in the place of `old`, durably."""
    os.replace(new, old)
    sync_folder(old.parent)


def sync_file(path: Path) -> None:
    """Have the file's content on the disk before going on."""
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    """Have the folder's names on the disk before going on; Windows does so by itself and refuses the call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_database(path: Path) -> None:
    """Remove a database file and whatever SQLite put beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
