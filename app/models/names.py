"""Names as they sound: Soekarno and Sukarno, with or without titles, are the same to the search."""

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from app.lazy import lazy

if TYPE_CHECKING:
    from rapidfuzz import fuzz
else:
    fuzz = lazy("rapidfuzz.fuzz")

_TITLES = {
    "h", "hj", "haji", "hajah", "dr", "dra", "drs", "ir", "prof", "kh", "ust", "ustadz", "nn", "ny", "tn", "sdr",
    "sdri", "bin", "binti", "bt", "alm", "almh", "se", "sh", "st", "spd", "sag", "sos", "skom", "mh", "mm", "msi",
}  # fmt: skip
# Old spelling to new; "tj" before the j-rules, or "tj" would become "ty".
_SPELLING = (("oe", "u"), ("tj", "c"), ("dj", "j"), ("sj", "sy"), ("nj", "ny"), ("ch", "kh"))
_MUHAMMAD = re.compile(r"^(m|mh|md|moh|moch|mokh|muh|mukh|much|mochamad|mo?[ck]?ham+[ae]d|mu[ck]?ham+[ae]d)$")


def initials(name: str | None) -> str:
    """'Siti Aminah' -> 'S.A.': what lists show instead of a name."""
    words = [w for w in re.split(r"\s+", (name or "").strip()) if w and w[0].isalpha()]
    return "".join(f"{w[0].upper()}." for w in words[:3])


@lru_cache(maxsize=16384)
def name_key(name: str) -> str:
    """The sound of a name: plain letters, no titles, new spelling, no doubled letters, Muhammad in one form."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("'", "")
    words = [w for w in re.split(r"[\s,]+", plain) if w.replace(".", "") not in _TITLES] or [plain]
    return " ".join(_sound(word) for word in re.findall(r"[a-z]+", " ".join(words)))


def _sound(word: str) -> str:
    for old, new in _SPELLING:
        word = word.replace(old, new)
    if _MUHAMMAD.match(word):
        return "muhamad"
    return re.sub(r"(.)\1+", r"\1", word)


def likeness(a_key: str, b_key: str) -> int:
    """0 to 100: how much two name keys sound alike, in any order of words.

    `token_sort_ratio`, not `token_set_ratio`: a single common word must not make two people one.
    """
    return round(fuzz.token_sort_ratio(a_key, b_key))
