"""Destroying a workspace, so that nothing of it can be opened any more: its keys first, then everything else.

What makes it unreadable is that every wrap of its data key is gone; the rest is tidied away. A kill in the middle
leaves either a workspace that opens (its own key file goes last) or one that nobody can open.
"""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from app.vault.attachments import ATTACHMENTS
from app.vault.faults import translated
from app.vault.files import (
    ANCHOR,
    ATTEMPTS,
    BACKUPS,
    DATABASE,
    ESCROW,
    KEY_FILE,
    LOCK,
    NEW,
    STRANGE,
    remove_database,
    sync_folder,
)
from app.vault.rekey import COPY_ESCROW
from app.vault.restricted_index import remove_index
from app.vault.sidecar import SIDECAR
from app.vault.workspace import Workspace


def destroy(workspace: Workspace) -> None:
    """Destroy an open workspace with its local backups, and close it. Copies that were carried away stay.

    Whether this should be, and by whose order, the caller has settled.
    """
    folder = workspace.directory
    workspace.engine.dispose()
    with translated():
        for backup in _folders(folder / BACKUPS):
            _shred(backup / KEY_FILE)
            _shred(backup / SIDECAR)
            _shred(backup / ESCROW)
        for name in (COPY_ESCROW, ESCROW, KEY_FILE + NEW):
            _shred(folder / name)
        _shred(folder / KEY_FILE)
    workspace.close()
    with translated():
        remove_database(folder / DATABASE)
        remove_database(folder / (DATABASE + NEW))
        remove_index(folder)
        for name in (DATABASE + STRANGE, ANCHOR, ATTEMPTS, LOCK):
            (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / BACKUPS, ignore_errors=True)
    shutil.rmtree(folder / ATTACHMENTS, ignore_errors=True)
    with suppress(OSError):
        sync_folder(folder)


def _folders(parent: Path) -> list[Path]:
    return [each for each in parent.iterdir() if each.is_dir()] if parent.is_dir() else []


def _shred(path: Path) -> None:
    """Overwrite and remove. A disk may keep old blocks all the same: there the wraps still need a password."""
    try:
        size = path.stat().st_size
        with path.open("rb+") as file:
            file.write(secrets.token_bytes(size))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink()
    sync_folder(path.parent)
