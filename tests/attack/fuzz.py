"""What people, and those who wish them ill, might type where words are searched: the same at every run."""

from __future__ import annotations

import random
from collections.abc import Iterator

_PIECES = (
    '"', "'", "*", "^", "-", "+", "(", ")", "{", "}", ":", ";", ",", "\\", "%", "_", "|", "&", "NEAR(", "NEAR/2", "AND",
    "OR", "NOT", "case_fts:", "rowid:", "text:", "rank", "' OR 1=1 --", '"; DROP TABLE case_row; --', "UNION SELECT",
    "sitti", "Amin*", "\x00", "\t", "\n", "\r", "\x1b[2J", "\u200b", "\u202e", "\ufeff", "\ud800", "\U0001f600",
    "é", "e\u0301", "ſ", "İ", "ß", "你好", "सीता", "²", "Ⅷ", "𝟘", "?", "?1", ":match", "@x", "$x", "{0}", "%s", "\\x",
)  # fmt: skip


def strings(count: int, *, seed: int = 7) -> Iterator[str]:
    """So many of them, from one sign to some thousands."""
    chance = random.Random(seed)
    for n in range(count):
        how = n % 4
        if how == 0:
            yield "".join(chance.choices(_PIECES, k=chance.randrange(1, 9)))
        elif how == 1:
            yield " ".join(chance.choices(_PIECES, k=chance.randrange(1, 16)))
        elif how == 2:
            yield "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(1, 30)))
        else:
            yield chance.choice(_PIECES) * chance.choice((1, 2, 7, 50, 3_000 if n % 100 == 3 else 60))
