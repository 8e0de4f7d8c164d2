"""The schema: the migrations make what the models declare, and a change of it loses nothing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2

from app.errors import WorkspaceDamaged, WorkspaceNewer
from app.models.all import Base
from app.vault import cipher
from app.vault.backup import backups
from app.vault.engine import DATABASE_PURPOSE
from app.vault.migrate import MIGRATIONS
from app.vault.workspace import Vault, Workspace
from tests.vault.offices import PASSWORD, Office, write_revisions

FIRST = (
    "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent (id) ON DELETE CASCADE)",
)
# What alembic's batch mode does: with foreign keys on, dropping the old table would take every child with it.
REBUILD = (
    "CREATE TABLE parent_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT)",
    "INSERT INTO parent_new (id, name) SELECT id, name FROM parent",
    "DROP TABLE parent",
    "ALTER TABLE parent_new RENAME TO parent",
)


@pytest.fixture
def old(tmp_path: Path, clock, vault: Vault) -> Office:
    """A workspace of the first version, with rows, made by a program that knows only that version."""
    first = replace(vault, migrations=write_revisions(tmp_path / "first", FIRST))
    office = Office(tmp_path / "old", clock, first)
    made = first.create(office.directory, login="sari", name="S", role="ADMIN", password=PASSWORD, now=clock)
    with made, made.engine.begin() as connection:
        for n in range(1, 51):
            connection.execute(text("INSERT INTO parent VALUES (:n, 'p')"), {"n": n})
            connection.execute(text("INSERT INTO child VALUES (:n, :n)"), {"n": n})
    return office


def newer(office: Office, tmp_path: Path, *steps: Sequence[str]) -> Office:
    """The same folder in the hands of a program that knows more revisions."""
    folder = write_revisions(tmp_path / f"newer{len(list(tmp_path.iterdir()))}", FIRST, *steps)
    return replace(office, vault=replace(office.vault, migrations=folder))


def test_the_migrations_make_exactly_what_the_models_declare(office: Office) -> None:
    with office.unlock() as workspace:
        with workspace.reader.connect() as connection:
            difference = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        made = _schema(workspace.engine)
    declared = create_engine("sqlite+pysqlite://", module=dbapi2, poolclass=StaticPool)
    Base.metadata.create_all(declared)
    wanted = _schema(declared)
    declared.dispose()
    assert [each for each in difference if "_fts" not in str(each)] == []
    assert len(wanted) > 50, "an empty comparison proves nothing"
    assert made == wanted


def test_the_first_revision_knows_nothing_of_the_program() -> None:
    for revision in (MIGRATIONS / "versions").glob("*.py"):
        assert "app." not in revision.read_text()
        assert "from app" not in revision.read_text()


def test_an_older_workspace_is_brought_forward_with_every_row(old: Office, tmp_path: Path) -> None:
    with newer(old, tmp_path, REBUILD, ("CREATE TABLE added (id INTEGER PRIMARY KEY)",)).unlock() as workspace:
        assert _rows(workspace) == (50, 50)
        with workspace.engine.begin() as connection:
            connection.execute(text("UPDATE parent SET note = 'now there'"))
            connection.execute(text("INSERT INTO added VALUES (1)"))
    assert len(backups(old.directory)) == 1, "a backup is made before"
    assert sorted(each.name for each in old.directory.iterdir()) == [
        ".lock", "anchor", "backups", "naungan.keys", "workspace.db",
    ]  # fmt: skip
    with pytest.raises(WorkspaceNewer, match="newer"):
        old.unlock()


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (("DELETE FROM child WHERE id = 7",), WorkspaceDamaged),
        (("INSERT INTO parent VALUES (99, 'one too many')",), WorkspaceDamaged),
        (("DROP TABLE parent", "CREATE TABLE parent (id INTEGER PRIMARY KEY)"), WorkspaceDamaged),
        (("UPDATE child SET parent = 1000 WHERE id = 3",), WorkspaceDamaged),
        (("CREATE TABLE half (id)", "THIS IS NOT SQL"), Exception),
    ],
    ids=["row lost", "row added", "rows emptied", "link broken", "statement fails"],
)
def test_a_migration_that_loses_anything_leaves_the_old_file(
    old: Office, tmp_path: Path, step: Sequence[str], error: type[Exception]
) -> None:
    before = old.database.read_bytes()
    with pytest.raises(error):
        newer(old, tmp_path, step).unlock()
    assert old.database.read_bytes() == before
    assert not list(old.directory.glob("workspace.db?*"))
    with old.unlock() as workspace:
        assert _rows(workspace) == (50, 50)


def test_what_a_killed_migration_left_is_removed_at_the_next_start(old: Office) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        shutil.copy(old.database, old.directory / f"workspace.db.migrating{suffix}")
    (old.directory / "backups" / "20261101T000000Z.unfinished").mkdir(parents=True)
    old.unlock().close()
    assert not list(old.directory.glob("workspace.db.migrating*"))
    assert not list((old.directory / "backups").iterdir())


def test_an_unsettled_log_is_part_of_what_is_migrated(old: Office, tmp_path: Path) -> None:
    """Rows that a crash left in the write-ahead log come along."""
    workspace = old.unlock()
    with workspace.engine.begin() as connection:
        connection.execute(text("INSERT INTO parent VALUES (51, 'late')"))
    crashed = replace(old, directory=tmp_path / "crashed")
    shutil.copytree(old.directory, crashed.directory)
    workspace.close()
    assert (crashed.directory / "workspace.db-wal").stat().st_size > 0
    with newer(crashed, tmp_path, REBUILD).unlock() as opened:
        assert _rows(opened) == (51, 50)


def test_a_database_without_its_mark_is_damaged_not_new(old: Office) -> None:
    with old.unlock() as workspace, workspace.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(WorkspaceDamaged):
        old.unlock()


def test_an_unknown_revision_is_newer_and_is_left_alone(office: Office) -> None:
    with office.unlock() as workspace, workspace.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = office.database.read_bytes()
    with pytest.raises(WorkspaceNewer):
        office.unlock()
    assert office.database.read_bytes() == before


def test_a_migrated_file_is_still_encrypted_by_the_same_key(old: Office, tmp_path: Path) -> None:
    with newer(old, tmp_path, REBUILD).unlock() as workspace:
        with workspace.keys.derived(DATABASE_PURPOSE) as key:
            connection = cipher.connect(workspace.database, key=key)
        with closing(connection):
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert cipher.problems(connection) == ()


def _rows(workspace: Workspace) -> tuple[int, int]:
    with workspace.reader.connect() as connection:
        parents = connection.execute(text("SELECT count(*) FROM parent")).scalar_one()
        return parents, connection.execute(text("SELECT count(*) FROM child")).scalar_one()


def _schema(engine: Engine) -> dict[str, list[str]]:
    """Every table, index and trigger with the parts of the SQL that made it, whatever their order.

    A column that a later revision adds stands last in the file, and where it reads best in the model.
    """
    query = text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'")
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    return {name: sorted("".join(sql.split()).replace('"', "").lower().split(",")) for name, sql in rows}
