"""Columns of values: all values of one field, typed by what they are. Whatever has no type of its own is msgpack.

A column is [mode, ...]. `_BESIDE` in the mode: positions and values of those that the mode cannot carry stand before.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import msgspec

from app.wire import words
from app.wire.guessing import Guesses
from app.wire.messages import encode
from app.wire.planes import steps, sums
from app.wire.streams import Reader, Writer
from app.wire.words import Vocabulary

ANY, TEXT, CODE, NUMBER, DATE, REFERENCE, SEALED, BASE64, CHANGE, LIST, WORDS, GUESSED = range(12)
_BESIDE = 32
_SEALED = "sealed:1:"
_KEY = 8  # bytes: the name of the key in a sealed value
_ID = re.compile("[0-9a-f]{32}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_BASE64 = re.compile("[A-Za-z0-9+/]+={0,2}")
_SHORTEST_BASE64 = 40  # characters: shorter ones may be words
_FEW = 4  # a text that stands so often on average is written once, in a table
_DAY = 24 * 3600 * 1000
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the values of a column: the moment and the record (its index) of each line; all ids."""

    times: Sequence[int] = ()
    own: Sequence[int] = ()
    index: Mapping[bytes, int] = field(default_factory=dict)  # for writing
    ids: Sequence[str] = ()  # for reading
    vocabulary: Vocabulary | None = None  # for writing
    places: Sequence[str] = ()  # for reading: the vocabulary by place
    guesses: Guesses | None = None

    def at(self, lines: Sequence[int]) -> Beside:
        """The same for some of the lines."""
        if not self.times:
            return self
        return replace(self, times=[self.times[one] for one in lines], own=[self.own[one] for one in lines])


def mode_of(values: Sequence[Any]) -> int:
    """How a column of these values is best written."""
    types = {type(value) for value in values}
    if len(types) > 1:
        types.discard(type(None))
    if types == {int}:
        return NUMBER
    if types == {str}:
        return _mode_of_texts([value for value in values if value is not None])
    if types == {dict}:
        return CHANGE if sum(map(_is_change, values)) * 2 > len(values) else ANY
    if types == {list}:
        return LIST if sum(map(_is_texts, values)) * 2 > len(values) else ANY
    return ANY


def _mode_of_texts(texts: Sequence[str]) -> int:
    first, last = texts[0], texts[-1]
    if len(set(texts)) * _FEW <= len(texts):
        return CODE
    if first.startswith(_SEALED) and last.startswith(_SEALED):
        return SEALED
    if _ID.fullmatch(first) and _ID.fullmatch(last):
        return REFERENCE
    if _DATE.fullmatch(first) or _DATE.fullmatch(last):
        return DATE
    if all(len(one) >= _SHORTEST_BASE64 and _BASE64.fullmatch(one) for one in (first, last)):
        return BASE64
    return WORDS if sum(text.count(" ") for text in texts) >= len(texts) else TEXT


def references(values: Sequence[Any]) -> list[bytes]:
    """The ids in a column of references."""
    return [bytes.fromhex(value) for value in values if _is_id(value)]


def write_column(writer: Writer, values: Sequence[Any], *, mode: int, beside: Beside) -> list[Any]:
    """The column of these values."""
    test = _FITS[mode]
    odd = [position for position, value in enumerate(values) if not test(value)]
    if not odd:
        return [mode, *_WRITE[mode](writer, values, beside)]
    if len(odd) * 2 > len(values):
        return [ANY, *_write_any(writer, values, beside)]
    kept = [position for position, value in enumerate(values) if test(value)]
    strange = [steps(odd), [values[position] for position in odd]]
    return [mode | _BESIDE, *strange, *_WRITE[mode](writer, [values[at] for at in kept], beside.at(kept))]


def read_column(reader: Reader, node: Sequence[Any], *, count: int, beside: Beside) -> list[Any]:
    """The values of a column."""
    mode, *told = node
    if not mode & _BESIDE:
        values = _READ[mode](reader, told, count, beside)
        if len(values) != count:
            raise ValueError("not so many values")
        return values
    positions, strange, *told = told
    where = dict(zip(sums(positions), strange, strict=True))
    kept = [position for position in range(count) if position not in where]
    if len(kept) + len(where) != count:
        raise ValueError("values beside the lines")
    others = _READ[mode & ~_BESIDE](reader, told, len(kept), beside.at(kept))
    where |= zip(kept, others, strict=True)
    return [where[position] for position in range(count)]


def _is_id(value: Any) -> bool:
    return type(value) is str and _ID.fullmatch(value) is not None


def _is_date(value: Any) -> bool:
    if type(value) is not str or not _DATE.fullmatch(value) or not value.isascii():
        return False
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_sealed(value: Any) -> bool:
    return type(value) is str and _same(value, head=_SEALED, alphabet=b"-_", least=_KEY)


def _is_base64(value: Any) -> bool:
    return type(value) is str and _same(value, head="", alphabet=b"+/", least=1)


def _same(value: str, *, head: str, alphabet: bytes, least: int) -> bool:
    """Whether these bytes, written as base64 again, give the same text."""
    try:
        raw = b64decode(value[len(head) :], altchars=alphabet, validate=True)
    except ValueError:
        return False
    return len(raw) >= least and head + b64encode(raw, altchars=alphabet).decode() == value


def _is_texts(value: Any) -> bool:
    return type(value) is list and all(type(one) is str for one in value)


def _is_change(value: Any) -> bool:
    same = type(value) is dict and value.keys() == {"add", "remove"}
    return same and _is_texts(value["add"]) and _is_texts(value["remove"])


def _is_number(value: Any) -> bool:
    return type(value) is int


_FITS: dict[int, Callable[[Any], bool]] = {
    ANY: lambda _value: True,
    TEXT: lambda value: type(value) is str and "\0" not in value,
    CODE: lambda value: type(value) is str,
    NUMBER: _is_number,
    DATE: _is_date,
    REFERENCE: _is_id,
    SEALED: _is_sealed,
    BASE64: _is_base64,
    CHANGE: _is_change,
    LIST: _is_texts,
    WORDS: words.fits,
    GUESSED: words.fits,
}

_Written = Sequence[Any]


def _write_any(writer: Writer, values: Sequence[Any], _beside: Beside) -> _Written:
    return [writer.data(encode(list(values)))]


def _write_text(writer: Writer, values: Sequence[str], _beside: Beside) -> _Written:
    return [writer.data("\0".join(values).encode())]


def _write_words(writer: Writer, values: Sequence[str], beside: Beside) -> _Written:
    assert beside.vocabulary is not None
    return beside.vocabulary.write_texts(writer, values)


def _write_guessed(writer: Writer, values: Sequence[str], beside: Beside) -> _Written:
    assert beside.guesses is not None
    return [beside.guesses.write(writer, values)]


def _write_code(writer: Writer, values: Sequence[str], _beside: Beside) -> _Written:
    table = {value: position for position, value in enumerate(dict.fromkeys(values))}
    return [list(table), writer.numbers([table[value] for value in values])]


def _write_number(writer: Writer, values: Sequence[int], beside: Beside) -> _Written:
    return [writer.numbers(values, against=beside.times or None)]


def _write_date(writer: Writer, values: Sequence[str], beside: Beside) -> _Written:
    days = [date.fromisoformat(value).toordinal() for value in values]
    return [writer.numbers(days, against=_days(beside))]


def _write_reference(writer: Writer, values: Sequence[str], beside: Beside) -> _Written:
    return [writer.numbers([beside.index[bytes.fromhex(value)] for value in values], against=beside.own or None)]


def _write_sealed(writer: Writer, values: Sequence[str], _beside: Beside) -> _Written:
    raw = [b64decode(value[len(_SEALED) :], altchars=b"-_") for value in values]
    keys = {one[:_KEY]: 0 for one in raw}
    keys = {key: position for position, key in enumerate(keys)}
    return [
        writer.data(b"".join(keys), random=True),
        writer.numbers([keys[one[:_KEY]] for one in raw]),
        *_write_raw(writer, [one[_KEY:] for one in raw]),
    ]


def _write_base64(writer: Writer, values: Sequence[str], _beside: Beside) -> _Written:
    return _write_raw(writer, [b64decode(value) for value in values])


def _write_raw(writer: Writer, values: Sequence[bytes]) -> list[Any]:
    return [writer.numbers([len(one) for one in values]), writer.data(b"".join(values))]


def _write_change(writer: Writer, values: Sequence[dict[str, list[str]]], beside: Beside) -> _Written:
    flat = [one for value in values for key in ("add", "remove") for one in value[key]]
    counts = [writer.numbers([len(value[key]) for value in values]) for key in ("add", "remove")]
    return [*counts, *_write_flat(writer, flat)]


def _write_list(writer: Writer, values: Sequence[list[str]], beside: Beside) -> _Written:
    flat = [one for value in values for one in value]
    return [writer.numbers([len(value) for value in values]), *_write_flat(writer, flat)]


def _write_flat(writer: Writer, flat: Sequence[str]) -> list[Any]:
    mode = _mode_of_texts(flat) if flat else TEXT
    return write_column(writer, flat, mode=TEXT if mode in (REFERENCE, WORDS) else mode, beside=Beside())


def _days(beside: Beside) -> list[int] | None:
    return [_EPOCH + ms // _DAY for ms in beside.times] if beside.times else None


def _read_any(reader: Reader, told: Any, count: int, _beside: Beside) -> list[Any]:
    (node,) = told
    return msgspec.msgpack.decode(reader.data(node), type=list[Any])


def _read_text(reader: Reader, told: Any, count: int, _beside: Beside) -> list[Any]:
    (node,) = told
    return reader.data(node).decode().split("\0") if count else []


def _read_words(reader: Reader, told: Any, count: int, beside: Beside) -> list[Any]:
    return words.read_texts(reader, told, vocabulary=beside.places) if count else []


def _read_guessed(reader: Reader, told: Any, count: int, beside: Beside) -> list[Any]:
    (node,) = told
    if beside.guesses is None:
        raise ValueError("texts in texts")
    return beside.guesses.read(reader, node, count=count)


def _read_code(reader: Reader, told: Any, count: int, _beside: Beside) -> list[Any]:
    table, node = told
    if not _is_texts(table):
        raise ValueError("not a table of texts")
    values = [table[place] for place in _places(reader, node, count=count)]
    reader.spend(sum(map(len, values)))
    return values


def _read_number(reader: Reader, told: Any, count: int, beside: Beside) -> list[Any]:
    (node,) = told
    return reader.numbers(node, count=count, against=beside.times or None)


def _read_date(reader: Reader, told: Any, count: int, beside: Beside) -> list[Any]:
    (node,) = told
    reader.spend(10 * count)
    return [date.fromordinal(day).isoformat() for day in reader.numbers(node, count=count, against=_days(beside))]


def _read_reference(reader: Reader, told: Any, count: int, beside: Beside) -> list[Any]:
    (node,) = told
    reader.spend(32 * count)
    places = reader.numbers(node, count=count, against=beside.own or None)
    if any(place < 0 for place in places):
        raise ValueError("before the first")
    return [beside.ids[place] for place in places]


def _read_sealed(reader: Reader, told: Any, count: int, _beside: Beside) -> list[Any]:
    names, node, *rest = told
    reader.spend(20 * count)
    keys = reader.data(names)
    table = [keys[start : start + _KEY] for start in range(0, len(keys), _KEY)]
    which = _places(reader, node, count=count)
    boxes = _read_raw(reader, rest, count=count)
    return [_SEALED + urlsafe_b64encode(table[key] + box).decode() for key, box in zip(which, boxes, strict=True)]


def _read_base64(reader: Reader, told: Any, count: int, _beside: Beside) -> list[Any]:
    return [b64encode(one).decode() for one in _read_raw(reader, told, count=count)]


def _read_raw(reader: Reader, told: Any, *, count: int) -> list[bytes]:
    lengths, node = told
    sizes = _places(reader, lengths, count=count)
    return _cut(reader.data(node), sizes)


def _read_change(reader: Reader, told: Any, count: int, beside: Beside) -> list[Any]:
    adding, removing, column = told[0], told[1], told[2:]
    adds, removes = (_places(reader, node, count=count) for node in (adding, removing))
    sizes = [size for pair in zip(adds, removes, strict=True) for size in pair]
    lists = iter(_cut(_flat(reader, column, count=sum(sizes)), sizes))
    return [{"add": add, "remove": next(lists)} for add in lists]


def _read_list(reader: Reader, told: Any, count: int, beside: Beside) -> list[Any]:
    sizes = _places(reader, told[0], count=count)
    return list(_cut(_flat(reader, told[1:], count=sum(sizes)), sizes))


def _flat(reader: Reader, column: Any, *, count: int) -> list[Any]:
    reader.spend(count)
    if column[0] & ~_BESIDE in (CHANGE, LIST):
        raise ValueError("lists in lists")
    return read_column(reader, column, count=count, beside=Beside())


def _places(reader: Reader, node: Any, *, count: int) -> list[int]:
    """Numbers of which none is below zero: what they count or name."""
    places = reader.numbers(node, count=count)
    if places and min(places) < 0:
        raise ValueError("below zero")
    return places


def _cut(whole: Any, sizes: Sequence[int]) -> list[Any]:
    """The whole in pieces of these sizes. ValueError unless they are all of it."""
    ends = sums(sizes)
    if (ends[-1] if ends else 0) != len(whole):
        raise ValueError("pieces of another length")
    return [whole[end - size : end] for end, size in zip(ends, sizes, strict=True)]


_WRITE: dict[int, Callable[[Writer, Any, Beside], _Written]] = {
    ANY: _write_any, TEXT: _write_text, CODE: _write_code, NUMBER: _write_number, DATE: _write_date,
    REFERENCE: _write_reference, SEALED: _write_sealed, BASE64: _write_base64, CHANGE: _write_change,
    LIST: _write_list, WORDS: _write_words, GUESSED: _write_guessed,
}  # fmt: skip
_READ: dict[int, Callable[[Reader, Any, int, Beside], list[Any]]] = {
    ANY: _read_any, TEXT: _read_text, CODE: _read_code, NUMBER: _read_number, DATE: _read_date,
    REFERENCE: _read_reference, SEALED: _read_sealed, BASE64: _read_base64, CHANGE: _read_change, LIST: _read_list,
    WORDS: _read_words, GUESSED: _read_guessed,
}  # fmt: skip
