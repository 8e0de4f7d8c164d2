"""What an attacker can work out of a published table: the exact bounds of every gap, by linear programming.

It shares nothing with app/reports/statistics.py: a two-phase simplex with Bland's rule over the equations of the sums.
The matrix of a two-way table is totally unimodular, so these bounds are reached by whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

At = tuple[str, str]
TOTAL = ""


def bounds(cells: Mapping[At, int | None], *, at_least: int) -> dict[At, tuple[int, int | None]]:
    """(smallest, largest) that each gap can be, None without an end, knowing that gaps are `at_least` so much."""
    gaps = sorted(at for at, count in cells.items() if count is None)
    equations = [_equation(line, cells, gaps, at_least) for line in _lines(cells)]
    found = {}
    for n, gap in enumerate(gaps):
        low = _extreme(equations, n, len(gaps), sign=-1)
        high = _extreme(equations, n, len(gaps), sign=1)
        assert low is not None
        found[gap] = (int(-low) + at_least, None if high is None else int(high) + at_least)
    return found


def _lines(cells: Mapping[At, int | None]) -> list[list[tuple[At, int]]]:
    """Every sum as cells with signs that add up to 0."""
    rows = sorted({row for row, _c in cells} - {TOTAL})
    columns = sorted({column for _r, column in cells} - {TOTAL})
    found = [[*(((row, column), 1) for column in columns), ((row, TOTAL), -1)] for row in (*rows, TOTAL) if columns]
    found += [[*(((row, column), 1) for row in rows), ((TOTAL, column), -1)] for column in (*columns, TOTAL)]
    return found


def _equation(
    line: list[tuple[At, int]], cells: Mapping[At, int | None], gaps: list[At], at_least: int
) -> tuple[list[Fraction], Fraction]:
    left, right = [Fraction(0)] * len(gaps), Fraction(0)
    for at, sign in line:
        count = cells[at]
        if count is None:
            left[gaps.index(at)] += sign
            right -= sign * at_least
        else:
            right -= sign * count
    return left, right


def _extreme(
    equations: list[tuple[list[Fraction], Fraction]], target: int, size: int, *, sign: int
) -> Fraction | None:  # fmt: skip
    """The largest value of sign * x[target] over x >= 0 within the equations; None if there is no end."""
    table = []
    for n, (left, right) in enumerate(equations):
        flip = -1 if right < 0 else 1
        extra = [Fraction(int(n == m)) for m in range(len(equations))]
        table.append([flip * value for value in left] + extra + [flip * right])
    basis = [size + n for n in range(len(equations))]
    first = [Fraction(0)] * size + [Fraction(-1)] * len(equations)
    assert _maximise(table, basis, first, len(first)) == 0, "the published table contradicts itself"
    for row, base in enumerate(basis):
        if base >= size:
            column = next((c for c in range(size) if table[row][c] != 0), None)
            if column is not None:
                _pivot(table, basis, row, column)
    second = [Fraction(0)] * (size + len(equations))
    second[target] = Fraction(sign)
    return _maximise(table, basis, second, size)


def _maximise(table: list[list[Fraction]], basis: list[int], goal: list[Fraction], usable: int) -> Fraction | None:
    while True:
        gains = [goal[c] - sum(goal[basis[r]] * row[c] for r, row in enumerate(table) if goal[basis[r]])
                 for c in range(usable)]  # fmt: skip
        entering = next((c for c, gain in enumerate(gains) if gain > 0), None)
        if entering is None:
            return sum((goal[basis[r]] * row[-1] for r, row in enumerate(table)), Fraction(0))
        ratios = [(row[-1] / row[entering], basis[r], r) for r, row in enumerate(table) if row[entering] > 0]
        if not ratios:
            return None
        _pivot(table, basis, min(ratios)[2], entering)


def _pivot(table: list[list[Fraction]], basis: list[int], row: int, column: int) -> None:
    by = table[row][column]
    table[row] = [value / by if value else value for value in table[row]]
    for other, line in enumerate(table):
        factor = line[column]
        if other != row and factor:
            table[other] = [a - factor * b if b else a for a, b in zip(line, table[row], strict=True)]
    basis[row] = column
