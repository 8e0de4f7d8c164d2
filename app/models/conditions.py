"""Conditions of a rule as data: which records begin it, which end it. Read from resources/facts/deadline_rules.csv.

`step=ORDERED;sexual|flag.reason=DANGER` reads: the step is ORDERED and `sexual` is set; or some flag of the case
has the reason DANGER. `=` is one of, `!` none of, `~` begins with one of; a field alone is set. `paid()` is a check
that the program knows by name: models/due_checks.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

File = Mapping[str, Sequence[Any]]  # the records of one case by kind, oldest first; attributes by field key
_EMPTY = (None, "", (), False)
_ONE = re.compile(r"(?:(?P<kind>[a-z_]+)\.)?(?P<key>[a-z_]+)(?:(?P<op>[=!~])(?P<values>.+)|(?P<check>\(\)))?")


@dataclass(frozen=True, slots=True)
class Condition:
    """One demand on one field, of the record in question or of any record of another kind in its case."""

    kind: str
    key: str
    op: str  # '', '=', '!', '~', or '()' for a check
    values: tuple[str, ...]

    def holds(self, record: Any, file: File) -> bool:
        """Whether it is met."""
        if self.kind:
            return any(self._fits(other) for other in file.get(self.kind, ()))
        return self._fits(record)

    def _fits(self, record: Any) -> bool:
        value = getattr(record, self.key)
        if not self.op:
            return value not in _EMPTY
        held = value if isinstance(value, tuple) else (value,) if value not in _EMPTY else ()
        if self.op == "~":
            return any(str(one) == v or str(one).startswith(f"{v}.") for one in held for v in self.values)
        found = bool({*map(str, held)} & {*self.values})
        return found if self.op == "=" else not found


@dataclass(frozen=True, slots=True)
class Ending:
    """One way a deadline is met: a record of this kind that fits. 'self' is the record that began it.

    `later`: it must be dated on or after the beginning. `paid()` is a check.
    """

    kind: str
    later: bool
    wanted: tuple[Condition, ...]

    @property
    def check(self) -> str:
        """The name of the check, '' for a record."""
        return self.kind[:-2] if self.kind.endswith("()") else ""


def alternatives(text: str) -> tuple[tuple[Condition, ...], ...]:
    """The conditions of a cell: any of them, each all of its parts. () for an empty cell: always."""
    return tuple(_all(part) for part in text.split("|") if part)


def endings(text: str) -> tuple[Ending, ...]:
    """What ends a deadline, from its cell."""
    found = []
    for part in filter(None, text.split("|")):
        kind, _colon, wanted = part.removeprefix(">").partition(":")
        found.append(Ending(kind, part.startswith(">"), _all(wanted)))
    return tuple(found)


def _all(text: str) -> tuple[Condition, ...]:
    found = []
    for part in filter(None, text.split(";")):
        match = _ONE.fullmatch(part)
        if match is None:
            raise ValueError(f"no condition: {part!r}")
        values = tuple((match["values"] or "").split(",")) if match["op"] else ()
        op = match["op"] or match["check"] or ""
        found.append(Condition(match["kind"] or "", match["key"], op, values))
    return tuple(found)
