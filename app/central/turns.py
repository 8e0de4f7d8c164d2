"""Whose turn it is to be applied: what is urgent first, then who was told to ask again and did, then by arrival."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Rank(IntEnum):
    """Lower goes first."""

    URGENT = 0
    AGAIN = 1  # it stood in a queue before, of another worker or of one that ended: nobody waits for it twice
    USUAL = 2


@dataclass(slots=True)
class _Line(Generic[T]):
    """Those of one rank, in the order in which they came."""

    here: deque[T] = field(default_factory=deque)
    gone: int = 0  # how many had their turn


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in one line."""

    rank: Rank
    number: int  # how many came into this line before


class Turns(Generic[T]):
    """The lines of one worker."""

    def __init__(self) -> None:
        self._lines: dict[Rank, _Line[T]] = {rank: _Line() for rank in Rank}

    def __len__(self) -> int:
        return sum(len(line.here) for line in self._lines.values())

    def enter(self, one: T, rank: Rank) -> Ticket:
        """Stand at the end of a line."""
        line = self._lines[rank]
        line.here.append(one)
        return Ticket(rank, line.gone + len(line.here) - 1)

    def next(self) -> T:
        """Whose turn it is. IndexError if nobody is here."""
        line = next(line for line in self._lines.values() if line.here or line is self._lines[Rank.USUAL])
        one = line.here.popleft()
        line.gone += 1
        return one

    def ahead(self, ticket: Ticket) -> int:
        """How many have their turn before this one, as they stand now."""
        before = sum(len(self._lines[rank].here) for rank in Rank if rank < ticket.rank)
        return max(0, ticket.number - self._lines[ticket.rank].gone) + before

    def leave(self) -> list[T]:
        """Nobody gets a turn any more; who stood here."""
        left = [one for line in self._lines.values() for one in line.here]
        for line in self._lines.values():
            line.gone += len(line.here)
            line.here.clear()
        return left
