"""What a referral and a transfer have in common: steps taken by sides, and where they lead.

A course is a table of transitions; the state is played from the steps, the same way on a laptop and at the centre.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

CENTRE = "centre"  # the side that every course has


@dataclass(frozen=True, slots=True)
class Step:
    """One event, reduced to what the state machine needs. `order` sorts: the owner's number, then local order."""

    id: str
    step: str
    side: str
    at: datetime
    order: tuple[int, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """The present step, since when, and the steps that came too late to count."""

    step: str = ""
    since: datetime | None = None
    late: tuple[str, ...] = ()  # event ids


@dataclass(frozen=True, slots=True)
class Course:
    """(from, step) -> who may take it. Anything else is not possible."""

    transitions: Mapping[tuple[str, str], frozenset[str]]

    def may_step(self, state: str, step: str, side: str) -> bool:
        """Whether this side may take this step from this state."""
        return side in self.transitions.get((state, step), frozenset())

    def next_steps(self, state: str, side: str) -> tuple[str, ...]:
        """The steps this side may take now, in the order of the table."""
        return tuple(step for (origin, step), sides in self.transitions.items() if origin == state and side in sides)

    def state_of(self, steps: Iterable[Step]) -> Standing:
        """Play the events in order; an impossible one is late and changes nothing."""
        state, since, late = "", None, []
        for event in sorted(steps, key=lambda s: s.order):
            if self.may_step(state, event.step, event.side):
                state, since = event.step, event.at
            else:
                late.append(event.id)
        return Standing(state, since, tuple(late))
