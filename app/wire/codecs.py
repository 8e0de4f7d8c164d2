"""The codecs: how operations and feed rows become the body of a batch or a segment. One name, one meaning, for ever.

"row": whole rows in msgpack, one zstd frame. "col1:<dictionary>": columns (app.wire.columns). "col2:<dictionary>": the
same, where texts and small numbers of few operations may be guessed (app.wire.guessing).
"""

from __future__ import annotations

from collections.abc import Sequence

from app.wire import MAX_PLAIN
from app.wire.columns import ROWS_LIMIT, read_changes, read_rows, write_changes, write_rows, writer_of
from app.wire.dictionaries import DICTIONARIES, Dictionary, dictionary
from app.wire.frames import compress, decompress
from app.wire.messages import Change, FeedRow, WireError, decode, encode
from app.wire.names import Known, Names

ROW = "row"
_COLUMNS, _GUESSES = "col1:", "col2:"
_CLOSEST = 19
_QUICKEST = 9  # of use for columns: nothing packs them in less time
_SMALL = range(8 * 1024, 128 * 1024)  # plain bytes: few enough to be packed as closely as can be in milliseconds
# what this program reads and writes, best first
CODECS = (*(kind + name for name in DICTIONARIES for kind in (_GUESSES, _COLUMNS)), ROW)


def best(theirs: Sequence[str]) -> str:
    """The best codec that both sides know; "row" at the worst."""
    return next((codec for codec in CODECS if codec in theirs), ROW)


def pack_changes(changes: Sequence[Change], *, codec: str, level: int, names: Names | None) -> bytes:
    """The body of a batch. `names` counts in a codec that has numbers alone."""
    known = _dictionary(codec)
    if known is None:
        return compress(encode(list(changes)), level=level)
    told, guesses = _level(changes, asked=level), codec.startswith(_GUESSES)
    writer = writer_of(known, level=told, limit=MAX_PLAIN, guesses=guesses)
    return write_changes(changes, writer=writer, names=names or {})


def unpack_changes(body: bytes, *, codec: str, plain: int, resolve: Known | None) -> list[Change]:
    """The operations in the body of a batch; `plain`: the bytes they say they have as rows."""
    known = _dictionary(codec)
    if known is not None:
        return read_changes(body, dictionary=known, resolve=resolve)
    rows = decompress(body, limit=min(plain, MAX_PLAIN))
    if len(rows) != plain:
        raise WireError("format", "the header does not describe the body")
    return decode(rows, list[Change])


def pack_rows(rows: Sequence[FeedRow], *, codec: str, level: int) -> bytes:
    """The body of a segment."""
    known = _dictionary(codec)
    if known is None:
        return compress(encode(list(rows)), level=level)
    told, guesses = _level(rows, asked=level), codec.startswith(_GUESSES)
    return write_rows(rows, writer=writer_of(known, level=told, limit=ROWS_LIMIT, guesses=guesses))


def unpack_rows(body: bytes, *, codec: str) -> list[FeedRow]:
    """The rows in the body of a segment."""
    known = _dictionary(codec)
    if known is not None:
        return read_rows(body, dictionary=known)
    return decode(decompress(body, limit=ROWS_LIMIT), list[FeedRow])


def _level(rows: Sequence[Change | FeedRow], *, asked: int) -> int:
    """The level at which columns of so much are packed: the one asked for, or a closer one that costs no more."""
    size = len(encode(list(rows))) if len(rows) < _SMALL.stop // 32 else _SMALL.stop
    return _CLOSEST if size in _SMALL else max(asked, _QUICKEST)


def _dictionary(codec: str) -> Dictionary | None:
    """The dictionary of a columnar codec, None for rows. WireError('codec') or ('dictionary')."""
    if codec == ROW:
        return None
    if not codec.startswith((_COLUMNS, _GUESSES)):
        raise WireError("codec", f"codec {codec[:40]!r} is not known here")
    return dictionary(codec.partition(":")[2])
