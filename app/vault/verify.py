"""Whether the database file is sound, page by page and row by row."""

from __future__ import annotations

from pathlib import Path

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
    with keys.derived(DATABASE_PURPOSE) as key:
        connection = cipher.connect(database, key=key)
    try:
        with translated():
            return cipher.problems(connection)
    finally:
        connection.close()
