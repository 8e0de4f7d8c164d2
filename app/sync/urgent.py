"""Which unsent operations travel first: referrals and their steps, each with everything of ours it stands on.

Taking an operation out of turn is sound only together with its unsent predecessors: every earlier operation on the
same record, and on the records it points to (case, person, party, consent, referral).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.models.base import KINDS
from app.models.field import Kind, fields_of
from app.sync.unsent import Unsent

URGENT_KINDS = frozenset({"referral", "referral_event"})


def in_order(waiting: Sequence[Unsent]) -> tuple[list[Unsent], int]:
    """(the operations in the order they are to travel, how many of them at the front are urgent)."""
    if not any(op.kind in URGENT_KINDS for op in waiting):
        return list(waiting), 0
    links = _Links(waiting)
    front: dict[int, Unsent] = {}
    for op in waiting:
        if op.kind in URGENT_KINDS and op.seq not in front:
            front |= {earlier.seq: earlier for earlier in links.standing_under(op) if earlier.seq not in front}
    return [*front.values(), *(op for op in waiting if op.seq not in front)], len(front)


class _Links:
    """What stands on what, among the unsent operations."""

    def __init__(self, waiting: Sequence[Unsent]) -> None:
        self._by_record: dict[str, list[Unsent]] = {}
        self._parties: dict[tuple[str | None, str], list[str]] = {}
        for op in waiting:
            self._by_record.setdefault(op.record, []).append(op)
            if op.kind == "party":
                person = op.wanted().get("person_id")
                self._parties.setdefault((op.case_id, str(person)), []).append(op.record)

    def standing_under(self, op: Unsent) -> list[Unsent]:
        """This operation and all it needs, in the order they were made."""
        needed: dict[int, Unsent] = {}
        todo = [op]
        while todo:
            current = todo.pop()
            if current.seq in needed:
                continue
            needed[current.seq] = current
            for record in self._points_to(current):
                todo += [earlier for earlier in self._by_record.get(record, ()) if earlier.seq < current.seq]
        return [needed[seq] for seq in sorted(needed)]

    def _points_to(self, op: Unsent) -> Iterable[str]:
        changes = op.wanted()
        yield op.record
        yield from references(op.kind, changes)
        if op.kind == "referral":
            yield from self._parties.get((op.case_id, str(changes.get("person_id"))), ())


def references(kind: str, changes: Mapping[str, Any]) -> Iterable[str]:
    """The ids of the records these changes point to."""
    record_class = KINDS.get(kind)
    for declared in fields_of(record_class) if record_class else ():
        value = changes.get(declared.key)
        if declared.kind is Kind.REF and isinstance(value, str):
            yield value
