"""Where the nodes of a small graph stand: rings around its centre, then springs. The same graph always looks the same.

No widget is touched here: it runs behind the screen (80 nodes in about a tenth of a second).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence

RING = 120.0  # between a node and the next ring
LENGTH = 105.0  # of a tie at rest
ROOM = 84.0  # between two nodes, at least
FLAT = 1.15  # screens are wider than high
_WORK = 1_000_000  # pairs of nodes looked at in all: fewer turns for more nodes

Place = tuple[float, float]


def lay_out(ids: Sequence[str], ties: Iterable[tuple[str, str]], *, centre: str) -> dict[str, Place]:
    """A place for each node, the centre at (0, 0). Ties to nodes that are not there are left out."""
    beside: dict[str, list[str]] = {one: [] for one in ids}
    for first, second in dict.fromkeys(ties):
        if first in beside and second in beside and first != second:
            beside[first].append(second)
            beside[second].append(first)
    at = _rings(beside, centre)
    pairs = max(1, len(ids) * (len(ids) - 1) // 2)
    turns = min(120, max(20, _WORK // pairs // 3))
    for turn in range(turns):
        _spring(at, beside, centre, step=30 * (1 - turn / turns) + 2)
    for _turn in range(60):
        if not _push_apart(at, centre):
            break
    return {one: (x * FLAT, y) for one, (x, y) in at.items()}


def _rings(beside: Mapping[str, Sequence[str]], centre: str) -> dict[str, list[float]]:
    """A tree from the centre: each node in its ring, each branch in a sector as wide as it has leaves."""
    start = centre if centre in beside else next(iter(beside), "")
    below: dict[str, list[str]] = {one: [] for one in beside}
    seen, waiting, order = {start}, deque([start]), []
    while waiting:
        here = waiting.popleft()
        order.append(here)
        for other in beside.get(here, ()):
            if other not in seen:
                seen.add(other)
                below[here].append(other)
                waiting.append(other)
    loose = [one for one in beside if one not in seen]
    if start in below:
        below[start] += loose
    leaves: dict[str, int] = {}
    for one in [*loose, *reversed(order)]:
        leaves[one] = sum(leaves[child] for child in below[one]) or 1
    at: dict[str, list[float]] = {start: [0.0, 0.0]} if start in beside else {}
    _sector(start, below, leaves, at)
    return at


def _sector(
    start: str, below: Mapping[str, Sequence[str]], leaves: Mapping[str, int], at: dict[str, list[float]]
) -> None:  # fmt: skip
    waiting = deque([(start, -math.pi / 2, 2 * math.pi, 1)])
    while waiting:
        here, begin, width, ring = waiting.popleft()
        angle = begin
        for child in below.get(here, ()):
            share = width * leaves[child] / leaves[here]
            middle = angle + share / 2
            at[child] = [ring * RING * math.cos(middle), ring * RING * math.sin(middle)]
            waiting.append((child, angle, share, ring + 1))
            angle += share


def _spring(at: dict[str, list[float]], beside: Mapping[str, Sequence[str]], centre: str, *, step: float) -> None:
    """One turn: everybody pushes everybody away, ties pull, nobody moves further than a step."""
    names = list(at)
    xs, ys = [at[one][0] for one in names], [at[one][1] for one in names]
    count = len(names)
    fx, fy = [0.0] * count, [0.0] * count
    push = LENGTH * LENGTH
    for i in range(count):
        xi, yi = xs[i], ys[i]
        for j in range(i + 1, count):
            dx, dy = xi - xs[j], yi - ys[j]
            near = dx * dx + dy * dy or 0.01
            if near < 9 * push:
                force = push / near
                fx[i] += dx * force
                fy[i] += dy * force
                fx[j] -= dx * force
                fy[j] -= dy * force
    number = {one: n for n, one in enumerate(names)}
    for one, others in beside.items():
        i = number[one]
        for other in others:
            j = number[other]
            dx, dy = xs[j] - xs[i], ys[j] - ys[i]
            pull = math.hypot(dx, dy) / LENGTH
            fx[i] += dx * pull
            fy[i] += dy * pull
    for n, one in enumerate(names):
        far = math.hypot(fx[n], fy[n])
        if one != centre and far > 0:
            moved = min(far * 0.1, step) / far
            at[one] = [xs[n] + fx[n] * moved, ys[n] + fy[n] * moved]


def _push_apart(at: dict[str, list[float]], centre: str) -> bool:
    """Move whoever stands too near; whether anybody did."""
    names, moved = list(at), False
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            dx, dy = at[other][0] - at[one][0], at[other][1] - at[one][1]
            near = math.hypot(dx, dy)
            if near >= ROOM:
                continue
            moved = True
            if near < 0.01:
                dx, dy, near = 0.6 + i * 0.01, 0.8, 1.0
            by = (ROOM - near) / near / (1 if centre in (one, other) else 2)
            if one != centre:
                at[one] = [at[one][0] - dx * by, at[one][1] - dy * by]
            if other != centre:
                at[other] = [at[other][0] + dx * by, at[other][1] + dy * by]
    return moved
