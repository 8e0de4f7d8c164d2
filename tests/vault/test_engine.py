"""The engine: what it promises to writers and readers, and what it refuses to run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlcipher3 import dbapi2

from app.errors import WorkspaceBusy
from app.vault import cipher
from app.vault.engine import DATABASE_PURPOSE, give_back
from app.vault.workspace import Workspace
from tests.vault.offices import Office, names, put

THREADS, ROUNDS, PAGE = 8, 25, 4096


def test_every_connection_keeps_the_promises_of_the_design(workspace: Workspace) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "page_size": "4096",  # SQLCipher answers this one in text
        "trusted_schema": 0,
    }
    for engine in (workspace.engine, workspace.reader):
        with engine.connect() as connection:
            told = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
            assert told == wanted
            assert str(connection.exec_driver_sql("PRAGMA cipher_version").scalar()).startswith("4.")
    assert workspace.engine.hide_parameters


def test_eight_threads_that_read_and_then_write_all_succeed(workspace: Workspace) -> None:
    put(workspace, "counter")
    with workspace.engine.begin() as connection:
        connection.execute(text("UPDATE setting SET value = 0 WHERE name = 'counter'"))
    failures: list[BaseException] = []

    def count_up() -> None:
        for _ in range(ROUNDS):
            try:
                with workspace.engine.begin() as connection:
                    value = connection.execute(text("SELECT value FROM setting WHERE name = 'counter'")).scalar_one()
                    connection.execute(text("UPDATE setting SET value = :v WHERE name = 'counter'"), {"v": value + 1})
            except Exception as error:
                failures.append(error)

    _together(count_up)
    with workspace.reader.begin() as connection:
        assert connection.execute(text("SELECT value FROM setting WHERE name = 'counter'")).scalar() == THREADS * ROUNDS
    assert failures == []


def test_a_reader_neither_waits_for_the_writer_nor_sees_half_of_its_work(workspace: Workspace) -> None:
    with workspace.engine.begin() as writing:
        writing.execute(text("INSERT INTO setting VALUES ('half', x'00')"))
        assert "half" not in names(workspace)
    assert "half" in names(workspace)


def test_a_write_through_the_reader_fails_at_once_and_as_a_bug(workspace: Workspace) -> None:
    with pytest.raises(OperationalError, match="readonly"), workspace.reader.begin() as connection:
        connection.execute(text("DELETE FROM setting"))
    for _ in range(20):  # whichever pooled connection comes next, it writes again
        put(workspace, f"after {_}")
    assert len(names(workspace)) == 220


def test_a_writer_that_cannot_start_is_told_that_another_is_at_work(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cipher, "BUSY_SECONDS", 0.01)
    with (
        workspace.engine.begin(),
        pytest.raises(WorkspaceBusy, match="still writing"),
        workspace.engine.begin(),
    ):
        pass


def test_a_transaction_left_without_commit_leaves_nothing(workspace: Workspace) -> None:
    before = names(workspace)
    with workspace.engine.connect() as connection:
        connection.execute(text("DELETE FROM setting"))
    assert names(workspace) == before


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH DATABASE '{folder}/plain.db' AS plain KEY ''",
        "ATTACH DATABASE ':memory:' AS other",
        "DETACH DATABASE main",
        "VACUUM INTO '{folder}/copy.db'",
        "SELECT sqlcipher_export('main')",
        "SELECT load_extension('libc.so.6')",
        "PRAGMA key = 'x'",
        "PRAGMA rekey = 'x'",
        "PRAGMA hexrekey = '00'",
        "PRAGMA cipher_log = '{folder}/log'",
        "PRAGMA cipher_log_level = TRACE",
        "PRAGMA cipher_plaintext_header_size = 32",
        "PRAGMA cipher_salt",
        "PRAGMA cipher_settings",
        "PRAGMA writable_schema = ON",
        "PRAGMA journal_mode = OFF",
        "PRAGMA synchronous = OFF",
        "PRAGMA secure_delete = OFF",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA trusted_schema = ON",
        "PRAGMA temp_store_directory = '{folder}'",
        "PRAGMA mmap_size = 1000000",
    ],
)
@pytest.mark.parametrize("kind", ["engine", "reader"])
def test_the_guard_refuses(workspace: Workspace, kind: str, statement: str) -> None:
    engine: Engine = getattr(workspace, kind)
    folder = workspace.directory.parent
    before = sorted(folder.iterdir())
    bare = engine.raw_connection()  # outside a transaction, where some of these would otherwise fail by themselves
    try:
        with pytest.raises(dbapi2.DatabaseError, match=r"not authorized|prohibited|authorization denied"):
            bare.cursor().execute(statement.format(folder=folder))
    finally:
        bare.close()
    assert sorted(folder.iterdir()) == before


def test_the_guard_lets_ordinary_work_pass(workspace: Workspace) -> None:
    with workspace.engine.begin() as connection:
        for statement in (
            "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT)",
            "CREATE TABLE child (parent REFERENCES parent (id) ON DELETE CASCADE)",
            "CREATE INDEX by_name ON parent (name)",
            "CREATE VIRTUAL TABLE words USING fts5(text, prefix='2 3')",
            "INSERT INTO words (words, rank) VALUES ('secure-delete', 1)",
            "INSERT INTO words (text) VALUES ('kasus perdagangan orang')",
            "INSERT INTO words (words) VALUES ('rebuild')",
            "INSERT INTO parent (name) VALUES ('one')",
            "INSERT INTO child VALUES (1)",
            "DELETE FROM parent",
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT sum(i) FROM n",
            "SELECT json_extract('[1]', '$[0]'), upper('a'), date('now')",
            "PRAGMA table_info(parent)",
            "PRAGMA foreign_key_list(child)",
        ):
            connection.exec_driver_sql(statement)
        assert connection.exec_driver_sql("SELECT count(*) FROM child").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM words WHERE words MATCH 'perdag*'").scalar() == 1


def test_a_deleted_name_is_gone_from_every_page(office: Office) -> None:
    """The pages are decrypted here by hand, so that nothing between the file and the eye can be kind."""
    needle = "zulaikha" * 5
    with office.unlock() as workspace:
        with workspace.engine.begin() as connection:
            connection.execute(text("INSERT INTO setting VALUES (:n, x'')"), {"n": needle})
            connection.execute(text("INSERT INTO case_fts (rowid, text) VALUES (1, :n)"), {"n": needle})
        with workspace.keys.derived(DATABASE_PURPOSE) as derived:
            key = bytes(derived)
    assert needle.encode() in _decrypted(office.database, key), "else this test proves nothing"
    with office.unlock() as workspace, workspace.engine.begin() as connection:
        connection.execute(text("DELETE FROM setting WHERE name = :n"), {"n": needle})
        connection.execute(text("DELETE FROM case_fts WHERE rowid = 1"))
    assert b"zulaikha" not in _decrypted(office.database, key)


def _decrypted(database: Path, key: bytes) -> bytes:
    """AES-256-CBC per page of 4,096 bytes: [salt on page 1] content, then 16 bytes of IV and 64 of HMAC."""
    content, found = database.read_bytes(), b""
    for start in range(0, len(content), PAGE):
        page = content[start : start + PAGE]
        opener = Cipher(algorithms.AES(key), modes.CBC(page[-80:-64])).decryptor()
        found += opener.update(page[16 if start == 0 else 0 : -80]) + opener.finalize()
    return found


def test_the_connection_used_last_is_used_next(workspace: Workspace) -> None:
    first, second = workspace.engine.connect(), workspace.engine.connect()
    warm = second.connection.dbapi_connection
    first.close()
    second.close()
    for _turn in range(3):
        with workspace.engine.connect() as connection:
            assert connection.connection.dbapi_connection is warm


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="only Linux tells what was read")
def test_what_was_given_back_is_read_from_the_disk_again(workspace: Workspace) -> None:
    values = [{"n": f"x{n}", "v": b"x" * PAGE} for n in range(100)]
    with workspace.engine.begin() as connection:
        connection.execute(text("INSERT INTO setting (name, value) VALUES (:n, :v)"), values)
    _bytes_read(workspace)
    assert _bytes_read(workspace) < 10 * PAGE
    give_back(workspace.engine)
    assert _bytes_read(workspace) > 100 * PAGE


def _bytes_read(workspace: Workspace) -> int:
    """How much one look at every setting takes from files."""
    before = _ever_read()
    with workspace.reader.begin() as connection:
        connection.execute(text("SELECT sum(instr(value, x'00')) FROM setting")).scalar_one()
    return _ever_read() - before


def _ever_read() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


def _together(work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
