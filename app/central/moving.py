"""A case that another office accepted moves there: all its records, with new numbers, in the transaction that decides.

The office that gives keeps what its other cases need, and sees the transfer. Nothing moves before the keys that open
what is sealed were given to the new office, and before the files are here: nobody could fetch either afterwards.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import LiteralString

from app.central import blobs
from app.central.book import Book
from app.central.config import Clock, today
from app.central.judge import Target, open_conflicts
from app.central.ledger import Ledger, in_scopes
from app.central.pages import read_cases, read_placed, read_rows, write_book, write_rows
from app.central.rows import CENTRE, Author, Row, case_file
from app.central.shape import merge_rules
from app.central.store import Store, as_scope
from app.central.views import cases_with, recipients, refresh
from app.models.field import to_ms
from app.models.ids import new_id
from app.models.keyring import OF_CASE
from app.models.transfer import OPEN_STATES
from app.models.view import transfer_step
from app.wire.merge import merge

MOVED = "moved"  # why a record leaves
_WAYS: tuple[LiteralString, ...] = (
    "DELETE FROM via WHERE scope = %s AND case_id = %s",
    "DELETE FROM delivery WHERE scope = %s AND case_id = %s",
)


def move_accepted(ledger: Ledger, *, now: datetime) -> dict[str, int]:
    """Move every case that this work made ready to move; the records that moved, with their new numbers."""
    moved: dict[str, int] = {}
    for scope in list(ledger.touched):
        owner, touched = ledger.book(scope), list(ledger.touched[scope].values())
        for case_id in sorted(_concerned(ledger, owner, touched)):
            moved |= move_if_ready(ledger, owner, case_id, now=now)
    return moved


def after_file(store: Store, owner: str, record: str, *, clock: Clock) -> None:
    """A file came whole: a case may have waited for it."""
    with store.transaction() as connection, as_scope(connection, owner):
        found = connection.execute(
            "SELECT r.case_id FROM record r JOIN record t ON t.scope = r.scope AND t.case_id = r.case_id"
            " AND t.kind = 'transfer' WHERE r.scope = %s AND r.id = %s LIMIT 1",
            (owner, record),
        ).fetchone()
    if found is None or found[0] is None:
        return

    def work(ledger: Ledger) -> None:
        move_if_ready(ledger, ledger.mine, found[0], now=clock())
        for scope in list(ledger.touched):
            touched = list(ledger.touched[scope].values())
            refresh(ledger, ledger.book(scope), touched=touched, today=today(clock()))

    in_scopes(store, owner, scopes=(), work=work)


def move_if_ready(ledger: Ledger, owner: Book, case_id: str, *, now: datetime) -> dict[str, int]:
    """Move a case if a transfer of it was accepted and nothing is missing; the records that moved; their numbers."""
    write_rows(ledger.connection, owner)
    read_cases(ledger.connection, owner, cases=[case_id])
    rows = owner.files([case_id])[case_id]
    file = case_file(rows)
    state = {row.id: transfer_step(file, row.id) for row in rows if row.kind == "transfer"}
    accepted = next((row for row in rows if state.get(row.id) == "ACCEPTED"), None)
    if accepted is None or owner.rows.get(case_id) is None:
        return {}
    heir = str(accepted.content["to_office"])
    if heir == owner.scope or _lacks_keys(rows, owner.scope, heir) or _lacks_files(ledger, owner, rows):
        return {}
    steps = {row: "WITHDRAWN" for row, step in state.items() if step in OPEN_STATES} | {accepted.id: "MOVED"}
    ledger.need({heir, *recipients(rows)} - {owner.scope})
    return _Move(ledger, owner, ledger.book(heir), case_id, now).carry_out(rows, steps)


def _concerned(ledger: Ledger, owner: Book, touched: Collection[Row]) -> set[str]:
    """The cases of these rows that may be ready now: a step was taken, or a key given to another office."""
    given = [row for row in touched if row.kind == "key_grant" and row.content.get("to_office") != owner.scope]
    cases = {row.case_id for row in touched if row.kind == "transfer_event"} | {row.case_id for row in given}
    persons = {row.person for row in given if row.person}
    if persons:
        write_rows(ledger.connection, owner)
    return {case_id for case_id in cases if case_id} | cases_with(ledger, owner, persons={str(p) for p in persons})


def _lacks_keys(rows: Collection[Row], owner: str, heir: str) -> bool:
    """Whether the owner holds a key of this case that was not given to the heir."""
    held: dict[str, set[tuple[str, str]]] = {owner: set(), heir: set()}
    for row in rows:
        office = row.content.get("to_office")
        if row.kind == "key_grant" and office in held:
            held[office].add((str(row.content.get("subject")), str(row.content.get("kid"))))
    return not held[owner] <= held[heir]


def _lacks_files(ledger: Ledger, owner: Book, rows: Collection[Row]) -> bool:
    names = (blobs.Name(row.id, str(row.content["blob"])) for row in rows if row.content.get("blob"))
    return not all(blobs.whole_length(ledger.connection, owner.scope, name) for name in names)


class _Move:
    """One case on its way from the book of its old owner into that of the new one."""

    def __init__(self, ledger: Ledger, old: Book, new: Book, case_id: str, now: datetime) -> None:
        self._ledger, self._old, self._new, self._case_id, self._now = ledger, old, new, case_id, now

    def carry_out(self, rows: list[Row], steps: dict[str, str]) -> dict[str, int]:
        """Everything; `steps` are what the centre says of the transfers of the case."""
        stay = self._who_stays(rows)
        leave = sorted((row for row in rows if row.id not in stay), key=lambda row: (row.rev, row.id))
        come = leave + [row for row in rows if row.id in stay and self._goes_along(row)]
        self._let_go(leave, others=recipients(rows) - {self._old.scope, self._new.scope})
        read_rows(self._ledger.connection, self._new, ids=[row.id for row in come])
        read_placed(self._ledger.connection, self._new, ids=[row.id for row in come])
        erased = self._erased_there([row.id for row in come])
        for row in come:
            if row.id not in erased:
                self._take_in(row)
        blobs.move([row.id for row in leave if row.content.get("blob")], self._ledger.connection,
                   old=self._old.scope, new=self._new.scope)  # fmt: skip
        for transfer, step in steps.items():
            self._enter(Row("transfer_event", new_id(), self._step(transfer, step)), _centre(self._now))
        return {row.id: there.rev for row in come if (there := self._new.rows.get(row.id)) is not None}

    def _who_stays(self, rows: list[Row]) -> set[str]:
        """Persons whom another case of the old owner needs, and what hangs on them alone."""
        people = [row.id for row in rows if row.kind == "person"]
        others = {p for p in people if cases_with(self._ledger, self._old, persons=[p]) - {self._case_id}}
        return others | {row.id for row in rows if row.case_id is None and row.person in others}

    def _goes_along(self, row: Row) -> bool:
        """Of what stays, the new owner gets a copy of the person, and the keys that were given to it."""
        return row.kind == "person" or (row.kind == "key_grant" and row.content.get("to_office") == self._new.scope)

    def _let_go(self, leave: list[Row], *, others: set[str]) -> None:
        ids, old, ledger = [row.id for row in leave], self._old, self._ledger
        read_placed(ledger.connection, old, ids=ids)
        for record in ids:
            if old.here(record) is not None:
                old.drop(record, reason=MOVED)
            old.rows[record] = None
            old.changed.pop(record, None)
            ledger.touched.get(old.scope, {}).pop(record, None)
        write_book(ledger.connection, old)
        with as_scope(ledger.connection, old.scope):
            ledger.connection.execute("SELECT let_go_of_moved()")
        for office in sorted(others):
            self._from_nobody(ledger.book(office), ids)
        self._forget_ways(self._new)

    def _from_nobody(self, book: Book, ids: list[str]) -> None:
        """What a third office saw of the old owner leaves, to come again under the new owner's numbers."""
        read_placed(self._ledger.connection, book, ids=ids)
        for record in ids:
            placed = book.here(record)
            if placed is not None and placed.owner == self._old.scope:
                book.drop(record, reason=MOVED)
        self._forget_ways(book)

    def _forget_ways(self, book: Book) -> None:
        with as_scope(self._ledger.connection, book.scope):
            for forget in _WAYS:
                self._ledger.connection.execute(forget, (book.scope, self._case_id))

    def _erased_there(self, ids: list[str]) -> set[str]:
        with as_scope(self._ledger.connection, self._new.scope):
            found = self._ledger.connection.execute(
                "SELECT record FROM erased WHERE scope = %s AND record = ANY(%s::uuid[])", (self._new.scope, ids)
            ).fetchall()
        return {record for (record,) in found}

    def _take_in(self, row: Row) -> None:
        """A record enters; over one that the new owner has itself, what differs is kept beside it."""
        own = self._new.rows.get(row.id)
        author = _last_author(row)
        if own is None:
            self._enter(Row(row.kind, row.id, row.content), author)
            return
        if row.kind == "key_grant" or own.kind != row.kind:
            return
        merged = merge(own.content, row.content, rules=merge_rules(row.kind), unseen=set(row.content))
        target = Target(self._new, own, fresh=False)
        open_conflicts(self._ledger, target, conflicts=merged.conflicts, author=author, now=self._now)
        if merged.changed:
            self._enter(Row(row.kind, row.id, merged.content, history=own.history), author, keys=merged.changed)

    def _enter(self, row: Row, author: Author, *, keys: tuple[str, ...] | None = None) -> None:
        row.rev = self._new.next_number()
        row.history.note(tuple(row.content) if keys is None else keys, rev=row.rev, author=author)
        self._ledger.keep(self._new, row)
        if row.kind == OF_CASE:
            self._new.cases_read.add(row.id)

    def _step(self, transfer: str, step: str) -> dict[str, object]:
        at = to_ms(self._now)
        return {
            "case_id": self._case_id, "transfer_id": transfer, "step": step, "at": at,
            "made_at": at, "made_by": "centre",
        }  # fmt: skip


def _centre(now: datetime) -> Author:
    return Author(CENTRE, "centre", to_ms(now))


def _last_author(row: Row) -> Author:
    """Who changed a record last: of its fields nobody's number means anything in the new scope."""
    last = row.history.authors.get(max(row.history.revs.values(), default=0))
    return Author(CENTRE, last.name, last.at) if last is not None else Author(CENTRE, "", 0)
