"""Texts as words: a worker's sentence is mostly words that stand in the text before, or in everybody's word list.

A text becomes tokens: words, single digits, runs of anything else, and an end. One space between two words is not
written. A token is a place in the vocabulary: a few signs, the words of this body by how often they come, then the
shared list; a word that is in neither is spelled. A place is one byte, or one that says in which 256 and a second byte.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.wire.streams import Reader, Writer

_TOKEN = re.compile("[^\\W\\d_]+(?: (?=[^\\W\\d_]))?|\\d|\0|(?:[^\\w\0]|_)+")
_WORD = re.compile("[^\\W\\d_]+")
_TITLE = re.compile("[A-Z][a-z]+")
_RISEN = re.compile("\3\1([a-z])")
_SPELLED, _END, _CAPITAL = 0, 1, 2  # the first places of every vocabulary
_SIGNS = 3
_SHORT = 192  # places that take one byte; the other 64 first bytes each stand for 256 places
_PLACES = _SHORT + 64 * 256
_OFTEN = 4  # a word of the shared list that comes so often gets a short place, too
_MARKS = re.compile("[\0-\3]")  # what stands for ends and words inside here; a text that has one is no text of words


def fits(value: Any) -> bool:
    """Whether a value can be written as words."""
    return type(value) is str and not _MARKS.search(value)


class Vocabulary:
    """The places of all words in the texts of one body."""

    def __init__(self, columns: Iterable[Sequence[str]], *, index: Mapping[str, int]) -> None:
        self._tokens = {whole: _TOKEN.findall(whole) for whole in map(_whole, columns)}
        counts: Counter[str] = Counter()
        for token, times in sum(map(Counter, self._tokens.values()), Counter()).items():
            counts[_bare(token)] += times
        counts.pop("\0", None)
        local = [word for word, times in counts.most_common() if times >= (_OFTEN if word.lower() in index else 2)]
        self.local = _by_frequency(local[: _PLACES - _SIGNS - len(index)])
        self._index = index
        self._places = {word: _SIGNS + place for place, word in enumerate(self.local)}
        self._static = _SIGNS + len(self.local)

    def write(self, writer: Writer) -> Any:
        """[places in the shared list plus one, 0 for words that are spelled; those words]."""
        told = [self._index.get(word, -1) + 1 for word in self.local]
        spelled = [word for word, place in zip(self.local, told, strict=True) if not place]
        return [writer.numbers(told), len(told), writer.data("\0".join(spelled).encode())]

    def write_texts(self, writer: Writer, texts: Sequence[str]) -> list[Any]:
        """[first bytes, second bytes, spelled words] of these texts, one of the columns."""
        tokens = self._tokens[_whole(texts)]
        coded = {token: self._coded(_bare(token)) for token in dict.fromkeys(tokens)}
        firsts = {token: first for token, (first, _second, _word) in coded.items()}
        seconds = {token: second for token, (_first, second, _word) in coded.items()}
        strange = {token for token, (_first, _second, word) in coded.items() if word}
        spelled = [coded[token][2] for token in tokens if token in strange] if strange else []
        return [
            writer.data(b"".join(map(firsts.__getitem__, tokens))),
            writer.data(b"".join(map(seconds.__getitem__, tokens))),
            writer.data("\0".join(spelled).encode()),
        ]

    def _coded(self, word: str) -> tuple[bytes, bytes, str]:
        """(first bytes, second bytes, the word if it is spelled) of a token."""
        if word == "\0":
            return bytes([_END]), b"", ""
        place = self._place(word)
        if place is None and _TITLE.fullmatch(word):
            first, second, spelled = self._coded(word.lower())
            return bytes([_CAPITAL]) + first, second, spelled
        if place is None:
            return bytes([_SPELLED]), b"", word
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
    return ["", "\0", "\3", *map(_marked, marked), *(f"\1{word}\2" for word in shared)]


def read_texts(reader: Reader, node: Sequence[Any], *, vocabulary: Sequence[str]) -> list[str]:
    """The texts."""
    firsts, seconds, spelled = (reader.data(one) for one in node)
    low, words = iter(seconds), iter(spelled.decode().split("\0"))
    heads = vocabulary[:_SHORT]
    tails = [vocabulary[start : start + 256] for start in range(_SHORT, _PLACES, 256)]
    if _SPELLED in firsts:
        tokens = [_token(first, heads, tails, low) if first else _marked(next(words, "")) for first in firsts]
    else:
        tokens = [heads[first] if first < _SHORT else tails[first - _SHORT][next(low, 0)] for first in firsts]
    reader.spend(sum(map(len, tokens)))
    text = _RISEN.sub(lambda found: "\1" + found[1].upper(), "".join(tokens))
    text = text.replace("\2\1", " ").replace("\2", "").replace("\1", "")
    if not text.endswith("\0") or next(low, None) is not None:
        raise ValueError("not texts of words")
    return text[:-1].split("\0")


def _whole(texts: Sequence[str]) -> str:
    return "\0".join(texts) + "\0"


def _token(first: int, heads: Sequence[str], tails: Sequence[Sequence[str]], low: Any) -> str:
    return heads[first] if first < _SHORT else tails[first - _SHORT][next(low, 0)]


def _bare(token: str) -> str:
    """The token without the space that says that another word follows."""
    return token[:-1] if token[-1] == " " and len(token) > 1 and _WORD.match(token) else token


def _marked(word: str) -> str:
    return f"\1{word}\2" if _WORD.fullmatch(word) else word


def _by_frequency(words: Sequence[str]) -> list[str]:
    """The most frequent first; where it makes no difference any more, by the alphabet: that compresses."""
    head = _SHORT - _SIGNS
    chunks = [sorted(words[start : start + 256]) for start in range(head, len(words), 256)]
    return [*words[:head], *(word for chunk in chunks for word in chunk)]
