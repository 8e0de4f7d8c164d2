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
    "sdri", "bin", "binti", "bt", "alm", "almh", "se", "sh", "st", "spd", "sag", "sos", "ssos", "skom", "mh", "mm",
    "msi", "pak", "bapak", "bu", "ibu", "mas", "mbak",
}  # fmt: skip
# Old spelling to new; "tj" before the j-rules, or "tj" would become "ty".
_SPELLING = (("oe", "u"), ("tj", "c"), ("dj", "j"), ("sj", "sy"), ("nj", "ny"), ("ch", "kh"), ("ie", "i"))
_MUHAMMAD = re.compile(r"^(m|mh|md|m[ou]k?hd?|mo?[ck]?ham+[ae]d|mu[ck]?ham+[ae]d)$")
# Said of thousands: alone they say nothing about who somebody is, least of all the order of birth in Bali.
_WEAK = {
    "i", "ni", "wayan", "putu", "gede", "luh", "made", "kadek", "nengah", "nyoman", "komang", "ketut", "iluh",
}  # fmt: skip
# Batak clans, as they sound: whoever has one has it from birth, and two of them are two families.
_CLANS = {
    "ambarita", "batubara", "damanik", "daulay", "ginting", "gultom", "harahap", "hasibuan", "hutabarat", "hutagalung",
    "hutapea", "karo", "lubis", "lumbantobing", "manalu", "manurung", "marbun", "nababan", "nainggolan", "napitupulu",
    "nasution", "pakpahan", "panggabean", "pardede", "pasaribu", "perangin", "pohan", "purba", "rangkuti", "ritonga",
    "sagala", "samosir", "saragih", "sembiring", "siagian", "sianipar", "sihombing", "sihotang", "silaban", "silalahi",
    "simanjuntak", "simanungkalit", "simarmata", "simatupang", "simbolon", "sinaga", "siregar", "sirait", "sitanggang",
    "sitepu", "sitompul", "sitorus", "situmorang", "tambunan", "tampubolon", "tarigan", "tobing",
}  # fmt: skip
_ONE_WORD = 75  # of 100: one letter wrong in four
_ONE_CLAN = 80  # of 100: two spellings of one
_OTHER_CLAN = 60  # at most so much alike: below what anybody takes for one person


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


_CLAN_KEYS = frozenset(_sound(clan) for clan in _CLANS)


def likeness(a_key: str, b_key: str) -> int:
    """0 to 100: how much two name keys sound alike, in any order of words.

    `token_sort_ratio`, not `token_set_ratio`: a single common word must not make two people one. Balinese names of the
    order of birth count only where there is nothing else; two Batak clans are never one.
    """
    a, b = _telling(a_key), _telling(b_key)
    score = round(fuzz.token_sort_ratio(a, b))
    clans = _clan(a_key), _clan(b_key)
    if all(clans) and clans[0] != clans[1] and fuzz.ratio(*clans) < _ONE_CLAN:
        return min(score, _OTHER_CLAN)
    return score


def heard_as(typed: str, key: str) -> bool:
    """Whether each word of a typed key sounds like a word of a name key; an initial stands for its word.

    The last word may be only begun.
    """
    words, theirs = typed.split(), key.split()
    whole = all(any(_one_word(word, one) for one in theirs) for word in words[:-1])
    return whole and any(_one_word(words[-1], one[: len(words[-1]) + 1]) for one in theirs)


def _one_word(word: str, other: str) -> bool:
    return other.startswith(word) if len(word) == 1 else fuzz.ratio(word, other) >= _ONE_WORD


def _telling(key: str) -> str:
    return " ".join(word for word in key.split() if word not in _WEAK) or key


def _clan(key: str) -> str:
    *before, last = key.split() or [""]
    return last if before and last in _CLAN_KEYS else ""
