"""Whether the database file is sound, page by page and row by row."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from app.errors import WorkspaceDamaged
from app.vault import cipher
from app.vault.engine import DATABASE_PURPOSE
from app.vault.faults import translated
from app.vault.keys import Keys
from app.vault.workspace import Workspace


def integrity(workspace: Workspace) -> tuple[str, ...]:
    """Problems in words; empty when every page carries its seal, every index agrees and every link has its end."""
    return check_database(workspace.database, keys=workspace.keys)


def check_database(database: Path, *, keys: Keys) -> tuple[str, ...]:
    """The same for a file that no workspace has open."""
    try:
        with keys.derived(DATABASE_PURPOSE) as key, translated(), closing(cipher.connect(database, key=key)) as connection:
            return cipher.problems(connection)
    except WorkspaceDamaged as error:  # so broken that not even the checks can run
        return (str(error),)
