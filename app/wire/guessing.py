"""Texts by guesses: what came after these words before comes again. For small bodies: each word is some work.

A text is tokens (app.wire.words). Of each is told which guess is right: those that followed the two tokens before it,
then those that followed the one before; else which of all that came, by how often; else a new one: a place in
the shared list, or its letters, told in the same way. docs/adr/0019.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from app.wire.coder import Chance, Coder, Counts, Decoder, Encoder
from app.wire.streams import GUESSES, Reader, Writer
from app.wire.words import TITLE, joined, tokens_of

_END = "\0"  # of a text
_LONGEST = 8 * GUESSES  # letters: more are surely too many symbols
_REMEMBERED = 24  # different symbols after the same ones
_CLASS = 6  # more than that is many
_GROUP = 256  # places of the shared list that stand together


class Guesser:
    """Symbols, each guessed from the two before it. `most` guesses by two, and by one."""

    def __init__(self, capacity: int, *, most: tuple[int, int]) -> None:
        self._most = most
        self._after: dict[Any, _Heard] = {}
        self._chances: dict[Any, Chance] = {}
        self._places: dict[Any, int] = {}
        self._symbols: list[Any] = []
        self._counts = Counts(capacity)
        self.restart()

    def restart(self) -> None:
        """As if the end of a text, or a word, had come twice."""
        self._before: tuple[Any, Any] = (None, None)

    def code(self, coder: Coder, told: Any, *, new: Callable[[], Any]) -> Any:
        """The next symbol; `new` writes or reads one that never came."""
        before = self._before
        keys = (before, before[1])
        found, symbol, tried = False, told, list[Any]()
        for level, key in enumerate(keys):
            found, symbol = self._guess(coder, told, level=level, key=key, tried=tried)
            if found:
                break
        if not found:
            symbol = self._among(coder, told, guesses=len(tried), new=new)
        self._counts.add(self._places[symbol], 1)
        for key in keys:
            heard = self._after.get(key)
            if heard is None:
                heard = self._after[key] = _Heard()
            heard.note(symbol)
        self._before = (before[1], symbol)
        return symbol

    def _guess(self, coder: Coder, told: Any, *, level: int, key: Any, tried: list[Any]) -> tuple[bool, Any]:
        heard, rank = self._after.get(key), 0
        if heard is None:
            return False, told
        for symbol, times in heard.entries:
            if symbol in tried:
                continue
            if rank == self._most[level]:
                break
            kind = (level, rank, min(times, _CLASS), min(heard.total - times, _CLASS))
            if coder.bit(self._chance(kind), symbol == told):
                return True, symbol
            tried.append(symbol)
            rank += 1
        return False, told

    def _among(self, coder: Coder, told: Any, *, guesses: int, new: Callable[[], Any]) -> Any:
        if coder.bit(self._chance(min(guesses, 3)), told in self._places):
            return self._symbols[coder.of(self._counts, self._places.get(told, 0))]
        symbol = new()
        if symbol in self._places:
            raise ValueError("new, and it came before")
        self._places[symbol] = len(self._symbols)
        self._symbols.append(symbol)
        return symbol

    def _chance(self, kind: Any) -> Chance:
        found = self._chances.get(kind)
        if found is None:
            found = self._chances[kind] = Chance()
        return found


class _Heard:
    """What came after something, the most frequent first; of many, those that came once give way."""

    __slots__ = ("entries", "total")

    def __init__(self) -> None:
        self.entries: list[list[Any]] = []  # [symbol, times]
        self.total = 0

    def note(self, symbol: Any) -> None:
        """It came here once more; what came more often stands before it."""
        entries = self.entries
        self.total += 1
        for place, entry in enumerate(entries):
            if entry[0] == symbol:
                entry[1] += 1
                while place and entries[place - 1][1] < entry[1]:
                    entries[place] = entries[place - 1]
                    place -= 1
                entries[place] = entry
                return
        if len(entries) == _REMEMBERED:
            self.total -= entries.pop()[1]
        entries.append([symbol, 1])


class Guesses:
    """All texts of a body, one column after the other: each is guessed from all before it."""

    def __init__(self, words: Sequence[str], index: Mapping[str, int] | None = None) -> None:
        self._words, self._index = words, index or {}
        self._tokens = Guesser(GUESSES, most=(4, 8))
        self._letters = Guesser(_GROUP, most=(4, 8))
        self._shared, self._plain = Chance(), Chance()
        groups = -(-len(words) // _GROUP)
        self._groups = (Counts(groups, each=1), Counts(groups, each=1)) if words else ()

    @classmethod
    def of(cls, columns: Sequence[Sequence[str]], *, writer: Writer) -> Guesses | None:
        """For writing these columns; None where they are not to be guessed, or too long."""
        if not columns or not writer.may_guess(1) or sum(map(len, chain.from_iterable(columns))) > _LONGEST:
            return None
        weight = _weight(columns, index=writer.words)
        return cls(list(writer.words), writer.words) if writer.may_guess(weight) else None

    def write(self, writer: Writer, texts: Sequence[str]) -> Any:
        """These texts, a column."""
        coder = Encoder()
        for text in texts:
            self._tokens.restart()
            for token in tokens_of(text):
                self._token(coder, token, lambda _letters: None)
        return writer.data(coder.end(), random=True)

    def read(self, reader: Reader, node: Any, *, count: int) -> list[str]:
        """The `count` texts of a column."""
        coder, tokens = Decoder(reader.data(node)), list[str]()
        for _text in range(count):
            self._tokens.restart()
            while True:
                reader.guess(1)
                token = self._token(coder, "", reader.guess)
                reader.spend(len(token))
                tokens.append(token)
                if token == _END:
                    break
        coder.end()
        return joined(tokens)

    def _token(self, coder: Coder, told: str, spend: Callable[[int], None]) -> str:
        return str(self._tokens.code(coder, told, new=lambda: self._new(coder, told, spend)))

    def _new(self, coder: Coder, told: str, spend: Callable[[int], None]) -> str:
        place, title = self._index.get(told), False
        if place is None and TITLE.fullmatch(told):
            place, title = self._index.get(told.lower()), True
        if not self._words or not coder.bit(self._shared, place is not None):
            return self._spelled(coder, told, spend)
        title = not coder.bit(self._plain, not title)
        groups, place = self._groups[title], place or 0
        group = coder.of(groups, place // _GROUP)
        groups.add(group, 2)
        start = group * _GROUP
        word = self._words[start + coder.even(min(_GROUP, len(self._words) - start), place - start)]
        return word[:1].upper() + word[1:] if title else word

    def _spelled(self, coder: Coder, told: str, spend: Callable[[int], None]) -> str:
        self._letters.restart()
        letters = b"" if told == _END else told.encode()  # no token but the end of a text has none
        found = bytearray()
        while True:
            spend(1)
            letter = self._letter(coder, letters[len(found)] if len(found) < len(letters) else 0)
            if not letter:
                return found.decode() or _END
            found.append(letter)

    def _letter(self, coder: Coder, told: int) -> int:
        return int(self._letters.code(coder, told, new=lambda: coder.even(_GROUP, told)))


def _weight(columns: Sequence[Sequence[str]], *, index: Mapping[str, int]) -> int:
    """How many symbols these texts are, at most."""
    weight, new = 0, set[str]()
    for texts in columns:
        for text in texts:
            tokens = tokens_of(text)
            weight += len(tokens)
            new.update(tokens)
    return weight + sum(len(token.encode()) + 1 for token in new if token not in index)
