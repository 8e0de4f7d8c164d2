"""No small count can be read or worked out: the exact bounds of every gap are wide, for tables of every kind."""

from __future__ import annotations

import random

import pytest

from app.reports.statistics import K_INSIDE, K_OUTSIDE, TOTAL, CountTable, tabulate
from tests.attacks import Survived, Tries
from tests.reports.bounds import bounds


def table(numbers: list[list[int]], k: int) -> CountTable:
    """Rows of numbers as a table."""
    flat = len(numbers[0]) == 1
    cells = [(f"r{r:02}", TOTAL if flat else f"c{c:02}") for r, row in enumerate(numbers) for c, n in enumerate(row)
             for _one in range(n)]  # fmt: skip
    return tabulate(cells, k=k)


def narrow(made: CountTable, k: int) -> list[tuple[str, str]]:
    """The gaps that can be told too closely: narrower than k values, or surely small."""
    found = bounds(made.cells, at_least=1)
    assert found.keys() == made.withheld
    return [at for at, (low, high) in found.items() if high is not None and (high - low < k - 1 or high < k)]


def drawn(lot: random.Random) -> list[list[int]]:
    """A table as an office has them: some large numbers, many small ones and zeros."""
    rows, columns = lot.randint(1, 6), lot.randint(1, 5)
    shape = lot.choice(((0, 0, 1, 3, 9, 40), (0, 0, 0, 1, 2), (12, 30, 50, 4), (15, 20, 90, 300, 1)))
    return [[lot.choice(shape) + lot.randint(0, 2) * lot.randint(0, 1) for _c in range(columns)] for _r in range(rows)]


def test_no_gap_can_be_computed_back(tries: Tries, survived: Survived) -> None:
    lot, count, held, gaps, naive = random.Random(20261124), tries(ci=30, full=1_000), 0, 0, 0
    for n in range(count):
        numbers, k = drawn(lot), (K_OUTSIDE, K_INSIDE)[n % 2]
        made = table(numbers, k)
        gaps += len(made.withheld)
        assert not [at for at, cell in made.cells.items() if cell is not None and 0 < cell < k]
        held += not narrow(made, k)
        whole = table(numbers, 0).cells
        only_small = CountTable(made.rows, made.columns, {a: None if v and v < k else v for a, v in whole.items()}, k)
        naive += bool(narrow(only_small, k))
    assert gaps > 5 * count
    survived(held, of=count, control=f"small counts alone withheld, {naive} of {count} tables gave one away")
    assert naive > count // 4


def test_the_attacker_finds_exactly_what_can_be_found() -> None:
    made = table([[3, 30], [15, 40]], 5)
    assert made.withheld == {(r, c) for r in ("r00", "r01") for c in ("c00", "c01")}
    possible = {x for x in range(1, 200) if min(33 - x, 18 - x, 40 - 3 + x) >= 1}
    low, high = bounds(made.cells, at_least=1)[("r00", "c00")]
    assert (low, high) == (min(possible), max(possible)) == (1, 17)


@pytest.mark.parametrize(
    ("numbers", "gaps"),
    [
        ([[20], [30]], 0),
        ([[3], [30], [12]], 2),  # a lone gap would follow from the total
        ([[0], [30]], 0),  # nobody is not a small number
        ([[3]], 2),  # and the total is the same number
        ([[20, 30], [40, 50]], 0),
        ([[3, 30, 40], [30, 40, 50], [50, 60, 70]], 4),  # a rectangle
    ],
)
def test_as_little_as_needed_is_withheld(numbers: list[list[int]], gaps: int) -> None:
    assert len(table(numbers, 5).withheld) == gaps


def test_small_and_further_gaps_look_the_same() -> None:
    made = table([[3, 30, 40], [30, 40, 50], [50, 60, 70]], 5)
    assert {made.cells[at] for at in made.withheld} == {None}


def test_nothing_counted_is_an_empty_table() -> None:
    assert tabulate([], k=5).cells == {(TOTAL, TOTAL): 0}
