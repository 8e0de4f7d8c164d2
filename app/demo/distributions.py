"""The shape of the sample world: weights from resources/facts/demo_distributions.csv, and fair draws from them."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from app.paths import table

# The row victims_per_case.1 names the rest of the distribution in its note: mean 1.2 as in its source.
VICTIMS = {1: 0.86, 2: 0.10, 3: 0.03, 5: 0.01}


@lru_cache
def weights(group: str) -> dict[str, float]:
    """Name -> weight of the rows `group.name`, in the order of the file. KeyError if there are none."""
    shipped = table("facts", "demo_distributions.csv")
    rows = [(row["variable"].partition("."), float(row["value"])) for row in shipped]
    found = {name: value for (prefix, _dot, name), value in rows if prefix == group}
    if not found:
        raise KeyError(f"no distribution {group!r}")
    return found


def draw(random: Random, table: dict[str, float]) -> str:
    """One name, as often as its weight says."""
    return random.choices(list(table), list(table.values()))[0]


def victims_in_a_case(random: Random) -> int:
    """How many victims one report has."""
    return random.choices(list(VICTIMS), list(VICTIMS.values()))[0]


def quota(random: Random, table: dict[str, float], *, count: int) -> list[str]:
    """`count` names in random order whose shares are those of the table, to the nearest whole one."""
    total = sum(table.values())
    exact = {name: weight / total * count for name, weight in table.items()}
    dealt = {name: int(share) for name, share in exact.items()}
    short = count - sum(dealt.values())
    for name in sorted(exact, key=lambda name: dealt[name] - exact[name])[:short]:
        dealt[name] += 1
    found = [name for name, times in dealt.items() for _ in range(times)]
    random.shuffle(found)
    return found
