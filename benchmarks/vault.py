"""The encrypted workspace beside the same library without a key: same schema, same pragmas, same SQLAlchemy.

The limits are those of the design's "Opening SQLCipher with SQLAlchemy"; each figure is the better of several turns
taken alternately, so that a busy machine disturbs both alike.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlcipher3 import dbapi2

from app.vault.workspace import create, unlock

Row = tuple[str, str, str, str]
PASSWORD = "kuda hitam laut biru"
ROWS, COMMITS, PAGES, SEARCHES, TURNS = 20_000, 100, 500, 1_000, 7
WORDS = (
    "kasus", "korban", "rujukan", "desa", "kota", "pabrik", "kapal", "rumah", "jalan", "keluarga", "majikan", "upah",
    "paspor", "agen",
)  # fmt: skip
SCHEMA = (
    "CREATE TABLE bench (id INTEGER PRIMARY KEY, number TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX by_number ON bench (number)",
    "CREATE VIRTUAL TABLE words USING fts5(text, prefix='2 3')",
    "INSERT INTO words (words, rank) VALUES ('secure-delete', 1)",
    "INSERT INTO words (words, rank) VALUES ('pgsz', 3950)",
)
PRAGMAS = (
    "synchronous = FULL",
    "secure_delete = ON",
    "temp_store = MEMORY",
    "cell_size_check = ON",
    "cache_size = -16000",
)


def rows() -> list[Row]:
    """What was measured, ours, the peer's, and the ratio with its limit."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        ours, close = _ours(place / "workspace")
        peer = _unkeyed(place / "plain.db")
        try:
            found = [_compare(name, work, engines=(ours, peer), limit=limit) for name, work, limit in WORKS]
        finally:
            close()
            peer.dispose()
        sizes = ((place / "workspace" / "workspace.db").stat().st_size, (place / "plain.db").stat().st_size)
        found.append(("file size", f"{sizes[0] / 1e6:.1f} MB", f"{sizes[1] / 1e6:.1f} MB", _ratio(*sizes, limit=1.05)))
        found.append(_unlock_time(place / "workspace"))
    return found


def _now() -> datetime:
    return datetime.now(UTC)


def _ours(directory: Path) -> tuple[Engine, Callable[[], None]]:
    workspace = create(directory, login="bench", name="Bench", role="ADMIN", password=PASSWORD, now=_now)
    with workspace.engine.begin() as connection:
        for statement in SCHEMA:
            connection.exec_driver_sql(statement)
    return workspace.engine, workspace.close


def _unkeyed(path: Path) -> Engine:
    def creator() -> Any:
        connection = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    engine = create_engine("sqlite+pysqlite://", module=dbapi2, creator=creator, hide_parameters=True)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        for statement in SCHEMA:
            connection.exec_driver_sql(statement)
    return engine


def _body(n: int) -> str:
    return " ".join(WORDS[(n * step) % len(WORDS)] for step in range(1, 60 + n * 7919 % 120))


def _bulk(engine: Engine) -> None:
    """20,000 rows of 400 to 1,200 bytes in one transaction."""
    values = [{"id": n, "number": f"3603-2026-{n:06}", "body": _body(n)} for n in range(ROWS)]
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM bench")
        connection.execute(text("INSERT INTO bench VALUES (:id, :number, :body)"), values)


def _index(engine: Engine) -> None:
    """5,000 of these texts into an empty full-text index, in one transaction."""
    values = [{"n": n, "body": _body(n)} for n in range(ROWS // 4)]
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM words")
        connection.execute(text("INSERT INTO words (rowid, text) VALUES (:n, :body)"), values)


def _commit(engine: Engine) -> None:
    for n in range(COMMITS):
        with engine.begin() as connection:
            connection.execute(text("UPDATE bench SET number = :v WHERE id = :n"), {"v": f"x{n}", "n": n * 97})


def _list(engine: Engine) -> None:
    with engine.connect() as connection:
        for n in range(PAGES):
            query = text("SELECT id, number, substr(body, 1, 60) FROM bench WHERE number > :n ORDER BY number LIMIT 50")
            connection.execute(query, {"n": f"3603-2026-{(n % 60) * 10:06}"}).all()


def _search(engine: Engine) -> None:
    with engine.connect() as connection:
        for n in range(SEARCHES):
            query = text("SELECT rowid FROM words WHERE words MATCH :q LIMIT 50")
            connection.execute(query, {"q": f"{WORDS[n % len(WORDS)][:3]}*"}).all()


def _scan(engine: Engine) -> None:
    """Every page of the table, by a connection that has none of them in memory yet."""
    engine.dispose()
    with engine.connect() as connection:
        _touch_all(connection)


def _touch_all(connection: Connection) -> None:
    connection.exec_driver_sql("SELECT sum(length(body)) FROM bench").scalar_one()


WORKS: tuple[tuple[str, Callable[[Engine], None], float], ...] = (
    (f"bulk insert, {ROWS:,} rows", _bulk, 1.6),
    ("full-text index, 5,000 rows", _index, 1.6),
    (f"{COMMITS} commits", _commit, 2.0),
    (f"{PAGES} list pages of 50", _list, 1.5),
    (f"{SEARCHES} searches", _search, 1.5),
    ("scan of a cold table", _scan, 5.0),
)


def _compare(name: str, work: Callable[[Engine], None], *, engines: tuple[Engine, Engine], limit: float) -> Row:
    best = [float("inf"), float("inf")]
    for _turn in range(TURNS):
        for which, engine in enumerate(engines):
            best[which] = min(best[which], _seconds(lambda engine=engine: work(engine)))  # type: ignore[misc]
    ours, peer = best
    return name, f"{ours * 1000:.0f} ms", f"{peer * 1000:.0f} ms", _ratio(ours, peer, limit=limit)


def _unlock_time(directory: Path) -> Row:
    """Argon2id at its full cost, every page's seal, the log settled, the schema looked at."""

    def work() -> None:
        with closing(unlock(directory, login="bench", password=PASSWORD, now=_now)):
            pass

    took = min(_seconds(work) for _turn in range(TURNS))
    return "unlock", f"{took:.2f} s", "1.5 s", _ratio(took, 1.5, limit=1)


def _seconds(work: Callable[[], None]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _ratio(ours: float, peer: float, *, limit: float) -> str:
    return f"{ours / peer:.2f} (<= {limit:g}){'' if ours <= limit * peer else ' MISSED'}"


if __name__ == "__main__":
    for row in rows():
        print("{:34}{:>12}{:>12}   {}".format(*row))
