"""One operation: is it well formed, may this office write it, and what comes of it when it meets what is there."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.central import erasing
from app.central.book import Book
from app.central.config import today
from app.central.keyrights import again, grant_problem, office_key_problem
from app.central.ledger import Ledger
from app.central.pages import read_rows
from app.central.rights import (
    SHARED,
    STEPS,
    entry_problem,
    foreign_problem,
    home_of,
    is_late,
    missing,
    recipient_problem,
)
from app.central.rows import Author, Row
from app.central.shape import merge_rules, problem_of, refused, renamed, without_plain
from app.models.erasure import Erasure
from app.models.field import to_ms
from app.models.ids import new_id
from app.wire import REFERENCE
from app.wire.merge import FieldConflict, Merged, merge
from app.wire.messages import Change, Outcome, Status

_KEYS = frozenset({"office_key", "key_grant"})  # written once, as a whole, by rules of their own


@dataclass(frozen=True, slots=True)
class Writer:
    """Whose operations these are, when they arrived, and of which epoch their numbers are.

    `late`: the work is judged long after it was sent, and its device may have gone on. Then only what was written
    under these (scope, number), by this same late work, is known to its author; else an old value would replace a new
    one of the same device.
    """

    device: str
    office: str
    now: datetime
    centre_key: bytes = b""  # what certificates of laptops are checked with
    epoch: str = ""
    late: set[tuple[str, int]] | None = None

    @property
    def today(self) -> str:
        """The day by which consents run out."""
        return today(self.now)


@dataclass(frozen=True, slots=True)
class Target:
    """The record an operation is about, and the book that owns it."""

    book: Book
    row: Row
    fresh: bool  # it does not exist yet


def judge(ledger: Ledger, change: Change, *, writer: Writer) -> Outcome:
    """Apply one operation to the ledger and say what became of it. The records it names have been read."""
    problem = problem_of(change)
    if problem is not None:
        return problem
    gone = erasing.answer(ledger, change)
    if gone is not None:
        return gone
    changes = renamed(change)
    problem = entry_problem(change, changes, office=writer.office)
    if problem is not None:
        return problem
    target = _target(ledger, change, changes, writer=writer)
    if isinstance(target, Outcome):
        return target
    problem = _problem(ledger, target, change=change, changes=changes, writer=writer)
    if problem is not None:
        return problem
    if change.kind == Erasure.kind:
        # Each field is written once: what stands counts, not what somebody writes over it.
        problem = erasing.problem(ledger, {**changes, **target.row.content})
        if problem is not None:
            return problem
    seen = _seen(ledger, target, change=change, changes=changes, writer=writer)
    if isinstance(seen, Outcome):
        return seen
    outcome = _merged(ledger, target, change=change, changes=changes, writer=writer, seen=seen)
    if change.kind == Erasure.kind:
        erasing.carry_out(ledger, target.row.id, now=writer.now)
    return outcome


def _problem(
    ledger: Ledger, target: Target, *, change: Change, changes: dict[str, Any], writer: Writer
) -> Outcome | None:
    """What speaks against this record as a whole."""
    if change.kind in _KEYS and not target.fresh:
        return again(target.row, changes)
    if change.kind == "office_key":
        return office_key_problem(ledger, changes, centre_key=writer.centre_key)
    if change.kind == "key_grant":
        return grant_problem(ledger, target.book, change, changes, today=writer.today)
    return recipient_problem(ledger, changes) if change.kind in ("referral", "transfer") else None


def waits_for(ledger: Ledger, change: Change) -> str:
    """The record that a held operation waits for."""
    keys = ("subject",) if change.kind == "key_grant" else ("case_id", "referral_id", "transfer_id")
    named = [*(change.changes.get(key) for key in keys), change.record.hex()]
    return next((str(record) for record in named if record and ledger.find(str(record)) is None), change.record.hex())


def _target(ledger: Ledger, change: Change, changes: dict[str, Any], *, writer: Writer) -> Target | Outcome:
    record = change.record.hex()
    found = ledger.find_shared(record) if change.kind in SHARED else ledger.find(record)
    if found is not None:
        return Target(*found, fresh=False) if found[1].kind == change.kind else refused("not_found")
    if not change.new:
        # A number of a history that is gone may be of a record that another laptop still offers again: it waits.
        seen = 0 < change.base_rev <= ledger.seen_up_to(ledger.office, epoch=writer.epoch)
        return missing(ledger, record, seen=seen)
    home = home_of(ledger, change, changes)
    if isinstance(home, Outcome):
        return home
    if home is not ledger.mine:  # a record of the owner's that this office does not see is not made anew over it
        read_rows(ledger.connection, home, ids=[record])
        if home.rows[record] is not None:
            return refused("not_found")
    return Target(home, Row(change.kind, record, {}), fresh=True)


def _seen(
    ledger: Ledger, target: Target, *, change: Change, changes: dict[str, Any], writer: Writer
) -> Outcome | set[str] | None:
    """For another office's record, the keys the author can see, or why not; None for one's own: all of them."""
    if target.book is ledger.mine or change.kind == "agency" or change.kind in _KEYS:
        return None
    return foreign_problem(ledger, target.book, row=target.row, change=change, changes=changes, today=writer.today)


def _merged(
    ledger: Ledger, target: Target, *, change: Change, changes: dict[str, Any], writer: Writer, seen: set[str] | None
) -> Outcome:
    book, row = target.book, target.row
    unseen = _unseen(ledger, target, change=change, writer=writer)
    if seen is not None:
        unseen &= seen  # that a field changed which the author may not see is not said either
    held = without_plain(change.kind, row.content, keys=changes)
    gone = tuple(key for key in changes if held.get(key) != row.content.get(key))
    merged = merge(held, changes, rules=merge_rules(change.kind), unseen=unseen - set(gone))
    if gone:  # what was plain is no value any more, also if the same tokens stand there already
        merged = replace(merged, changed=tuple(dict.fromkeys((*merged.changed, *gone))))
    if change.new and not target.fresh and not (merged.changed or merged.conflicts or merged.written_once):
        return Outcome(Status.DUPLICATE, rev=_rev(ledger, row))
    author = Author(writer.device, change.actor_name, change.at)
    late = target.fresh and row.kind in STEPS and is_late(ledger, book, Row(row.kind, row.id, merged.content))
    if row.kind != "conflict":  # over a choice nobody has to choose: what was chosen is in the field it is about
        open_conflicts(ledger, target, conflicts=merged.conflicts, author=author, now=writer.now)
    rev = _rev(ledger, row)
    if merged.changed or target.fresh:
        alone = not (late or gone or merged.conflicts or merged.written_once or changes.keys() != change.changes.keys())
        rev = _write(ledger, target, merged=merged, writer=writer, author=author, alone=alone)
    if late:
        return Outcome(Status.CONFLICT, "late_step", "step", rev)
    return _outcome(merged, rev, concurrent=bool(unseen)) if row.kind != "conflict" else _settling(merged, rev)


def _settling(merged: Merged, rev: int) -> Outcome:
    """The outcome of settling a conflict: who was first has chosen; the same choice again is the same choice."""
    differing = any(conflict.field == "settled" for conflict in merged.conflicts)
    if differing:
        return Outcome(Status.CONFLICT, "settled_before", "settled", rev)
    return _outcome(replace(merged, conflicts=()), rev, concurrent=bool(merged.conflicts))


def _outcome(merged: Merged, rev: int, *, concurrent: bool) -> Outcome:
    status = Status(merged.status(concurrent=concurrent))
    if merged.conflicts:
        return Outcome(status, "same_field", merged.conflicts[0].field, rev)
    if merged.written_once:
        return Outcome(status, "written_once", merged.written_once[0], rev)
    return Outcome(status, rev=rev)


def _rev(ledger: Ledger, row: Row) -> int:
    """The number at which the author's office has this record: its own, or where it stands in its view."""
    placed = ledger.standing(row.id)
    return placed.rev if placed is not None and placed.here else row.rev


def _unseen(ledger: Ledger, target: Target, *, change: Change, writer: Writer) -> set[str]:
    """The fields whose present value the author did not know."""
    if target.fresh:
        return set()
    scope, history = target.book.scope, target.row.history
    base = min(change.base_rev, ledger.seen_up_to(scope, epoch=writer.epoch))
    if writer.late is None:
        return history.unseen(base, device=writer.device)
    return {key for key, rev in history.revs.items() if rev > base and (scope, rev) not in writer.late}


def _write(ledger: Ledger, target: Target, *, merged: Merged, writer: Writer, author: Author, alone: bool) -> int:
    """`alone`: whoever has the version before and this operation has all of what comes of it (see FeedLine.device)."""
    row, book = target.row, target.book
    rev = book.next_number()
    row.history.note(merged.changed, rev=rev, author=author)
    mine = alone and writer.late is None and book.scope in (ledger.office, REFERENCE)
    ledger.keep(book, Row(row.kind, row.id, merged.content, rev, row.history), device=writer.device if mine else None)
    if writer.late is not None:
        writer.late.add((book.scope, rev))
    if target.fresh and row.kind == "case":
        target.book.cases_read.add(row.id)  # nothing of it can be in the database yet
    return rev


def open_conflicts(
    ledger: Ledger, target: Target, *, conflicts: tuple[FieldConflict, ...], author: Author, now: datetime
) -> None:
    """Both values stay: the centre's in the record, the author's beside it, where both sides see it."""
    row = target.row
    for conflict in conflicts:
        kept_by = row.history.author_of(conflict.field)
        content = {
            "case_id": row.case_id, "about_kind": row.kind, "about_id": row.id, "about_field": conflict.field,
            "kept": _text(conflict.kept), "kept_by": kept_by.name, "kept_at": kept_by.at,
            "other": _text(conflict.other), "other_by": author.name, "other_at": author.at, "made_at": to_ms(now),
        }  # fmt: skip
        opened = Row("conflict", new_id(), {key: value for key, value in content.items() if value not in (None, "")})
        opened.rev = target.book.next_number()
        opened.history.note(tuple(opened.content), rev=opened.rev, author=author)
        ledger.keep(target.book, opened)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
