"""Brings a database to the newest schema: a fresh file in place, an older one on a verified copy.

The copy takes the old file's place only when everything holds, so a kill at any instant leaves the old file
working; a copy that was left behind is removed at the next start. Revisions live in `app/models/migrations`.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection as SqlConnection

from app.errors import WorkspaceDamaged, WorkspaceNewer
from app.i18n import _
from app.lazy import lazy
from app.vault import cipher
from app.vault.engine import build_migration_engine, connect, connect_fresh
from app.vault.faults import damaged, translated
from app.vault.files import new_private_file, remove_database, replace, sync_file
from app.vault.keys import Keys

if TYPE_CHECKING:
    from alembic import operations, script
    from alembic.runtime import migration
else:  # 16 MiB that are needed once per new version
    operations, script, migration = (
        lazy("alembic.operations"),
        lazy("alembic.script"),
        lazy("alembic.runtime.migration"),
    )

MIGRATIONS = Path(__file__).resolve().parent.parent / "models" / "migrations"
COPY = ".migrating"
APPLICATION_ID = int.from_bytes(b"NAUN")  # shows only to who holds the key
_MARK = re.compile(r"^(revision|down_revision)\b[^=\n]*=(.*)$", re.MULTILINE)


def create_schema(database: Path, *, keys: Keys, migrations: Path = MIGRATIONS) -> None:
    """Make the database file and bring it, empty as it is, to the newest schema. A leftover of the same name goes."""
    remove_database(database)
    new_private_file(database)
    with translated(), closing(connect_fresh(database, keys=keys)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")  # writes the first page, and with it the salt
        cipher.use_write_ahead_log(connection)
    _run(database, keys=keys, migrations=migrations)
    settle(database, keys=keys)


def is_current(database: Path, *, keys: Keys, migrations: Path = MIGRATIONS) -> bool:
    """Whether the schema is the newest this program knows; WorkspaceNewer when it is one it does not know."""
    before = _revisions(migrations)
    revision = _revision(database, keys=keys)
    if revision not in before:
        raise WorkspaceNewer(_("This workspace was written by a newer version. Update Naungan to open it."))
    return revision not in before.values()


def upgrade(database: Path, *, keys: Keys, migrations: Path = MIGRATIONS) -> None:
    """Bring an older database to the newest schema on a copy; the workspace must be held by this program alone."""
    copy = database.with_name(database.name + COPY)
    remove_leftovers(database)
    settle(database, keys=keys)
    with translated():
        try:
            shutil.copyfile(database, copy)
            os.chmod(copy, 0o600)
            sync_file(copy)
            _require_sound(copy, keys=keys)
            _run(copy, keys=keys, migrations=migrations)
            settle(copy, keys=keys)
            _require_sound(copy, keys=keys)
            sync_file(copy)
            replace(copy, database)
        finally:
            remove_database(copy)


def remove_leftovers(database: Path) -> None:
    """Remove what a killed migration of this database left."""
    remove_database(database.with_name(database.name + COPY))


def settle(database: Path, *, keys: Keys) -> None:
    """Bring everything that waits in the write-ahead log into the file itself and remove the log."""
    with translated(), closing(connect(database, keys=keys)) as connection:
        busy, *_rest = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    log = database.with_name(database.name + "-wal")
    if busy or (log.exists() and log.stat().st_size):
        raise RuntimeError("the database is still in use; close every connection first")


def _revisions(migrations: Path) -> dict[str, str | None]:
    """Every revision this program knows, and the one it follows, as their files say: without loading alembic."""
    texts = (file.read_text(encoding="utf-8") for file in sorted((migrations / "versions").glob("*.py")))
    marks = ({name: ast.literal_eval(value.strip()) for name, value in _MARK.findall(text)} for text in texts)
    return {each["revision"]: each["down_revision"] for each in marks}


def _revision(database: Path, *, keys: Keys) -> str:
    with translated(), closing(connect(database, keys=keys)) as connection:
        marked = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if marked else None
    if row is None:
        raise damaged()
    return str(row[0])


def _run(database: Path, *, keys: Keys, migrations: Path) -> None:
    """Every missing revision in one transaction, which commits only if no row and no link was lost."""
    scripts = script.ScriptDirectory(str(migrations))
    engine = build_migration_engine(database, keys=keys)
    try:
        with engine.begin() as connection:
            before = cipher.row_counts(connection.connection)
            context = migration.MigrationContext.configure(
                connection, opts={"fn": lambda revision, _context: scripts._upgrade_revs("head", revision)}
            )
            with operations.Operations.context(context):
                context.run_migrations()
            _compare(connection, before=before)
    finally:
        engine.dispose()


def _compare(connection: SqlConnection, *, before: dict[str, int]) -> None:
    raw = connection.connection
    after = cipher.row_counts(raw)
    lost = sorted(name for name in before.keys() & after.keys() if before[name] != after[name])
    broken = raw.cursor().execute("PRAGMA foreign_key_check").fetchall()
    if lost or broken:
        raise WorkspaceDamaged(
            _("The workspace could not be brought to the new version: the check after the change found differences. "
              "The old file was left as it was. Please report this.")
        )  # fmt: skip


def _require_sound(database: Path, *, keys: Keys) -> None:
    with translated(), closing(connect(database, keys=keys)) as connection:
        if cipher.problems(connection):
            raise damaged()
