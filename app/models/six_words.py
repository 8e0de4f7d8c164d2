"""Six words that both ends of an enrolment can read aloud: equal words, and nobody stood in between."""

import hashlib
from functools import lru_cache

from app.paths import resource

DOMAIN = b"naungan words 1\n"
WORDS = 6


def six_words(*, centre_key: bytes, device_key: bytes, certificate: bytes) -> str:
    """From the two signing keys and the body of the certificate; 69 bits. Both ends need the same word list."""
    parts = (centre_key, device_key, certificate)
    told = hashlib.sha256(DOMAIN + b"".join(hashlib.sha256(part).digest() for part in parts)).digest()
    number, words = int.from_bytes(told, "big"), _word_list()
    chosen = []
    for _word in range(WORDS):
        number, at = divmod(number, len(words))
        chosen.append(words[at])
    return " ".join(chosen)


@lru_cache
def _word_list() -> tuple[str, ...]:
    return tuple(sorted(set(resource("wordlist.txt").read_text(encoding="ascii").split())))
