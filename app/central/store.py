"""Connections to PostgreSQL, transactions, and the scope a transaction works in. Ids are 32 hexadecimal digits here."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import Buffer, Loader

Conn = psycopg.Connection[tuple[Any, ...]]

# What it warns of, that a pipeline ended in an error, is raised as well; it would stand in the log beside the reason.
logging.getLogger("psycopg").setLevel(logging.ERROR)


class ScopedConnection(Conn):
    """Runs every statement in the scope it is meant for, and tells PostgreSQL only when that is another than before.

    One block after the other in the same scope costs nothing; a statement outside any block runs in none, and raises.
    """

    wanted = ""  # the scope of the block we are in
    set = ""  # what PostgreSQL was told in this transaction

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """Whatever is executed is executed through one."""
        if self.set != self.wanted:
            self.set = self.wanted
            _set(super().cursor(), self.wanted)
        return super().cursor(*args, **kwargs)


class _HexLoader(Loader):
    """uuid columns as 32 hexadecimal digits, the form every other part of the program uses."""

    def load(self, data: Buffer) -> str:
        """From PostgreSQL's text form."""
        return bytes(data).decode().replace("-", "")


class _RawLoader(Loader):
    """The same from PostgreSQL's binary form."""

    format = pq.Format.BINARY

    def load(self, data: Buffer) -> str:
        """From the 16 bytes."""
        return bytes(data).hex()


class Store:
    """One database by one role. Threads take a connection each; idle ones are kept, broken ones are dropped."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.erased_in: Callable[[Iterable[str]], None] = lambda _scopes: None  # told in which scopes something went
        self._idle: queue.LifoQueue[ScopedConnection] = queue.LifoQueue()
        self._busy: set[ScopedConnection] = set()
        self._given = threading.Condition()
        self._closed = False

    @contextmanager
    def statement(self) -> Iterator[Conn]:
        """A connection for one statement, which is a transaction by itself: one exchange instead of three."""
        connection = self._take()
        try:
            yield connection
        finally:
            self._give(connection)

    @contextmanager
    def transaction(self, *, snapshot: bool = False) -> Iterator[Conn]:
        """A transaction that commits at the end of the block. `snapshot`: read only, one moment for all its reads."""
        connection = self._take()
        try:
            with connection.transaction():
                if snapshot:
                    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                yield connection
        finally:
            self._give(connection)

    def idle(self, *, within: float) -> bool:
        """Wait so many seconds until nobody works with a connection; whether that is so."""
        with self._given:
            return self._given.wait_for(lambda: not self._busy, within)

    def interrupt(self) -> None:
        """Stop the statements that run now: what they belong to is rolled back."""
        with self._given:
            busy = list(self._busy)
        for connection in busy:
            connection.cancel_safe(timeout=2)

    def close(self) -> None:
        """Close every idle connection; those at work close when they are given back."""
        self._closed = True
        self._drain()

    def _take(self) -> ScopedConnection:
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = ScopedConnection.connect(self.url, autocommit=True)
            connection.adapters.register_loader("uuid", _HexLoader)
            connection.adapters.register_loader("uuid", _RawLoader)
        connection.set = connection.wanted = ""
        with self._given:
            self._busy.add(connection)
        return connection

    def _give(self, connection: ScopedConnection) -> None:
        with self._given:
            self._busy.discard(connection)
            self._given.notify_all()
        if connection.broken:
            self._drain()  # its idle neighbours most likely broke with it
        if connection.closed or self._closed:
            connection.close()
        else:
            self._idle.put(connection)

    def _drain(self) -> None:
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return


@contextmanager
def as_scope(connection: Conn, scope: str) -> Iterator[None]:
    """Work in this scope inside the block, then in none again: a statement outside any block raises."""
    if isinstance(connection, ScopedConnection):
        connection.wanted = scope
        try:
            yield
        finally:
            connection.wanted = ""
        return
    _set(connection, scope)
    yield
    _set(connection, "")  # not after an error: the transaction is over then, and the setting with it


def _set(where: Conn | psycopg.Cursor[Any], scope: str) -> None:
    where.execute("SELECT set_config('naungan.scope', %s, true)", (scope,))


def epoch_of(store: Store) -> str:
    """The epoch of this database; a restored copy gets a new one."""
    with store.transaction() as connection:
        row = connection.execute("SELECT epoch FROM centre").fetchone()
    assert row is not None
    return str(row[0])


def version_of(store: Store) -> int:
    """Of the tables in this database."""
    with store.transaction() as connection:
        row = connection.execute("SELECT version FROM centre").fetchone()
    assert row is not None
    return int(row[0])


def connections_of(store: Store) -> int:
    """How many connections this role has open to this database, of all workers."""
    with store.statement() as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])
