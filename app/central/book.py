"""One scope inside one transaction: its head and digest under lock, its rows, and the feed lines to append.

Numbers come from the locked head and are written back with everything else: a number is never lost, and never visible
before the numbers below it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from app.central.rows import FeedLine, Placed, Row, Verdict, until_of
from app.models.content import Content
from app.wire.digest import ScopeDigest, item_digest
from app.wire.messages import Outcome, RowKind, encode

_EMPTY = encode({})


@dataclass(slots=True)
class Book:
    """What this transaction knows and changes of one scope. Reading and writing PostgreSQL is in pages.py."""

    scope: str
    head: int
    digest: ScopeDigest
    rows: dict[str, Row | None] = field(default_factory=dict)  # owned here; None: looked for, not there
    placed: dict[str, Placed | None] = field(default_factory=dict)
    cases_read: set[str] = field(default_factory=set)  # cases whose records are all in `rows`
    persons_read: set[str] = field(default_factory=set)  # persons who are in `rows` with the conflicts about them
    changed: dict[str, Row] = field(default_factory=dict)  # to be written to `record`
    moved: dict[str, Placed] = field(default_factory=dict)  # to be written to `placement`
    lines: list[FeedLine] = field(default_factory=list)  # to be appended to `feed`
    verdicts: list[Verdict] = field(default_factory=list)  # to be appended to `verdict`
    _of_case: dict[str, set[str]] = field(default_factory=dict)  # case -> its records in `rows`
    _about: dict[str, set[str]] = field(default_factory=dict)  # person -> conflicts about them in `rows`

    def next_number(self) -> int:
        """The next number of this scope."""
        self.head += 1
        return self.head

    def keep(self, row: Row, *, device: str | None = None) -> None:
        """Write a row this scope owns; its rev was taken from `next_number` for this change.

        `device`: the one that has all of this change in its own work (see FeedLine).
        """
        self.hold(row)
        self.changed[row.id] = row
        item = item_digest(row.kind, bytes.fromhex(row.id), row.rev, row.content)
        until = until_of(row.kind, row.content)
        placed = Placed(row.kind, row.id, "F", row.rev, row.rev, item, self.scope, until)
        self._move(placed, row.content, device=device)

    def show(self, row: Row, content: Content, *, rev: int, owner: str) -> int:
        """Show (part of) another scope's record here; returns this scope's own number of the feed line."""
        seq = self.next_number()
        item = item_digest(row.kind, bytes.fromhex(row.id), rev, content)
        self._move(Placed(row.kind, row.id, "F", rev, seq, item, owner, until_of(row.kind, content)), content)
        return seq

    def drop(self, record: str, *, reason: str) -> None:
        """A shown record leaves this scope."""
        old = self.placed[record]
        assert old is not None
        gone = Placed(old.kind, record, RowKind.LEAVE.value, old.rev, self.next_number(), 0, old.owner)
        self._move(gone, None, reason=reason)

    def bury(self, record: str, *, reason: str) -> None:
        """A record is erased: a tombstone stands in its place, and nothing of it is written any more."""
        old = self.placed[record]
        assert old is not None
        self.rows[record] = None
        self.changed.pop(record, None)
        self.lines = [replace(x, content=_EMPTY) if x.record == record else x for x in self.lines]
        tomb = Placed(old.kind, record, RowKind.TOMB.value, old.rev, self.next_number(), 0, old.owner)
        self._move(tomb, None, reason=reason)

    def decide(self, device: str, n: int, position: int, *, outcome: Outcome) -> None:
        """Tell a device of this office what became of an operation whose batch was answered before."""
        self.verdicts.append(Verdict(self.next_number(), device, n, position, encode(outcome)))

    def here(self, record: str) -> Placed | None:
        """Where a record stands here, if it is here now. It must have been read (pages.read_placed)."""
        placed = self.placed[record]
        return placed if placed is not None and placed.here else None

    def hold(self, row: Row) -> None:
        """Put a row that this scope owns into the book, where `files` finds it."""
        self.rows[row.id] = row
        if row.case_id is not None:
            self._of_case.setdefault(row.case_id, set()).add(row.id)
        elif row.person is not None:
            self._about.setdefault(row.person, set()).add(row.id)

    def persons_of(self, cases: Collection[str]) -> set[str]:
        """The persons of these cases."""
        parties = (row for case_id in cases for row in self._held(self._of_case.get(case_id)) if row.kind == "party")
        return {row.person for row in parties if row.person is not None}

    def files(self, cases: Collection[str]) -> dict[str, list[Row]]:
        """The records of these cases with their persons. They must have been read (pages.read_cases)."""
        return {case_id: self._file(case_id) for case_id in cases}

    def _file(self, case_id: str) -> list[Row]:
        persons = self.persons_of([case_id])
        about = [row for person in persons for row in self._held(self._about.get(person))]
        people = [row for row in self._held(persons) if row.kind == "person"]
        return [*self._held(self._of_case.get(case_id)), *people, *about]

    def _held(self, ids: Collection[str] | None) -> list[Row]:
        return [row for record in sorted(ids or ()) if (row := self.rows.get(record)) is not None]

    def _move(self, placed: Placed, content: Content | None, *, reason: str = "", device: str | None = None) -> None:
        old = self.placed.get(placed.record)
        if old is not None and old.here:
            self.digest.remove(old.item)
        if placed.here:
            self.digest.add(placed.item)
        self.placed[placed.record] = self.moved[placed.record] = placed
        packed = _EMPTY if content is None else encode(content)
        line = FeedLine(placed.seq, placed.row, placed.kind, placed.record, placed.rev, packed, reason, device)
        self.lines.append(line)
