"""One scope inside one transaction: its head and digest under lock, its rows, and the feed lines to append.

Numbers come from the locked head and are written back with everything else: a number is never lost, and never visible
before the numbers below it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from app.central.rows import FeedLine, Placed, Row, until_of
from app.models.content import Content
from app.wire.digest import ScopeDigest, item_digest
from app.wire.messages import RowKind, encode

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

    def next_number(self) -> int:
        """The next number of this scope."""
        self.head += 1
        return self.head

    def keep(self, row: Row) -> None:
        """Write a row this scope owns; its rev was taken from `next_number` for this change."""
        self.rows[row.id] = self.changed[row.id] = row
        item = item_digest(row.kind, bytes.fromhex(row.id), row.rev, row.content)
        until = until_of(row.kind, row.content)
        self._move(Placed(row.kind, row.id, "F", row.rev, row.rev, item, self.scope, until), row.content)

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

    def here(self, record: str) -> Placed | None:
        """Where a record stands here, if it is here now. It must have been read (pages.read_placed)."""
        placed = self.placed[record]
        return placed if placed is not None and placed.here else None

    def files(self, cases: Collection[str]) -> dict[str, list[Row]]:
        """The records of these cases with their persons. They must have been read (pages.read_cases)."""
        files: dict[str, list[Row]] = {case_id: [] for case_id in cases}
        linked: dict[str, set[str]] = {}  # person -> cases
        known = [row for row in self.rows.values() if row is not None]
        for row in known:
            if row.case_id in files:
                files[row.case_id].append(row)
                if row.kind == "party" and row.person:
                    linked.setdefault(row.person, set()).add(row.case_id)
        for row in known:
            if row.case_id is None:
                person = row.id if row.kind == "person" else row.person
                for case_id in linked.get(person or "", ()):
                    files[case_id].append(row)
        return files

    def _move(self, placed: Placed, content: Content | None, *, reason: str = "") -> None:
        old = self.placed.get(placed.record)
        if old is not None and old.here:
            self.digest.remove(old.item)
        if placed.here:
            self.digest.add(placed.item)
        self.placed[placed.record] = self.moved[placed.record] = placed
        packed = _EMPTY if content is None else encode(content)
        self.lines.append(FeedLine(placed.seq, placed.row, placed.kind, placed.record, placed.rev, packed, reason))
