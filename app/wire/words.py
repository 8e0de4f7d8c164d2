"""Texts as words: a worker's sentence is mostly words that stand in the text before, or in everybody's word list.

A text is cut at its spaces into pieces, a piece into tokens: words, single digits, runs of anything else. A token is a
place in the vocabulary: a few signs, the words of this body by how often they come, then the shared list; a word that
is in neither is spelled. A place is one byte, or one that says in which 256 and a second byte. What a piece becomes
does not depend on those beside it: each different one is looked at once, and a text has most of them many times.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.wire.streams import Reader, Writer

_TOKEN = re.compile("[^\\W\\d_]+|\\d|(?:\\W|_)+")
_WORD = re.compile("[^\\W\\d_]+")
TITLE = re.compile("[A-Z][a-z]+")
_RISEN = re.compile("\3\1([a-z])")
_SPELLED, _END, _CAPITAL = 0, 1, 2  # the first places of every vocabulary
_SIGNS = 3
_SHORT = 192  # places that take one byte; the other 64 first bytes each stand for 256 places
_PLACES = _SHORT + 64 * 256
_OFTEN = 8  # a word of the shared list that comes so often gets a short place, too
_GAP = " \0 "  # between two texts
_ENDED = "\1\0 "  # the end of a text, as it stands before the marks are taken away
_HOLE = "\1\2"  # where a spelled word belongs: no vocabulary has a word of no letters
_Coded = tuple[bytes, bytes, str]


def fits(value: Any) -> bool:
    """Whether a value can be written as words: without what stands for ends and words inside here."""
    return type(value) is str and not ("\0" in value or "\1" in value or "\2" in value or "\3" in value)


class Vocabulary:
    """The places of all words in the texts of one body."""

    def __init__(self, columns: Iterable[Sequence[str]], *, index: Mapping[str, int]) -> None:
        known: dict[str, str] = {}
        self._pieces = {tuple(texts): _pieces(texts, known=known) for texts in columns}
        often = Counter[str]()
        for pieces in self._pieces.values():
            often.update(pieces)
        self._tokens = {piece: _tokens(piece) for piece in often}
        counts = Counter[str]()
        for piece, times in often.items():
            for token in self._tokens[piece]:
                counts[token] += times
        counts.pop("\0", None)
        local = [word for word, times in counts.most_common() if times >= (_OFTEN if word.lower() in index else 2)]
        self.local = _by_frequency(local[: _PLACES - _SIGNS - len(index)])
        self._index = index
        self._places = {word: _SIGNS + place for place, word in enumerate(self.local)}
        self._static = _SIGNS + len(self.local)
        coded = {token: self._coded(token) for token in ("\0", *counts)}
        self._firsts: dict[str, bytes] = {}
        self._seconds: dict[str, bytes] = {}
        self._spelled: dict[str, str] = {}
        for piece, told in self._tokens.items():
            first, second, spelled = coded[told[0]]
            for token in told[1:]:
                more = coded[token]
                first, second, spelled = first + more[0], second + more[1], spelled + more[2]
            self._firsts[piece], self._seconds[piece], self._spelled[piece] = first, second, spelled

    def write(self, writer: Writer) -> Any:
        """[places in the shared list plus one, 0 for words that are spelled; those words]."""
        told = [self._index.get(word, -1) + 1 for word in self.local]
        spelled = [word for word, place in zip(self.local, told, strict=True) if not place]
        return [writer.numbers(told), len(told), writer.data("\0".join(spelled).encode())]

    def write_texts(self, writer: Writer, texts: Sequence[str]) -> list[Any]:
        """[first bytes, second bytes, spelled words] of these texts, one of the columns."""
        pieces = self._pieces[tuple(texts)]
        return [
            writer.data(b"".join(map(self._firsts.__getitem__, pieces))),
            writer.data(b"".join(map(self._seconds.__getitem__, pieces))),
            writer.data("".join(map(self._spelled.__getitem__, pieces))[:-1].encode()),
        ]

    def _coded(self, word: str) -> _Coded:
        """(first bytes, second bytes, the word and a NUL if it is spelled) of a token."""
        if word == "\0":
            return bytes([_END]), b"", ""
        place = self._place(word)
        if place is None and TITLE.fullmatch(word):
            first, second, spelled = self._coded(word.lower())
            return bytes([_CAPITAL]) + first, second, spelled
        if place is None:
            return bytes([_SPELLED]), b"", word + "\0"
        if place < _SHORT:
            return bytes([place]), b"", ""
        return bytes([_SHORT + (place - _SHORT >> 8)]), bytes([(place - _SHORT) & 0xFF]), ""

    def _place(self, word: str) -> int | None:
        place = self._places.get(word)
        if place is None and word in self._index:
            return self._static + self._index[word]
        return place


def read_vocabulary(reader: Reader, node: Any, *, shared: Sequence[str]) -> list[str]:
    """Every place's token as it stands in a text before the marks are taken away."""
    told, count, data = node
    if type(count) is not int or not 0 <= count <= _PLACES:
        raise ValueError("not a vocabulary")
    places = reader.numbers(told, count=count)
    spelled = iter(reader.data(data).decode().split("\0"))
    marked = []
    for place in places:
        if not 0 <= place <= len(shared):
            raise ValueError("not a word of the list")
        marked.append(shared[place - 1] if place else next(spelled, ""))
    return [_HOLE, _ENDED, "\3", *map(_marked, marked), *(f"\1{word}\2" for word in shared)]


def read_texts(reader: Reader, node: Sequence[Any], *, vocabulary: Sequence[str]) -> list[str]:
    """The texts."""
    firsts, seconds, spelled = (reader.data(one) for one in node)
    low, heads = iter(seconds), vocabulary[:_SHORT]
    tails = [vocabulary[start : start + 256] for start in range(_SHORT, _PLACES, 256)]
    tokens = [heads[first] if first < _SHORT else tails[first - _SHORT][next(low, 0)] for first in firsts]
    reader.spend(sum(map(len, tokens)))
    marked = "".join(tokens)
    if spelled:
        reader.spend(len(spelled))
        marked = _filled(marked, [_marked(word) for word in spelled.decode().split("\0")])
    if next(low, None) is not None:
        raise ValueError("not texts of words")
    return _unmarked(_RISEN.sub(lambda found: "\1" + found[1].upper(), marked))


def tokens_of(text: str) -> list[str]:
    """All tokens of a text, with its end."""
    return [*(token for piece in text.split(" ") for token in _tokens(piece)), "\0"]


def joined(tokens: Iterable[str]) -> list[str]:
    """The texts that these tokens are."""
    return _unmarked("".join(_ENDED if token == "\0" else _marked(token) for token in tokens))


def _unmarked(marked: str) -> list[str]:
    texts = marked.replace("\2\1", " ").replace("\2", "").replace("\1", "").split(_GAP)
    if texts.pop():
        raise ValueError("not texts of words")
    return texts


def _pieces(texts: Sequence[str], *, known: dict[str, str]) -> list[str]:
    """All pieces, those that are alike as one object: looking at it again is quick."""
    pieces: list[str] = []
    for text in texts:
        found = text.split(" ")
        found.append("\0")
        pieces += map(known.setdefault, found, found)
    return pieces


def _tokens(piece: str) -> list[str]:
    """Words as they are; what is no word says by a mark that it begins a piece, and by a space that it ends one."""
    if piece == "\0":
        return ["\0"]
    if piece.isalpha():
        return [piece]
    if piece[:-1].isalpha() and not piece[-1].isalnum():
        return [piece[:-1], piece[-1] + " "]
    found = _TOKEN.findall(piece) or [""]
    if not found[0].isalpha():
        found[0] = "\1" + found[0]
    if not found[-1].isalpha():
        found[-1] += " "
    return found


def _filled(marked: str, words: Sequence[str]) -> str:
    """The text with a word in each of its holes."""
    parts = marked.split(_HOLE)
    if len(parts) != len(words) + 1:
        raise ValueError("not so many spelled words")
    return "".join([one for pair in zip(parts, words, strict=False) for one in pair]) + parts[-1]


def _marked(word: str) -> str:
    return f"\1{word}\2" if _WORD.fullmatch(word) else word


def _by_frequency(words: Sequence[str]) -> list[str]:
    """The most frequent first; where it makes no difference any more, by the alphabet: that compresses."""
    head = _SHORT - _SIGNS
    chunks = [sorted(words[start : start + 256]) for start in range(head, len(words), 256)]
    return [*words[:head], *(word for chunk in chunks for word in chunk)]
