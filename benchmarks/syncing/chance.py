"""A source of chance that counts what it gave away: the sum is what no encoding of the result can go below."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Choices from a seed, always the same; `bits` is the information in all of them."""

    def __init__(self, seed: str) -> None:
        self.bits = 0.0
        self._random = Random(seed)

    def even(self, choices: Sequence[T]) -> T:
        """One of them, each as likely."""
        self.bits += math.log2(len(choices))
        return choices[self._random.randrange(len(choices))]

    def common(self, choices: Sequence[T]) -> T:
        """One of them, the first ones more often: as words, names and codes are in use (Zipf)."""
        sums = _zipf(len(choices))
        at = bisect_right(sums, self._random.random() * sums[-1], hi=len(choices) - 1)
        self.bits -= math.log2((sums[at] - (sums[at - 1] if at else 0.0)) / sums[-1])
        return choices[at]

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        self.bits += math.log2(high - low + 1)
        return self._random.randint(low, high)

    def happens(self, likely: float) -> bool:
        """True so often."""
        came = self._random.random() < likely
        self.bits -= math.log2(likely if came else 1 - likely)
        return came

    def some(self, choices: Sequence[T], *, most: int) -> list[T]:
        """A few different ones, in their order."""
        count = self.number(1, most)
        self.bits += math.log2(math.comb(len(choices), count))
        return [choices[at] for at in sorted(self._random.sample(range(len(choices)), count))]

    def weigh(self, choices: int) -> None:
        """Count a choice that was made elsewhere, among so many."""
        self.bits += math.log2(choices)

    def raw(self, count: int) -> int:
        """So many random bits, as in an identity."""
        self.bits += count
        return self._random.getrandbits(count)


@lru_cache
def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 3) for rank in range(count)))
