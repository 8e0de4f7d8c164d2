"""A person's words in a cell of a sheet: they never begin a formula, and nothing in them is silently gone.

A spreadsheet takes a cell for a formula by its first sign, also after blanks, also in wide letters. In a CSV file such
a cell gets an apostrophe in front, as does one that begins with an apostrophe: `unguarded` takes exactly that away
again. What stands behind a separator is guarded too, for a program may cut the line where we did not.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

# Everything that NFKC turns into = + - @ at the beginning, and the minus sign.
STARTERS = (
    "=+\\-@\u207a\u207b\u207c\u208a\u208b\u208c\u2212\u2a74\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b"
    "\uff0b\uff0d\uff1d\uff20"
)
_UNSEEN = "\x00-\x08\x0e-\x1f\x7f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
_BLANK = f"[ \\x0b\\x0c\\x85\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000{_UNSEEN}]"
_CUT = r'(?<=[;,|"\t\r\n])'
_BEGINS = re.compile(f"(?:[\\s{_UNSEEN}]|')*[{STARTERS}]|[\t\r\n']")
_BEHIND = re.compile(f"{_CUT}(?='*{_BLANK}*[{STARTERS}])")
_GUARDED = re.compile(f"{_CUT}'(?='*{_BLANK}*[{STARTERS}])")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPELLED_OUT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
MAX_NOTES = 12  # of different characters in a row that are written out one by one


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet might take this for something to be computed."""
    return _BEGINS.match(text) is not None


def guarded(text: str) -> str:
    """The text as it stands in a CSV file."""
    return _begun(_BEHIND.sub("'", text))


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return _GUARDED.sub("", text.removeprefix("'"))


def visible(text: str) -> str:
    """The text with one form of line break, and what hides, turns or controls written out as [U+202E]."""
    if text.isascii() and text.isprintable():
        return text
    lines = _BREAKS.sub("\n", text).replace("\t", " ")
    groups = ((hidden, "".join(run)) for hidden, run in groupby(lines, _is_hidden))
    return "".join(_notes(run) if hidden else run for hidden, run in groups)


def _begun(text: str) -> str:
    return f"'{text}" if begins_formula(text) else text


def _is_hidden(character: str) -> bool:
    return character != "\n" and unicodedata.category(character) in _SPELLED_OUT


def _notes(run: str) -> str:
    notes = [f"[U+{ord(character):04X}]" for character in run[:MAX_NOTES]]
    rest = len(run) - MAX_NOTES
    return "".join(notes) + (f"[\u2026 + {rest}]" if rest > 0 else "")
