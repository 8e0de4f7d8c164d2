"""All scopes one transaction works in: locked in ascending order, written back together, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from psycopg import errors

from app.central.book import Book
from app.central.epochs import shared
from app.central.pages import open_book, read_placed, read_rows, write_book
from app.central.rows import Placed, Row
from app.central.store import Conn, Store, as_scope
from app.wire import REFERENCE

T = TypeVar("T")
_ROUNDS = 8


class NeedScopes(Exception):
    """The work touches scopes that are not locked. It starts anew with them, so that all locks are taken in order."""

    def __init__(self, scopes: Collection[str]) -> None:
        super().__init__("more scopes")
        self.scopes = frozenset(scopes)


@dataclass(slots=True)
class Ledger:
    """The open books of one transaction, seen from one office."""

    connection: Conn
    office: str
    books: dict[str, Book] = field(default_factory=dict)
    touched: dict[str, dict[str, Row]] = field(default_factory=dict)  # by owner scope and id, what this work changed
    looked_up: set[str] = field(default_factory=set)  # ids held against the register of what is erased
    erased: set[str] = field(default_factory=set)  # those of them that are, in the office's scope
    buried: dict[str, set[str]] = field(default_factory=dict)  # by scope, what this work erased
    shared: dict[tuple[str, str], int] = field(default_factory=dict)  # by scope and epoch, see `seen_up_to`

    @property
    def mine(self) -> Book:
        """The office's own book."""
        return self.books[self.office]

    def book(self, scope: str) -> Book:
        """The book of a scope. NeedScopes if it is not locked."""
        self.need({scope})
        return self.books[scope]

    def need(self, scopes: Collection[str]) -> None:
        """NeedScopes unless all of these are locked."""
        missing = set(scopes) - self.books.keys()
        if missing:
            raise NeedScopes(missing)

    def read(self, ids: Collection[str]) -> None:
        """Read these records: the office's own, and those of others that stand in its scope."""
        read_rows(self.connection, self.mine, ids=ids)
        read_placed(self.connection, self.mine, ids=ids)
        shown: dict[str, list[str]] = {}
        for record in ids:
            placed = self.mine.here(record)
            if placed is not None and placed.owner != self.office:
                shown.setdefault(placed.owner, []).append(record)
        self.need(shown.keys())
        for owner, records in shown.items():
            read_rows(self.connection, self.books[owner], ids=records)
            read_placed(self.connection, self.books[owner], ids=records)

    def find(self, record: str) -> tuple[Book, Row] | None:
        """A record this office may know of, and the book that owns it. Foreign is as good as absent."""
        own = self.mine.rows.get(record)
        if own is not None:
            return self.mine, own
        placed = self.standing(record)
        if placed is None or not placed.here or placed.owner == self.office:
            return None
        row = self.books[placed.owner].rows[record]
        return (self.books[placed.owner], row) if row is not None else None

    def standing(self, record: str) -> Placed | None:
        """Where a record stands, or stood, in the office's own scope."""
        return self.mine.placed.get(record)

    def knows(self, record: str) -> bool:
        """Whether this office may refer to a record: it sees it, or it is in the directory (read without its lock)."""
        if self.find(record) is not None:
            return True
        with as_scope(self.connection, REFERENCE):
            found = self.connection.execute(
                "SELECT 1 FROM record WHERE scope = %s AND id = %s", (REFERENCE, record)
            ).fetchone()
        return found is not None

    def find_shared(self, record: str) -> tuple[Book, Row] | None:
        """A record of the directory that every office reads and writes."""
        book = self.book(REFERENCE)
        read_rows(self.connection, book, ids=[record])
        read_placed(self.connection, book, ids=[record])
        row = book.rows[record]
        return (book, row) if row is not None else None

    def cases_showing(self, record: str) -> set[str]:
        """The cases of others through which this office sees a record."""
        with as_scope(self.connection, self.office):
            found = self.connection.execute(
                "SELECT case_id FROM via WHERE scope = %s AND record = %s", (self.office, record)
            ).fetchall()
        return {case_id for (case_id,) in found}

    def seen_up_to(self, scope: str, *, epoch: str) -> int:
        """The highest number of a scope that an author of this epoch can have seen of the present history."""
        if (scope, epoch) not in self.shared:
            with as_scope(self.connection, scope):
                self.shared[scope, epoch] = shared(self.connection, scope, epoch=epoch)
        return self.shared[scope, epoch]

    def keep(self, book: Book, row: Row, *, device: str | None = None) -> None:
        """Write a row into the book of its owner, and remember to refresh the views of it."""
        book.keep(row, device=device)
        self.touched.setdefault(book.scope, {})[row.id] = row

    def wrote(self, record: str) -> bool:
        """Whether this work changed a record."""
        return any(record in rows for rows in self.touched.values())

    def write(self) -> None:
        """Write all books back, in the order in which they were locked."""
        for scope in sorted(self.books):
            write_book(self.connection, self.books[scope])


def in_scopes(store: Store, office: str, *, scopes: Iterable[str], work: Callable[[Ledger], T]) -> T:
    """Do this work with these scopes locked, and with whatever more it asks for, in one transaction.

    `work` may be called several times; only the last time is written.
    """
    wanted = {office, *scopes}
    for _round in range(_ROUNDS):
        try:
            with store.transaction() as connection:
                ledger = _locked(connection, office, scopes=wanted)
                result = work(ledger)
                ledger.write()
            if ledger.buried:
                store.erased_in(ledger.buried)
            return result
        except NeedScopes as need:
            wanted |= need.scopes
        except (errors.DeadlockDetected, errors.SerializationFailure):
            continue  # nothing was written: it is as if the work had come a moment later
    raise RuntimeError("the work keeps asking for more scopes")


def _locked(connection: Conn, office: str, *, scopes: Collection[str]) -> Ledger:
    ledger = Ledger(connection, office)
    for scope in sorted(scopes):
        book = open_book(connection, scope)
        if book is not None:
            ledger.books[scope] = book
    return ledger
