"""Lines as columns: what operations and feed rows have in common. Lines of one shape share a column for each key."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.wire import words
from app.wire.guessing import Guesses
from app.wire.pool import Pool, read_pool
from app.wire.streams import Reader, Writer
from app.wire.values import GUESSED, REFERENCE, WORDS, Beside, mode_of, read_column, references, write_column
from app.wire.words import Vocabulary

Content = Mapping[str, Any]
Head = tuple[Any, ...]  # what lines of one shape have in common beside their keys


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines to be written; `records` and `links` hold None where a line has none, or none that is written."""

    heads: Sequence[Head]
    contents: Sequence[Content]
    records: Sequence[bytes | None]
    links: Sequence[bytes | None]
    times: Sequence[int]


class Table:
    """Different things, each once, and where each line's stands."""

    def __init__(self, things: Iterable[Hashable]) -> None:
        table: dict[Any, int] = {}
        self.places = [table.setdefault(thing, len(table)) for thing in things]
        self.things = list(table)


def write_lines(writer: Writer, lines: Lines) -> list[Any]:
    """[shapes, shape of each line, records, ids, links, vocabulary, a column for each kind and key]."""
    ordered = {keys: sorted(keys) for keys in set(map(tuple, lines.contents))}
    shapes = Table((head, *ordered[tuple(content)]) for head, content in zip(lines.heads, lines.contents, strict=True))
    where = _columns([(head[0], *keys) for head, *keys in shapes.things], shapes.places)
    columns = [[lines.contents[line][key] for line in at] for (_kind, key), at in where.items()]
    modes = [mode_of(values) for values in columns]
    typed = list(zip(modes, columns, strict=True))
    linked = [one for mode, values in typed if mode == REFERENCE for one in references(values)]
    pool = Pool((one for one in lines.records if one is not None), [*_given(lines.links), *linked])
    own = [0 if record is None else pool.index[record] for record in lines.records]
    texts = [[one for one in values if words.fits(one)] for mode, values in typed if mode == WORDS]
    guesses = Guesses.of(texts, writer=writer)
    if guesses is not None:
        typed, texts = [(GUESSED if mode == WORDS else mode, values) for mode, values in typed], []
    vocabulary = Vocabulary(texts, index=writer.words)
    beside = Beside(lines.times, own, pool.index, vocabulary=vocabulary, guesses=guesses)
    return [
        [[*head, *keys] for head, *keys in shapes.things],
        writer.numbers(shapes.places),
        writer.numbers(_first_seen([pool.index[record] for record in _given(lines.records)])),
        pool.write(writer, times=_firsts(lines.records, lines.times)),
        writer.numbers(
            [pool.index[link] for link in _given(lines.links)],
            against=[place for place, link in zip(own, lines.links, strict=True) if link is not None],
        ),
        vocabulary.write(writer),
        [
            write_column(writer, values, mode=mode, beside=beside.at(at))
            for at, (mode, values) in zip(where.values(), typed, strict=True)
        ],
    ]


def read_lines(
    reader: Reader, nodes: Sequence[Any], *, fixed: int, times: Sequence[int], given: tuple[list[bool], list[bool]]
) -> Lines:
    """The lines; the first `fixed` entries of a shape are its head. `given`: which lines have a record, and a link."""
    shapes, places, seen, pool, links, vocabulary, columns = nodes
    count = len(times)
    which = reader.numbers(places, count=count)
    if which and min(which) < 0:
        raise ValueError("not a shape")
    weights = [sum(len(key) + 2 for key in shape[fixed:]) + len(shape[0]) for shape in shapes]
    reader.spend(sum(weights[shape] for shape in which))
    has_record, has_link = given
    order = _seen_again(reader.numbers(seen, count=sum(map(bool, has_record))))
    turns = iter(order)
    own = [next(turns) if has else -1 for has in has_record]
    records = max(order, default=-1) + 1
    ids = read_pool(reader, pool, records=records, times=_firsts([o if o >= 0 else None for o in own], times))
    against = [max(place, 0) for place, has in zip(own, has_link, strict=True) if has]
    linked = reader.numbers(links, count=len(against), against=against)
    if linked and min(linked) < 0:
        raise ValueError("before the first")
    link_ids = iter([ids[place] for place in linked])
    contents = _contents(
        reader, columns, shapes=[(shape[0], *shape[fixed:]) for shape in shapes], which=which,
        beside=Beside(
            times, [max(place, 0) for place in own], ids=[one.hex() for one in ids],
            places=words.read_vocabulary(reader, vocabulary, shared=reader.words), guesses=Guesses(reader.words),
        ),
    )  # fmt: skip
    return Lines(
        [tuple(shapes[shape][:fixed]) for shape in which],
        contents,
        [ids[place] if place >= 0 else None for place in own],
        [next(link_ids) if has else None for has in has_link],
        times,
    )


def _contents(
    reader: Reader, columns: Sequence[Any], *, shapes: Sequence[Any], which: Sequence[int], beside: Beside
) -> list[dict[str, Any]]:
    for shape in shapes:
        if not all(type(key) is str for key in shape) or len(set(shape[1:])) != len(shape) - 1:
            raise ValueError("not a shape")
    contents: list[dict[str, Any]] = [{} for _ in which]
    where = _columns(shapes, which)
    for ((_kind, key), at), node in zip(where.items(), columns, strict=True):
        for line, value in zip(at, read_column(reader, node, count=len(at), beside=beside.at(at)), strict=True):
            contents[line][key] = value
    return contents


def _columns(shapes: Sequence[Sequence[Any]], which: Sequence[int]) -> dict[tuple[Any, Any], list[int]]:
    """(kind, key) -> the lines that have a value there, in the order in which the lines first have one."""
    by_shape: dict[int, list[int]] = {}
    for line, shape in enumerate(which):
        by_shape.setdefault(shape, []).append(line)
    found: dict[tuple[Any, Any], list[int]] = {}
    for shape, lines in by_shape.items():
        kind, *keys = shapes[shape]
        for key in keys:
            found.setdefault((kind, key), []).extend(lines)
    return {place: sorted(lines) for place, lines in found.items()}


def _given(ids: Iterable[bytes | None]) -> list[bytes]:
    return [one for one in ids if one is not None]


def _firsts(records: Sequence[Any], times: Sequence[int]) -> list[int]:
    """The moment of the first line of each record."""
    found: dict[Any, int] = {}
    for record, moment in zip(records, times, strict=True):
        if record is not None:
            found.setdefault(record, moment)
    return list(found.values())


def _first_seen(places: Sequence[int]) -> list[int]:
    """0 for a record that is new here, else how many records ago it was new."""
    found, told = 0, []
    for place in places:
        told.append(0 if place == found else found - place)
        found += place == found
    return told


def _seen_again(told: Sequence[int]) -> list[int]:
    """The inverse. ValueError for what was never there."""
    found, places = 0, []
    for back in told:
        if not 0 <= back <= found:
            raise ValueError("a record before the first")
        places.append(found - back)
        found += not back
    return places
