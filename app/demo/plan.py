"""The words in which the sample world is planned: a part, a happening, a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """A person with a part in a case. `again` names somebody who appears in several cases."""

    person: Mapping[str, Any]
    part: Mapping[str, Any]
    again: str = ""

    @property
    def is_victim(self) -> bool:
        """Whether the part is that of a victim."""
        return bool(self.part["role"] == "VICTIM")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that was done at one moment: `what` names the verb, `values` are what a worker typed."""

    at: datetime
    what: str  # screen, consent, service, note, refer, step, close, part, reach
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CasePlan:
    """One case: its report, its people (the first is the first victim), and what happened afterwards, in order."""

    reported_at: datetime
    values: Mapping[str, Any]
    parts: tuple[Part, ...]
    mode: str  # a key of stories.STORIES
    happenings: tuple[Happening, ...] = ()

    @property
    def victims(self) -> tuple[Part, ...]:
        """The parts of the victims."""
        return tuple(part for part in self.parts if part.is_victim)

    @property
    def suspect(self) -> Part | None:
        """The first suspect, if anybody knows one."""
        return next((part for part in self.parts if part.part["role"] == "SUSPECT"), None)
