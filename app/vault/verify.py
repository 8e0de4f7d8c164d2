"""Whether the database file is sound, page by page and row by row."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import WorkspaceDamaged
from app.vault import cipher
from app.vault.engine import connect
from app.vault.faults import damaged, translated
from app.vault.keys import Keys

if TYPE_CHECKING:  # a workspace checks its file while it opens, so it imports this module
    from app.vault.workspace import Workspace

CHECKED_AT_UNLOCK = 256 << 20  # bytes: about half a second; a larger file is checked by `integrity` after the start


def integrity(workspace: Workspace) -> tuple[str, ...]:
    """Problems in words; empty when every page carries its seal, every index agrees and every link has its end."""
    return check_database(workspace.database, keys=workspace.keys)


def check_database(database: Path, *, keys: Keys) -> tuple[str, ...]:
    """The same for a file that no workspace has open."""
    try:
        with translated(), closing(connect(database, keys=keys)) as connection:
            return cipher.problems(connection)
    except WorkspaceDamaged as error:  # so broken that not even the checks can run
        return (str(error),)


def require_seals(database: Path, *, keys: Keys) -> None:
    """WorkspaceDamaged when a page of a settled file is not as it was written. A very large file is left for later."""
    if database.stat().st_size > CHECKED_AT_UNLOCK:
        return
    with translated(), closing(connect(database, keys=keys)) as connection:
        if connection.execute("PRAGMA cipher_integrity_check").fetchone():
            raise damaged()
