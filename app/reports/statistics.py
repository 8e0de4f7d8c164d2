"""Tables of counts by one or two dimensions, in which no small count can be read or worked out.

A count from 1 to k - 1 is withheld, totals included. A lone gap could be computed back from its row and its column, so
further cells are withheld with it, until every gap may, for all that is published, be any of a range of at least k
numbers, and none is surely below k. Both kinds of gap look the same. A zero is no small count and stands.

The table is a flow: a withheld cell can grow by one if others grow or shrink along a closed way through the rows and
columns, so how far it can grow is a maximum flow, and what else to withhold the cheapest one. What is known to whoever
reads the table: what is published, that the sums are right, and that a withheld cell is at least 1. Method: Cox (1980),
Kelly, Golden and Assad (1992).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

K_OUTSIDE, K_INSIDE = 11, 5
TOTAL = ""  # the code of the row and of the column of sums
NO_DATA = "NA"  # the code of what was not recorded: never a zero, never left out

At = tuple[str, str]  # (row, column)


@dataclass(frozen=True, slots=True)
class CountTable:
    """Counts by (row, column), sums under TOTAL; a withheld one is None. One dimension has no column but TOTAL."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[At, int | None]
    k: int

    @property
    def withheld(self) -> frozenset[At]:
        """Where the gaps are."""
        return frozenset(at for at, count in self.cells.items() if count is None)


def tabulate(found: Iterable[At], *, k: int) -> CountTable:
    """Count (row, column) pairs and withhold what must not be seen. ('X', TOTAL) counts by one dimension."""
    counted = Counter(found)
    rows = tuple(sorted({row for row, _column in counted}))
    columns = tuple(sorted({column for _row, column in counted} - {TOTAL}))
    whole = dict(_with_sums(counted, rows=rows, columns=columns))
    gaps = to_withhold(whole, k=k)
    return CountTable(rows, columns, {at: None if at in gaps else n for at, n in whole.items()}, k)


def _with_sums(
    counted: Mapping[At, int], *, rows: tuple[str, ...], columns: tuple[str, ...]
) -> Iterator[tuple[At, int]]:
    wide = columns or (TOTAL,)
    for row in rows:
        for column in columns:
            yield (row, column), counted.get((row, column), 0)
        yield (row, TOTAL), sum(counted.get((row, column), 0) for column in wide)
    for column in columns:
        yield (TOTAL, column), sum(counted.get((row, column), 0) for row in rows)
    yield (TOTAL, TOTAL), sum(counted.values())


def to_withhold(counts: Mapping[At, int], *, k: int) -> frozenset[At]:
    """The cells to withhold of a table with its sums."""
    gaps = {at for at, count in counts.items() if 0 < count < k}
    waiting = deque(sorted(gaps, key=lambda at: (counts[at], at)))
    while waiting:  # what can grow enough stays so when more is withheld: each gap is looked at once
        at = waiting.popleft()
        found = _Flow(counts, usable=gaps, gaps=gaps)
        room = 0 if counts[at] < k else found.shift(at, -1, min(k - 1, counts[at] - 1))[0]
        wanted = k - 1 - room  # a small count must be able to grow; of another it does not matter which way it goes
        if _Flow(counts, usable=gaps, gaps=gaps).shift(at, 1, wanted)[0] < wanted:
            usable = {other for other, count in counts.items() if count}
            _room, way = _Flow(counts, usable=usable, gaps=gaps).shift(at, 1, wanted)
            waiting += sorted(way - gaps)
            gaps |= way
    return frozenset(gaps)


class _Flow:
    """Ways on which a cell can change. Each cell is an arc between its row and its column, a sum runs the other way."""

    def __init__(self, counts: Mapping[At, int], *, usable: Iterable[At], gaps: Iterable[At]) -> None:
        self._counts, self._usable, self._gaps = counts, frozenset(usable), frozenset(gaps)
        self._flat = all(column == TOTAL for _row, column in counts)
        self._change: Counter[At] = Counter()
        self._arcs: dict[str, list[tuple[At, int, str]]] = {}
        for at in sorted(self._usable):
            start, end = self._ends(at)
            self._arcs.setdefault(start, []).append((at, 1, end))
            self._arcs.setdefault(end, []).append((at, -1, start))

    def shift(self, at: At, sign: int, wanted: int) -> tuple[int, frozenset[At]]:
        """(by how much this cell can grow or, -1, shrink, up to `wanted`; the other cells that change for it)."""
        goal, start = self._ends(at) if sign > 0 else self._ends(at)[::-1]
        done = 0
        while done < wanted and (way := self._cheapest(start, goal, at)):
            step = min(wanted - done, *(self._room(cell, sign) for cell, sign in way))
            for cell, sign in way:
                self._change[cell] += sign * step
            done += step
        return done, frozenset(cell for cell, change in self._change.items() if change)

    def _ends(self, at: At) -> tuple[str, str]:
        row, column = at
        if self._flat:
            return ("sum", "parts") if row == TOTAL else ("parts", "sum")
        start, end = f"row {row}", f"column {column}"
        return (end, start) if (row == TOTAL) != (column == TOTAL) else (start, end)

    def _room(self, cell: At, sign: int) -> int:
        """How much further a cell may change: up without end, down to 1, and back to where it was."""
        return 1 << 40 if sign > 0 else self._counts[cell] - 1 + self._change[cell]

    def _cost(self, cell: At, sign: int) -> int:
        if cell in self._gaps:
            return 0
        price = 1 + self._counts[cell]
        return -price if self._change[cell] * sign < 0 else price

    def _cheapest(self, start: str, goal: str, without: At) -> list[tuple[At, int]]:
        """The cheapest way with room on every arc; [] if there is none (Bellman-Ford with a queue)."""
        costs, came = {start: 0}, dict[str, tuple[str, At, int]]()
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for cell, sign, there in self._arcs.get(here, ()):
                if cell == without or self._room(cell, sign) <= 0:
                    continue
                cost = costs[here] + self._cost(cell, sign)
                if cost < costs.get(there, 1 << 60):
                    costs[there], came[there] = cost, (here, cell, sign)
                    waiting.append(there)
        way: list[tuple[At, int]] = []
        while goal != start:
            if goal not in came:
                return []
            goal, cell, sign = came[goal]
            way.append((cell, sign))
        return way
