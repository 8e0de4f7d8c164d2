"""The one door between a person's words and reportlab's markup: what goes through it means just itself.

Characters that the printed font lacks, and those that hide or turn the text around them, are written out as
[U+202E]: never an empty box, never silently gone.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby
from xml.sax.saxutils import escape

from app.reports.fonts import REGULAR, glyphs

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_FLOOD = re.compile(r"\n[ \t\n]*\n")
# Accents upon accents: three are drawn. These are the ones that Open Sans has on their own.
_PILE = re.compile("(?<=[\u0300\u0301\u0303\u0309\u0323]{3})([\u0300\u0301\u0303\u0309\u0323]+)")
_SPELLED_OUT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})  # controls, directions, halves of pairs, private, unassigned
MAX_NOTES = 12  # of different characters in a row that are written out one by one


def plain(text: str) -> str:
    """The text as it is printed on paper: composed, line breaks in one form and not more than two at a time."""
    return _on_paper(text)[0]


def lacks_glyphs(text: str) -> bool:
    """Whether something in the text has to be written out as [U+...]."""
    return _on_paper(text)[1]


@lru_cache(maxsize=1024)
def _on_paper(text: str) -> tuple[str, bool]:
    if text.isascii() and text.isprintable():
        return text, False
    normal = unicodedata.normalize("NFC", _BREAKS.sub("\n", text))
    normal = _FLOOD.sub("\n\n", normal).strip("\n")
    pieces = enumerate(_PILE.split(normal))  # every second one is a pile
    parts = [(_notes(piece), True) if n % 2 else _printed(piece) for n, piece in pieces]
    return "".join(words for words, _lacks in parts), any(lacks for _words, lacks in parts)


def markup(text: str) -> str:
    """reportlab paragraph markup that shows exactly this text."""
    return escape(plain(text)).replace("\n", "<br/>")


def line(text: str) -> str:
    """The text on one line, for places that have no second: a canvas string, a bookmark."""
    return " ".join(plain(text).split())


def _printed(text: str) -> tuple[str, bool]:
    """The text with every character that cannot be drawn written out, and whether there was one."""
    groups = [(can, "".join(group)) for can, group in groupby(text, _is_printed)]
    words = ["".join(" " if _is_blank(c) else c for c in group) if can else _notes(group) for can, group in groups]
    return "".join(words), any(not can for can, _group in groups)


def _notes(missing: str) -> str:
    """'[U+0645]' for each character, '[U+0301 \u00d7 997]' for a repeated one, a count for a long rest."""
    runs = [(c, len(list(same))) for c, same in groupby(missing)]
    notes = [f"[U+{ord(c):04X}]" if n == 1 else f"[U+{ord(c):04X} \u00d7 {n}]" for c, n in runs[:MAX_NOTES]]
    rest = sum(n for _c, n in runs[MAX_NOTES:])
    return "".join(notes) + (f"[\u2026 + {rest}]" if rest else "")


@lru_cache(maxsize=4096)
def _is_printed(character: str) -> bool:
    if character == "\n" or _is_blank(character):
        return True
    return unicodedata.category(character) not in _SPELLED_OUT and ord(character) in glyphs(REGULAR)


def _is_blank(character: str) -> bool:
    return unicodedata.category(character) == "Zs" or character == "\t"
