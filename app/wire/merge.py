"""The merge: one pure function, the same at the centre and on every laptop.

With one serialiser, the number of the version an author saw (`base_rev`) is a full causal summary: a field changed
after that number, by somebody else, is a field the author did not know. Clocks never decide.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

SCALAR, SET, ONCE = "scalar", "set", "once"


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """Same field, two values: `kept` stays, `other` is held beside it."""

    field: str
    kept: Any
    other: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """The content after the merge, the fields it changed, and what could not be merged."""

    content: dict[str, Any]
    changed: tuple[str, ...]
    conflicts: tuple[FieldConflict, ...]
    written_once: tuple[str, ...]  # fields that cannot change any more, and were asked to

    def status(self, *, concurrent: bool) -> str:
        """The result word: accepted, merged (something else had changed meanwhile) or conflict."""
        if self.conflicts or self.written_once:
            return "conflict"
        return "merged" if concurrent else "accepted"


def merge(
    server: Mapping[str, Any], changes: Mapping[str, Any], *, rules: Mapping[str, str], unseen: Collection[str]
) -> Merged:
    """Merge one operation into the centre's content.

    `rules`: key -> scalar | set | once (a key nobody knows is a scalar). `unseen`: the fields somebody else changed
    after the version the author saw.
    """
    content, changed, conflicts, once = dict(server), [], [], []
    for key, change in changes.items():
        rule, before = rules.get(key, SCALAR), server.get(key)
        after = apply_change(before, change)
        if after == before:
            continue  # both sides want the same
        if rule == ONCE and before is not None:
            once.append(key)
        elif key in unseen and not is_set_change(change):
            conflicts.append(FieldConflict(key, before, after))
        else:
            _put(content, key, after)
            changed.append(key)
    return Merged(content, tuple(changed), tuple(conflicts), tuple(once))


def replay(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The content with unsent local changes on top: what a worker sees until the centre has decided."""
    result = dict(content)
    for key, change in changes.items():
        _put(result, key, apply_change(result.get(key), change))
    return result


def is_set_change(change: Any) -> bool:
    """Whether this is a change of a set: {"add": [...], "remove": [...]}."""
    return isinstance(change, dict) and change.keys() == {"add", "remove"}


def apply_change(before: Any, change: Any) -> Any:
    """The value after a change. An empty set is no value."""
    if not is_set_change(change):
        return change
    had = set(before) if isinstance(before, list) else set()
    return sorted((had | set(change["add"])) - set(change["remove"])) or None


def _put(content: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        content.pop(key, None)
    else:
        content[key] = value
