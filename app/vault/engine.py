"""The SQLAlchemy engine over one keyed file.

`engine.begin()` and a Session begin with BEGIN IMMEDIATE: two workers that read and then write can only wait for
each other, never fail. `engine.execution_options(naungan_read=True)` is the same pool for readers: BEGIN DEFERRED
under query_only, so a reader never waits for the writer, and a write by mistake fails at once instead of in the field.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.pool import NullPool, QueuePool
from sqlcipher3 import dbapi2

from app.errors import ReadOnly, WorkspaceBusy
from app.i18n import _
from app.vault import cipher
from app.vault.faults import known
from app.vault.keys import Keys

DATABASE_PURPOSE = "workspace.db"
READ = "naungan_read"


def build_engine(path: Path, *, keys: Keys) -> Engine:
    """The engine that services use: pooled, guarded by the authorizer, errors translated.

    The connection used last is used next: it has the pages in its cache, and the others' caches stay small.
    """
    pool = {"poolclass": QueuePool, "pool_size": 8, "max_overflow": 8, "pool_use_lifo": True}
    return _engine(lambda: connect(path, keys=keys, guarded=True), pool=pool)


def build_migration_engine(path: Path, *, keys: Keys) -> Engine:
    """The engine of a migration: unguarded, foreign keys off before the transaction, as table rebuilds need."""
    return _engine(lambda: connect(path, keys=keys, foreign_keys=False), pool={"poolclass": NullPool})


def connect(path: Path, *, keys: Keys, guarded: bool = False, foreign_keys: bool = True) -> cipher.Connection:
    """One bare connection to a workspace's database, for the vault's own work; the caller closes it."""
    with keys.derived(DATABASE_PURPOSE) as key:
        return cipher.connect(path, key=key, guarded=guarded, foreign_keys=foreign_keys)


def connect_fresh(path: Path, *, keys: Keys) -> cipher.Connection:
    """The same to a file that was made empty a moment ago."""
    with keys.derived(DATABASE_PURPOSE) as key:
        return cipher.connect_fresh(path, key=key)


def close_all(engine: Engine) -> None:
    """Close every connection of the pool; WorkspaceBusy while somebody is using one. None may be opened meanwhile.

    One that is taken from the pool at this very moment counts as used: what was closed is held against what there was.
    """
    pool, closed = engine.pool, []

    def count(connection: object, _record: object) -> None:  # signature: SQLAlchemy event
        closed.append(connection)

    event.listen(pool, "close", count)
    opened = pool.size() + pool.overflow() if isinstance(pool, QueuePool) else 0
    engine.dispose()
    event.remove(pool, "close", count)
    if opened > len(closed):
        raise WorkspaceBusy(_("Another task is still writing to this workspace. Wait a moment and try again."))


def give_back(engine: Engine) -> None:
    """Empty the page caches of the connections that nobody is using; what is read next is deciphered anew."""
    pool = engine.pool
    with ExitStack() as taken:
        for _each in range(pool.checkedin() if isinstance(pool, QueuePool) else 0):
            raw: Any = taken.enter_context(closing(pool.connect())).driver_connection
            raw.execute("PRAGMA shrink_memory")


def _engine(creator: Callable[[], cipher.Connection], *, pool: dict[str, Any]) -> Engine:
    return _with_events(
        create_engine("sqlite+pysqlite://", module=dbapi2, creator=creator, hide_parameters=True, **pool)
    )


def _with_events(engine: Engine) -> Engine:
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _tell, retval=True)
    return engine


def _begin(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    reading = bool(connection.get_execution_options().get(READ))
    if connection.info.get(READ, False) != reading:
        raw.execute(f"PRAGMA query_only = {int(reading)}")
        connection.info[READ] = reading
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _tell(context: ExceptionContext) -> BaseException | None:
    """Put the known error in the place of the driver's, for whoever uses the engine."""
    told = known(context.original_exception)
    reading = context.connection is not None and context.connection.get_execution_options().get(READ)
    # a write through the reading engine is a bug, not a read-only disk
    return None if reading and isinstance(told, ReadOnly) else told
