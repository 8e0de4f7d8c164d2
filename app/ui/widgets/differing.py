"""A text beside another one, with the words marked that the other has not."""

from __future__ import annotations

import html
import re
from difflib import SequenceMatcher

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.ui import theme

FEW = 3  # of so many words and fewer every one would be marked
MOST = 2_000  # words; what is longer is shown without marks


class DifferingText(QLabel):
    """Wraps; marks by weight and a line below, so that no colour has to be seen."""

    def __init__(self, words: str, *, other: str) -> None:
        super().__init__(marked(words, other))
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setAccessibleName(words)
        theme.mark(self, role="side")


def marked(words: str, other: str) -> str:
    """The words as rich text, escaped; those that `other` has not stand out, unless the two have nothing in common."""
    mine, theirs = _pieces(words), _pieces(other)
    if min(len(mine), len(theirs)) <= FEW or max(len(mine), len(theirs)) > MOST:
        return _plain(words)
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    if matcher.ratio() < 0.3:
        return _plain(words)
    parts = []
    for kind, start, end, _from, _to in matcher.get_opcodes():
        said = _plain("".join(mine[start:end]))
        parts.append(said if kind == "equal" or not said.strip() else f"<b><u>{said}</u></b>")
    return "".join(parts)


def _pieces(words: str) -> list[str]:
    """Words, each with the room behind it."""
    return re.findall(r"\S+\s*|\s+", words)


def _plain(words: str) -> str:
    return html.escape(words).replace("\n", "<br>")
