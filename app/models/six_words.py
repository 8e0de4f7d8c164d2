"""Six words that both ends of an enrolment can read aloud: equal words, and nobody stood in between."""

import hashlib
from functools import lru_cache

from app.paths import resource

DOMAIN = b"naungan words 1\n"
KEY_DOMAIN = b"naungan office key words 1\n"
WORDS = 6


def six_words(*, centre_key: bytes, device_key: bytes, certificate: bytes) -> str:
    """From the two signing keys and the body of the certificate; 69 bits. Both ends need the same word list."""
    parts = (centre_key, device_key, certificate)
    return _said(DOMAIN + b"".join(hashlib.sha256(part).digest() for part in parts))


def key_words(public: bytes) -> str:
    """Six words of an office's public key, for two offices to compare by telephone."""
    return _said(KEY_DOMAIN + public)


def _said(told: bytes) -> str:
    number, words = int.from_bytes(hashlib.sha256(told).digest(), "big"), _word_list()
    chosen = []
    for _word in range(WORDS):
        number, at = divmod(number, len(words))
        chosen.append(words[at])
    return " ".join(chosen)


@lru_cache
def _word_list() -> tuple[str, ...]:
    return tuple(sorted(set(resource("wordlist.txt").read_text(encoding="ascii").split())))
