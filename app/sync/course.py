"""One sync while it runs: what it was given, what it reports, and how it goes on after a break of the link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from app.errors import NetworkDown
from app.sync.device import Membership, SyncSetup
from app.sync.report import SyncReport, Watch
from app.sync.transport import Transport, Unreachable

_STALLS = 5  # breaks in a row without one more byte: then the link is down

T = TypeVar("T")


class Visit(Protocol):
    """What any exchange with the centre works on, over a link or by a file."""

    @property
    def setup(self) -> SyncSetup:
        """What it was given."""

    @property
    def report(self) -> SyncReport:
        """What it did so far."""

    @property
    def member(self) -> Membership:
        """Whose device it is."""


@dataclass(slots=True)
class Course:
    """The state of one run."""

    setup: SyncSetup
    transport: Transport
    watch: Watch
    report: SyncReport
    member: Membership


def persist(attempt: Callable[[], T], *, reached: Callable[[], int] = lambda: 0) -> T:
    """Try until the attempt ends without a break of the link.

    A link that is cut again and again still carries everything over, as long as each piece of it moves something;
    `reached` tells how many bytes are over. NetworkDown after some breaks at the same place, or when not even a
    connection can be made.
    """
    stalls, best = 0, -1
    while True:
        try:
            return attempt()
        except Unreachable:
            raise
        except NetworkDown:
            got = reached()
            stalls = 0 if got > best else stalls + 1
            best = max(best, got)
            if stalls >= _STALLS:
                raise
