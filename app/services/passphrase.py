"""A password nobody has to invent: words drawn evenly from the list that ships with the program."""

from __future__ import annotations

import secrets
from functools import lru_cache

from app.paths import resource

WORDS = 4


@lru_cache
def word_list() -> tuple[str, ...]:
    """Short common Indonesian words, without doubles."""
    return tuple(sorted(set(resource("wordlist.txt").read_text(encoding="ascii").split())))


def generate(words: int = WORDS) -> str:
    """'kereta pagi lewat jembatan': random words with spaces between them."""
    return " ".join(secrets.choice(word_list()) for _word in range(words))
