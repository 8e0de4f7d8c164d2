"""Codecs "col1" and "col2" (docs/adr/0014, 0019): operations and feed rows as columns. Lossless for any of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from app.wire import MAX_OPERATIONS, MAX_PLAIN
from app.wire.dictionaries import Dictionary
from app.wire.frames import Packer, Unpacker
from app.wire.lines import Lines, Table, read_lines, write_lines
from app.wire.messages import Change, FeedRow, RowKind, WireError
from app.wire.names import Known, Named, Names
from app.wire.streams import BROKEN, GUESSES, Reader, Writer

_NEW, _NUMBERED, _CASELESS = 1, 2, 4  # what is true of an operation
_CHECK = 8  # bytes
_NO_RECORD = 1  # what is true of a row
ROWS_LIMIT = 4 * MAX_PLAIN


def write_changes(changes: Sequence[Change], *, writer: Writer, names: Names) -> bytes:
    """The operations as a body."""
    flags = [_flags(change, names=names) for change in changes]
    authors = Table((change.actor, change.actor_name) for change in changes)
    times = [change.at for change in changes]
    lines = Lines(
        [(change.kind,) for change in changes],
        [change.changes for change in changes],
        [None if flag & _NUMBERED else change.record for change, flag in zip(changes, flags, strict=True)],
        [None if flag & _NUMBERED else change.case for change, flag in zip(changes, flags, strict=True)],
        times,
    )
    table = [
        len(changes),
        [list(author) for author in authors.things],
        writer.numbers(authors.places),
        writer.numbers(flags),
        writer.numbers(times),
        writer.numbers([change.base_rev for change in changes]),
        _check([change.record for change, flag in zip(changes, flags, strict=True) if flag & _NUMBERED]),
        *write_lines(writer, lines),
    ]
    return writer.body(table)


def read_changes(body: bytes, *, dictionary: Dictionary, resolve: Known | None) -> list[Change]:
    """The operations in a body. WireError names what is wrong."""
    try:
        return _read_changes(_reader(body, dictionary, limit=MAX_PLAIN), resolve=resolve)
    except BROKEN as error:
        raise WireError("format", str(error)) from None


def write_rows(rows: Sequence[FeedRow], *, writer: Writer) -> bytes:
    """The feed rows as a body."""
    seqs = [row.seq for row in rows]
    lines = Lines(
        [(row.kind, row.row.value, row.reason, tuple(row.gone)) for row in rows],
        [row.content for row in rows],
        [row.record or None for row in rows],
        [None] * len(rows),
        [0] * len(rows),
    )
    table = [
        len(rows),
        writer.numbers([_NO_RECORD * (not row.record) for row in rows]),
        writer.numbers(seqs),
        writer.numbers([row.rev for row in rows], against=seqs),
        writer.numbers([row.base for row in rows], against=seqs),
        *write_lines(writer, lines),
    ]
    return writer.body(table)


def read_rows(body: bytes, *, dictionary: Dictionary) -> list[FeedRow]:
    """The feed rows in a body. WireError names what is wrong."""
    try:
        return _read_rows(_reader(body, dictionary, limit=ROWS_LIMIT))
    except BROKEN as error:
        raise WireError("format", str(error)) from None


def writer_of(dictionary: Dictionary, *, level: int, limit: int, guesses: bool = False) -> Writer:
    """What writes a body with this dictionary; `guesses`: for a reader that knows them."""
    packer = Packer(level=level, prefix=dictionary.prefix)
    return Writer(packer, limit=limit, words=dictionary.index, guesses=GUESSES if guesses else 0)


def _reader(body: bytes, dictionary: Dictionary, *, limit: int) -> Reader:
    return Reader(body, unpacker=Unpacker(prefix=dictionary.prefix), limit=limit, words=dictionary.words)


def _check(records: Sequence[bytes]) -> bytes:
    """A few bytes that only the very same records give: a number must never name another one."""
    return hashlib.blake2b(b"".join(records), digest_size=_CHECK).digest() if records else b""


def _flags(change: Change, *, names: Names) -> int:
    name = names.get(change.record) if change.base_rev > 0 and not change.new else None
    if name is not None and (name.kind, name.case) == (change.kind, change.case):
        return _NUMBERED
    return _NEW * change.new | _CASELESS * (change.case is None)


def _read_changes(reader: Reader, *, resolve: Known | None) -> list[Change]:
    count, authors, author_places, flag_node, time_node, base_node, check, *nodes = reader.table
    if type(count) is not int or not 0 <= count <= MAX_OPERATIONS:
        raise WireError("size", f"more than {MAX_OPERATIONS} operations")
    who = _authors(reader, authors, node=author_places, count=count)
    flags = reader.numbers(flag_node, count=count)
    if any(flag not in (0, _NEW, _CASELESS, _NEW | _CASELESS, _NUMBERED) for flag in flags):
        raise ValueError("not an operation")
    times, bases = reader.numbers(time_node, count=count), reader.numbers(base_node, count=count)
    given = [not flag & _NUMBERED for flag in flags], [not flag & (_NUMBERED | _CASELESS) for flag in flags]
    lines = read_lines(reader, nodes, fixed=1, times=times, given=given)
    reader.end()
    kinds = [str(head[0]) for head in lines.heads]
    named = _named(flags, bases, kinds=kinds, resolve=resolve)
    if check != _check([named[line].record for line in sorted(named)]):
        raise WireError("numbers", "the numbers name other records here")
    return [
        _change(lines, line, base=bases[line], new=bool(flags[line] & _NEW), author=who[line], named=named.get(line))
        for line in range(count)
    ]


def _change(  # signature: an operation
    lines: Lines, line: int, *, base: int, new: bool, author: tuple[bytes, str], named: Named | None
) -> Change:
    record, case = (named.record, named.case) if named else (lines.records[line] or b"", lines.links[line])
    kind, changes = str(lines.heads[line][0]), lines.contents[line]
    return Change(kind, record, case, base, new, dict(changes), *author, lines.times[line])


def _authors(reader: Reader, told: Any, *, node: Any, count: int) -> list[tuple[bytes, str]]:
    table = [(actor, name) for actor, name in told]
    if not all(type(actor) is bytes and type(name) is str for actor, name in table):
        raise ValueError("not an author")
    places = reader.numbers(node, count=count)
    if places and min(places) < 0:
        raise ValueError("not an author")
    reader.spend(sum(len(table[place][0]) + len(table[place][1]) for place in places))
    return [table[place] for place in places]


def _named(
    flags: Sequence[int], bases: Sequence[int], *, kinds: Sequence[str], resolve: Known | None
) -> Mapping[int, Named]:
    """Line -> the record that its number names. WireError('numbers') unless each names one of the same kind."""
    lines = [line for line, flag in enumerate(flags) if flag & _NUMBERED]
    if not lines:
        return {}
    if resolve is None:
        raise WireError("numbers", "numbers mean nothing here")
    if callable(resolve):
        known = resolve(sorted({bases[line] for line in lines}))
        found = {line: known[bases[line]] for line in lines if bases[line] in known}
    else:
        found = {line: resolve[line] for line in lines if line < len(resolve)}
    if len(found) < len(lines) or any(named.kind != kinds[line] for line, named in found.items()):
        raise WireError("numbers", "a number that names no such record")
    return found


def _read_rows(reader: Reader) -> list[FeedRow]:
    count, flag_node, seq_node, rev_node, base_node, *nodes = reader.table
    if type(count) is not int or count < 0:
        raise ValueError("not so many rows")
    flags, seqs = reader.numbers(flag_node, count=count), reader.numbers(seq_node, count=count)
    revs, bases = (reader.numbers(node, count=count, against=seqs) for node in (rev_node, base_node))
    given = [not flag & _NO_RECORD for flag in flags], [False] * count
    lines = read_lines(reader, nodes, fixed=4, times=[0] * count, given=given)
    reader.end()
    reader.spend(sum(len(head[2]) + sum(map(len, head[3])) for head in lines.heads))
    rows = []
    for line, (kind, row, reason, gone) in enumerate(lines.heads):
        if type(kind) is not str or type(reason) is not str or not all(type(key) is str for key in gone):
            raise ValueError("not a row")
        record, content = lines.records[line] or b"", dict(lines.contents[line])
        seq, rev, base = seqs[line], revs[line], bases[line]
        rows.append(FeedRow(seq, RowKind(row), kind, record, rev, content, reason, base, list(gone)))
    return rows
