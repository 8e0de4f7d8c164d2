"""What the second client keeps in one SQLite file: records, the outbox, frozen batches, how far each feed was read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.second_client.wire import GENESIS, as_sum, changed, decode, encode, hash_of, item_digest

FROZEN, PARTIAL, STORED, APPLIED, ACKED, PROVEN = "FROZEN", "PARTIAL", "STORED", "APPLIED", "ACKED", "PROVEN"
WAITING: Final = (FROZEN, PARTIAL, STORED, APPLIED)
_TAKEN: Final = ("accepted", "merged", "duplicate")
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, value BLOB);
CREATE TABLE IF NOT EXISTS record (scope BLOB, id BLOB, kind TEXT, rev INTEGER, content BLOB, PRIMARY KEY (scope, id));
CREATE TABLE IF NOT EXISTS feed (scope BLOB PRIMARY KEY, cursor TEXT, seq INTEGER, receipt BLOB);
CREATE TABLE IF NOT EXISTS batch (n INTEGER PRIMARY KEY, bytes BLOB, hash BLOB, state TEXT, offset INTEGER);
CREATE TABLE IF NOT EXISTS operation (seq INTEGER PRIMARY KEY, n INTEGER, position INTEGER, record BLOB, kind TEXT,
  is_new INTEGER, base_rev INTEGER, body BLOB, status TEXT, code TEXT, field TEXT, rev INTEGER);
"""
Operation = sqlite3.Row


class Store:
    """The file. Every deed is one transaction, or part of the one that is open (`with store.whole()`)."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.row_factory = sqlite3.Row
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.executescript(_TABLES)

    def close(self) -> None:
        """Shut the file."""
        self._file.close()

    @contextmanager
    def whole(self) -> Iterator[None]:
        """All of it or nothing."""
        if self._file.in_transaction:
            yield
            return
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def sql(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """Any statement."""
        return self._file.execute(statement, values).fetchall()

    def fact(self, key: str) -> Any:
        """A kept fact, or None."""
        rows = self.sql("SELECT value FROM fact WHERE key = ?", key)
        return decode(rows[0]["value"]) if rows else None

    def keep(self, key: str, value: Any) -> None:
        """Keep a fact."""
        self.sql("INSERT OR REPLACE INTO fact VALUES (?, ?)", key, encode(value))

    # records

    def held(self, scope: bytes, record: bytes) -> tuple[str, int, dict[str, Any]] | None:
        """(kind, rev, content) of a record as the centre has it in this scope."""
        rows = self.sql("SELECT kind, rev, content FROM record WHERE scope = ? AND id = ?", scope, record)
        return (rows[0]["kind"], rows[0]["rev"], decode(rows[0]["content"])) if rows else None

    def hold(self, scope: bytes, record: bytes, *, kind: str, rev: int, content: dict[str, Any]) -> None:
        """The centre's version from now on."""
        self.sql("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?)", scope, record, kind, rev, encode(content))

    def drop(self, scope: bytes, record: bytes) -> None:
        """It left."""
        self.sql("DELETE FROM record WHERE scope = ? AND id = ?", scope, record)

    def contents(self, scope: bytes) -> dict[tuple[str, bytes], tuple[int, dict[str, Any]]]:
        """Everything of a scope: (kind, id) -> (rev, content)."""
        rows = self.sql("SELECT * FROM record WHERE scope = ?", scope)
        return {(row["kind"], row["id"]): (row["rev"], decode(row["content"])) for row in rows}

    def shown(self, scope: bytes, record: bytes) -> dict[str, Any]:
        """The centre's version with all work on top that the centre has not taken."""
        known = self.held(scope, record)
        content: dict[str, Any] = known[2] if known else {}
        for operation in self.sql("SELECT * FROM operation WHERE record = ? ORDER BY seq", record):
            if operation["status"] not in _TAKEN and operation["status"] != "conflict":
                content = changed(content, decode(operation["body"])[5])
        return content

    def digest(self, scope: bytes) -> tuple[bytes, int]:
        """Recomputed from the rows: (sum, count)."""
        items = [item_digest(kind, i, rev, content) for (kind, i), (rev, content) in self.contents(scope).items()]
        return as_sum(sum(items)), len(items)

    # feeds

    def feed(self, scope: bytes) -> tuple[str, int]:
        """(cursor, number) up to which a scope was read."""
        rows = self.sql("SELECT cursor, seq FROM feed WHERE scope = ?", scope)
        return (rows[0]["cursor"], rows[0]["seq"]) if rows else ("", 0)

    def read_to(self, scope: bytes, cursor: str, seq: int) -> None:
        """Up to here."""
        self.sql(
            "INSERT INTO feed VALUES (?, ?, ?, NULL) ON CONFLICT DO UPDATE SET cursor = ?, seq = ?",
            scope, cursor, seq, cursor, seq,
        )  # fmt: skip

    # the outbox

    def add(self, operation: list[Any]) -> None:
        """One save, not sent yet. Its shape is that of section 4."""
        kind, record, _case, base_rev, new = operation[:5]
        self.sql(
            "INSERT INTO operation (record, kind, is_new, base_rev, body, status) VALUES (?, ?, ?, ?, ?, 'unsent')",
            record, kind, new, base_rev, encode(operation),
        )  # fmt: skip

    def of_record(self, record: bytes, *states: str) -> list[Operation]:
        """Operations on a record that stand so, the oldest first."""
        marks = ", ".join("?" * len(states))
        return self.sql(
            f"SELECT * FROM operation WHERE record = ? AND status IN ({marks}) ORDER BY seq", record, *states
        )

    def forget(self, record: bytes) -> None:
        """It was erased: also what was to be sent, of it and of what hangs on it."""
        for operation in self.sql("SELECT seq, record, body FROM operation WHERE status = 'unsent'"):
            if record in (operation["record"], decode(operation["body"])[2]):
                self.sql("DELETE FROM operation WHERE seq = ?", operation["seq"])
        self.sql("DELETE FROM record WHERE id = ?", record)
        named = record.hex()
        for row in self.sql("SELECT scope, id, content FROM record"):
            if decode(row["content"]).get("case_id") == named:
                self.drop(row["scope"], row["id"])

    # batches

    def last_batch(self) -> tuple[int, bytes]:
        """(number, hash) of the last frozen batch."""
        rows = self.sql("SELECT n, hash FROM batch ORDER BY n DESC LIMIT 1")
        return (rows[0]["n"], rows[0]["hash"]) if rows else (0, GENESIS)

    def freeze(self, n: int, data: bytes, operations: list[Operation]) -> None:
        """The bytes, before the first of them leaves."""
        self.sql("INSERT INTO batch VALUES (?, ?, ?, ?, 0)", n, data, hash_of(data), FROZEN)
        for position, operation in enumerate(operations):
            self.sql(
                "UPDATE operation SET n = ?, position = ?, status = 'sent' WHERE seq = ?", n, position, operation["seq"]
            )

    def waiting(self) -> list[sqlite3.Row]:
        """Batches without a result, in order."""
        marks = ", ".join("?" * len(WAITING))
        return self.sql(f"SELECT * FROM batch WHERE state IN ({marks}) ORDER BY n", *WAITING)

    def state(self, n: int, state: str, offset: int = 0) -> None:
        """Where a batch stands now."""
        self.sql("UPDATE batch SET state = ?, offset = ? WHERE n = ?", state, offset, n)

    def answer(self, n: int, position: int, outcome: list[Any]) -> None:
        """What became of one operation; what a newer centre adds at the end is passed over."""
        self.sql(
            "UPDATE operation SET status = ?, code = ?, field = ?, rev = ? WHERE n = ? AND position = ?",
            *outcome[:4], n, position,
        )  # fmt: skip
