"""Passwords that look like the right one, or nearly are it: everything but what Unicode itself calls the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

TWINS = dict(zip(
    "aceijopsxyABCEHIKMOPSTXZ1l0", "\u0430\u0441\u0435\u0456\u0458\u043e\u0440\u0455\u0445\u0443"
    "\u0410\u0412\u0421\u0415\u041d\u0406\u041a\u039c\u041e\u0420\u0405\u0422\u03a7\u0396lI\u041e", strict=True
))  # fmt: skip
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u202e\u2066\u2069\ufe0f\U000e0041\u0000\u0007\u007f\ud800"
SPACES = " \t\n\r\x0b\x0c\x1c\x85\u2028\u2029\u1680\u3164\u2800"


def near_misses(password: str, *others: str) -> list[str]:
    """Each of them once, in an order that is always the same. `others` are words that somebody would try besides."""
    told = unicodedata.normalize("NFKC", password)
    wrong = (one for one in (*_whole(password), *_letters(password), *others) if _nfkc(one) != told)
    return list(dict.fromkeys(wrong))


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _whole(password: str) -> Iterator[str]:
    yield from ("", " ", password.upper(), password.lower(), password.title(), password.swapcase(), password.casefold())
    yield from (password * 2, f"{password} {password}", password[::-1], "".join(c * 2 for c in password))
    yield from (password.replace(" ", ""), password.replace(" ", "  "), password.replace(" ", "-"), password.strip())
    yield "".join(TWINS.get(c, c) for c in password)
    yield from (password[:n] for n in range(len(password)))
    yield from (password[n:] for n in range(1, len(password)))
    yield "".join(c for c in unicodedata.normalize("NFD", password) if not unicodedata.combining(c))
    yield from (password.encode().decode(codec) for codec in ("latin-1", "cp437"))
    yield from (password + "x" * 5_000, password.encode().hex(), repr(password), password.rstrip("7"))


def _letters(password: str) -> Iterator[str]:
    """One letter left out, twice, swapped, of the other case, another, a twin, or with something unseen beside it."""
    for n, letter in enumerate(password):
        before, after = password[:n], password[n + 1 :]
        yield before + after
        yield before + letter * 2 + after
        yield before + letter.swapcase() + after
        yield before + chr(ord(letter) + 1) + after
        yield before + TWINS.get(letter, letter) + after
        yield before + letter + "\u0301" + after
        if after:
            yield before + after[0] + letter + after[1:]
    for sign in UNSEEN + SPACES:
        yield from (sign + password, password + sign, password[:5] + sign + password[5:])
