"""The full-text index over opened values: a file of its own under the restricted key, derived and rebuildable.

Who is not cleared cannot open it. Deleting it loses nothing; one that does not open is deleted and made anew.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlcipher3 import dbapi2

from app.errors import KnownError
from app.vault import cipher
from app.vault.faults import translated
from app.vault.files import new_private_file, remove_database
from app.vault.keys import Keys

INDEX: Final = "index-restricted.db"
PURPOSE: Final = "index-restricted.db"
_SCHEMA = (
    "CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
    "CREATE TABLE entry (n INTEGER PRIMARY KEY, case_id TEXT NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE words USING fts5(text, tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
    "INSERT INTO words(words, rank) VALUES('secure-delete', 1)",
    "INSERT INTO words(words, rank) VALUES('pgsz', 3950)",
)


class RestrictedIndex:
    """One open index. Any thread may use it; one at a time does."""

    def __init__(self, directory: Path, *, keys: Keys) -> None:
        self._path = directory / INDEX
        self._keys = keys
        self._lock = threading.Lock()
        self._connection: cipher.Connection | None = None
        self._closed = False
        with self._lock:
            try:
                self._connect()
            except (KnownError, dbapi2.Error):
                self._make_anew()

    def state(self, name: str) -> str | None:
        """A note about the index itself; None if there is none."""
        with self._lock:
            if self._connection is None:
                return None
            row = self._connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def note(self, name: str, value: str) -> None:
        """Keep a note about the index itself."""
        with self._lock, self._mending():
            self._live().execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))

    def put(self, entries: Iterable[tuple[str, str]]) -> None:
        """(case, its words): what a case had before is gone; a case without words leaves the index."""
        with self._lock, self._mending():
            connection = self._live()
            changed = [(case, words) for case, words in entries if self._words(connection, case) != words]
            if not changed:
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                for case_id, words in changed:
                    self._put_one(connection, case_id, words)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(dbapi2.Error):
                    connection.execute("ROLLBACK")
                raise

    def find(self, match: str, *, most: int) -> tuple[str, ...]:
        """The cases whose words match this FTS5 query, at most so many. A damaged index finds nothing."""
        query = "SELECT entry.case_id FROM words JOIN entry ON entry.n = words.rowid WHERE words MATCH ? LIMIT ?"
        found: tuple[str, ...] = ()
        with self._lock, self._mending():
            found = tuple(row[0] for row in self._live().execute(query, (match, most)).fetchall())
        return found  # noqa: RET504 - what stands when the index was mended on the way

    def renew(self) -> None:
        """Make it anew, empty, under what the restricted key is now; with no room for it there is none."""
        with self._lock, suppress(KnownError, dbapi2.Error):
            self._make_anew()

    def close(self) -> None:
        """Settle its log and close it. Idempotent."""
        with self._lock:
            if self._connection is not None:
                with suppress(dbapi2.Error):
                    self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._connection.close()
            self._connection, self._closed = None, True

    @contextmanager
    def _mending(self) -> Iterator[None]:
        """Inside, what is damaged is made anew, empty; with no room for it there is no index until the next start."""
        try:
            yield
        except (KnownError, dbapi2.Error):
            with suppress(KnownError, dbapi2.Error):
                self._make_anew()

    @staticmethod
    def _words(connection: cipher.Connection, case_id: str) -> str:
        row = connection.execute(
            "SELECT words.text FROM entry JOIN words ON words.rowid = entry.n WHERE entry.case_id = ?", (case_id,)
        ).fetchone()
        return str(row[0]) if row else ""

    @staticmethod
    def _put_one(connection: cipher.Connection, case_id: str, words: str) -> None:
        row = connection.execute("SELECT n FROM entry WHERE case_id = ?", (case_id,)).fetchone()
        if row is not None:
            connection.execute("DELETE FROM words WHERE rowid = ?", row)
            connection.execute("DELETE FROM entry WHERE n = ?", row)
        if words:
            made = connection.execute("INSERT INTO entry(case_id) VALUES (?)", (case_id,))
            connection.execute("INSERT INTO words(rowid, text) VALUES (?, ?)", (made.lastrowid, words))

    def _live(self) -> cipher.Connection:
        if self._connection is None:
            raise KnownError("closed")  # never shown: `_mending` takes it
        return self._connection

    def _connect(self) -> None:
        with self._keys.derived(PURPOSE) as key:
            self._connection = cipher.connect(self._path, key=key)
        self._connection.execute("SELECT count(*) FROM state").fetchone()

    def _make_anew(self) -> None:
        if self._closed:
            return
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        with translated():
            remove_database(self._path)
            new_private_file(self._path)
            with self._keys.derived(PURPOSE) as key:
                self._connection = cipher.connect_fresh(self._path, key=key)
            cipher.use_write_ahead_log(self._connection)
            for statement in _SCHEMA:
                self._connection.execute(statement)


def remove_index(directory: Path) -> None:
    """Take the index away; nothing is lost."""
    with translated():
        remove_database(directory / INDEX)
