"""What the tests of the wire make: operations and rows, ordinary ones and the oddest that a peer may send."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

import app.models.all  # noqa: F401  every kind of record
from app.models.base import KINDS
from app.models.field import Field, Kind, fields_of
from app.wire.batch import Place
from app.wire.credentials import packed
from app.wire.messages import Change, FeedRow, RowKind

HERE = Place(bytes(range(16)), 7, bytes(32), "0f" * 16)
NOW = 1_790_000_000_000
WORDS = [
    "Korban",
    "bekerja",
    "di",
    "kapal",
    "tanpa",
    "upah,",
    "lalu",
    "dokumen",
    "disita",
    "agen",
    "pada",
    "5",
    "Juni",
    "2026;",
    "xyzzy",
    "plugh",
]


def sign(_message: bytes) -> bytes:
    """A signature of nobody."""
    return bytes(64)


def anybody(_message: bytes, _signature: bytes) -> bool:
    """Believes it."""
    return True


def uuid7(chance: Random, *, ms: int) -> bytes:
    """An id made at that moment."""
    return (ms << 80 | 7 << 76 | chance.getrandbits(12) << 64 | 2 << 62 | chance.getrandbits(62)).to_bytes(16, "big")


def ordinary(kind: str, seed: int) -> Change:
    """A new record of this kind with a value in every field, as the program sends it."""
    chance = Random(f"{kind} {seed}")
    record, case = uuid7(chance, ms=NOW + seed), uuid7(chance, ms=NOW)
    changes = {field.key: _value(field, chance) for field in fields_of(KINDS[kind])}
    return Change(kind, record, case, 0, True, changes, bytes(15) + b"w", "Ayu Wulandari", NOW + seed * 70_001)


def _value(field: Field, chance: Random) -> Any:
    many = field.kind is Kind.CODES
    if field.sealed:
        token = "sealed:1:" + packed(b"keyname8" + chance.randbytes(40)).replace("+", "-").replace("/", "_")
        return {"add": [token], "remove": []} if many else token
    match field.kind:
        case Kind.CODES:
            return {"add": sorted(chance.sample(("A", "B", "C", "D"), 2)), "remove": []}
        case Kind.DATETIME | Kind.INT:
            return NOW - chance.randrange(10**9)
        case Kind.BOOL:
            return chance.random() < 0.5
        case Kind.REF:
            return uuid7(chance, ms=NOW).hex()
        case Kind.DATE:
            return chance.choice(("2009-08-??", f"19{chance.randint(60, 99)}-0{chance.randint(1, 9)}-17"))
        case Kind.LONG:
            return " ".join(chance.choices(WORDS, k=12))
    return chance.choice((" ".join(chance.choices(WORDS, k=2)), packed(chance.randbytes(60)), str(chance.random())))


_texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ("", "a\0b", "\1\2\3", "Siti  Aminah ", "É è Ab aB ABC", "²³ _x 12", "ﬀ İstanbul", "2026-02-30", "٢٠٢٦-01-01")
    ),
    st.dates().map(str),
    st.binary(min_size=0, max_size=60).map(packed),
    st.binary(min_size=7, max_size=60).map(lambda raw: "sealed:1:" + packed(raw).replace("+", "-").replace("/", "_")),
    st.binary(min_size=16, max_size=16).map(bytes.hex),
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
    st.sampled_from(
        ("sealed:1:", "sealed:1:====", "sealed:1:YWJj", "QUJD" * 11, "QUJD" * 10 + "QR==", "f" * 32, "F" * 32)
    ),
)
_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.binary(max_size=9),
    _texts,
)
_lists = st.lists(_texts, max_size=3)
_sets = st.fixed_dictionaries({"add": _lists, "remove": _lists})
_values = st.one_of(
    _scalars,
    _lists,
    _sets,
    st.recursive(
        _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3), max_leaves=5
    ),
)
_keys = st.one_of(st.sampled_from(("text", "case_id", "made_at", "needs", "")), _texts)
_contents = st.dictionaries(_keys, _values, max_size=5)
_ids = st.one_of(
    st.binary(max_size=20),
    st.builds(lambda seed: uuid7(Random(seed), ms=NOW), st.integers(0, 5)),
)
_numbers = st.one_of(st.integers(0, 9), st.integers(-(2**63), 2**64 - 1))

WILD_CHANGES = st.lists(
    st.builds(
        Change, st.sampled_from(("case", "note", "", "x")) | _texts, _ids, st.none() | _ids, _numbers, st.booleans(),
        _contents, _ids, _texts, _numbers,
    ),
    max_size=12,
)  # fmt: skip
WILD_ROWS = st.lists(
    st.builds(
        FeedRow, _numbers, st.sampled_from(RowKind), st.sampled_from(("case", "note")) | _texts, _ids, _numbers,
        _contents,
        _texts, _numbers, st.lists(_texts, max_size=2),
    ),
    max_size=12,
)  # fmt: skip
