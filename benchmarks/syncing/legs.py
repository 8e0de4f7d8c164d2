"""One way of one peer over the link, measured: bytes, requests, seconds, finished or not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.syncing.link import FAR, GOOD, Link, Shape, Tally, cut_every

CUTS = (256, 64, 16, 8)  # KB
SHAPES: dict[str, Shape] = {"far": FAR} | {f"cut {size} KB": cut_every(size * 1024) for size in CUTS}


@dataclass(frozen=True, slots=True)
class Way:
    """What a peer says of its own work: `share` of it arrived, `bodies` are its bytes without headers, if it knows."""

    share: float = 1.0
    bodies: int = 0
    note: str = ""

    @property
    def finished(self) -> bool:
        """Whether all of it arrived."""
        return self.share >= 1.0


@dataclass(frozen=True, slots=True)
class Leg:
    """A measured way."""

    way: Way
    tally: Tally
    seconds: float
    cpu: float = 0.0  # of the server


@dataclass(slots=True)
class Results:
    """All legs of one peer by (work, link); `missing` says why there are none, `facts` what else was found."""

    peer: str
    missing: str = ""
    legs: dict[tuple[str, str], Leg] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    versions: str = ""


def measured(link: Link, shape: Shape, work: Callable[[], Way], *, cpu: Callable[[], float] = lambda: 0.0) -> Leg:
    """Do the work over this link."""
    link.begin(shape)
    used, began = cpu(), time.perf_counter()
    way = work()
    seconds = time.perf_counter() - began
    return Leg(way, link.tally(), seconds, cpu() - used)


def good(link: Link, work: Callable[[], Way], *, cpu: Callable[[], float] = lambda: 0.0) -> Leg:
    """Do the work over the link as it is, only counted."""
    return measured(link, GOOD, work, cpu=cpu)
