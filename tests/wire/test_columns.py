"""The columnar codec: it loses nothing of any operation, and nothing that is no body gets further than a WireError."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from random import Random

import msgspec
import pytest
import zstandard
from hypothesis import given, settings

from app.models.base import KINDS
from app.wire import MAX_PLAIN
from app.wire.batch import Name, Named, seal, unseal
from app.wire.codecs import CODECS, ROW, best, pack_changes, pack_rows, unpack_changes, unpack_rows
from app.wire.dictionaries import DICTIONARIES, dictionary, name_of
from app.wire.frames import Packer, Unpacker
from app.wire.guessing import Guesses
from app.wire.messages import Change, FeedRow, WireError, decode, encode
from app.wire.streams import GUESSES, Reader, Writer
from tests.attacks import Survived, Tries
from tests.wire.making import HERE, WILD_CHANGES, WILD_ROWS, anybody, ordinary, sign

COL2, COL1 = CODECS[:2]
GOLDEN = Path(__file__).parent / "golden"


def packed(changes: list[Change], *, names: dict[bytes, Name] | None = None) -> bytes:
    return pack_changes(changes, codec=COL2, level=3, names=names)


def unpacked(body: bytes) -> list[Change]:
    return unpack_changes(body, codec=COL2, plain=0, resolve=None)


def test_every_kind_of_record_comes_out_as_it_went_in():
    changes = [ordinary(kind, seed) for seed in range(6) for kind in sorted(KINDS)]
    assert unpacked(packed(changes)) == changes


@given(WILD_CHANGES)
@settings(max_examples=300)
def test_no_operation_is_too_odd(changes: list[Change]):
    for codec in (COL2, COL1):
        body = pack_changes(changes, codec=codec, level=3, names=None)
        assert unpack_changes(body, codec=codec, plain=0, resolve=None) == changes


@given(WILD_ROWS)
@settings(max_examples=200)
def test_no_row_is_too_odd(rows: list[FeedRow]):
    for codec in (COL2, COL1):
        assert unpack_rows(pack_rows(rows, codec=codec, level=3), codec=codec) == rows


def test_few_texts_are_guessed_and_many_are_not():
    """A reader's work is bounded: beyond so many symbols texts are words again, and whoever guesses on is refused."""
    one, sizes = ordinary("note", 1), []
    for count in (40, 4_000):
        notes = [
            msgspec.structs.replace(one, changes={"text": f"Korban {n} menunggu di pelabuhan."}) for n in range(count)
        ]
        older = pack_changes(notes, codec=COL1, level=9, names=None)
        body = pack_changes(notes, codec=COL2, level=9, names=None)
        assert unpacked(body) == notes
        sizes.append((len(body), len(older)))
    assert sizes[0][0] < sizes[0][1]
    assert sizes[1][0] == sizes[1][1]
    writer = Writer(Packer(level=3, prefix=b""), limit=MAX_PLAIN, words={}, guesses=1 << 30)
    node = Guesses(()).write(writer, ["kapal"] * GUESSES)
    body = writer.body([node])
    reader = Reader(body, unpacker=Unpacker(prefix=b""), limit=MAX_PLAIN, words=())
    with pytest.raises(WireError) as refused:
        Guesses(()).read(reader, reader.table[0], count=GUESSES)
    assert refused.value.code == "size"


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        ("0f" * 16, "F" * 32),
        ("2026-02-28", "2026-02-30"),
        ("QUJD" * 11, "QUJD" * 10 + "QR=="),
        ("sealed:1:YWJjZGVmZ2hpag==", "sealed:1:YWJjZGVmZ2hpah=="),
        ("kapal tanpa upah", "kapal\0\1tanpa\2 \3"),
        ("kapal tanpa upah", "kapal\3tanpa"),
        (["kapal"], ["kapal", 1]),
        ({"add": ["A"], "remove": []}, {"add": ["A"], "remove": [], "more": []}),
        (7, True),
    ],
)
def test_a_value_that_is_only_like_those_beside_it_stays_what_it_is(usual: object, odd: object):
    values = [usual, odd, usual, usual, None, usual, usual]
    like = ordinary("note", 1)
    changes = [msgspec.structs.replace(like, changes={"x": value}, at=like.at + n) for n, value in enumerate(values)]
    assert unpacked(packed(changes)) == changes


def test_records_known_by_number_travel_without_their_id():
    edits = [_edit(ordinary("note", seed), number=100 + seed) for seed in range(40)]
    names = {edit.record: Name(edit.kind, edit.case) for edit in edits}
    numbers = {edit.base_rev: Named(edit.record, edit.kind, edit.case) for edit in edits}
    data = seal(edits, HERE, sign=sign, codec=COL1, names=names)
    assert len(data) < len(seal(edits, HERE, sign=sign, codec=COL1)) - 40 * 18  # two times 74 random bits
    assert unseal(data, verify=anybody, resolve=lambda asked: {n: numbers[n] for n in asked}).changes == edits


@pytest.mark.parametrize(
    "known",
    [{}, {100: Named(bytes(16), "note", None)}, {100: Named(ordinary("note", 1).record, "case", None)}, None],
    ids=["unknown", "another record", "of another kind", "nobody to ask"],
)
def test_a_number_that_names_no_such_record_is_refused(known: dict[int, Named] | None):
    edit = _edit(ordinary("note", 1), number=100)
    data = seal([edit], HERE, sign=sign, codec=COL1, names={edit.record: Name(edit.kind, edit.case)})
    with pytest.raises(WireError) as refused:
        unseal(data, verify=anybody, resolve=None if known is None else lambda _asked: known)
    assert refused.value.code == "numbers"


@pytest.mark.parametrize("change", [{"new": True}, {"base_rev": 0}, {"case": None}, {"kind": "person"}])
def test_what_its_number_does_not_say_whole_travels_with_its_id(change: dict[str, object]):
    edit = _edit(ordinary("note", 1), number=100)
    names = {edit.record: Name(edit.kind, edit.case)}
    other = msgspec.structs.replace(edit, **change)
    assert unpacked(packed([other], names=names)) == [other]


def test_a_mutant_is_read_or_refused_and_nothing_else(tries: Tries, survived: Survived):
    """Bytes changed, cut, doubled and swapped, before and after the table is packed."""
    chance, odd = Random("mutants"), 0
    changes = [ordinary(kind, seed) for seed in range(3) for kind in sorted(KINDS)]
    bodies = [packed(changes), packed(changes[:4]), pack_changes(changes, codec=COL1, level=-7, names=None)]
    count = tries(ci=1_500, full=150_000)
    for turn in range(count):
        body = _mutant(bytearray(bodies[turn % len(bodies)]), chance)
        try:
            assert len(encode(unpacked(body))) < 4 * MAX_PLAIN
        except WireError:
            odd += 1
    assert odd > count / 4
    survived(count, of=count, control="without the boundary of read_changes 649 of 1,500 end in another exception")


def test_a_mutant_of_the_plain_table_is_read_or_refused(tries: Tries, survived: Survived):
    chance = Random("tables")
    changes = [ordinary(kind, seed) for seed in range(2) for kind in ("case", "note", "consent", "referral")]
    table = _table(packed(changes))
    count = tries(ci=2_500, full=150_000)
    for _turn in range(count):
        plain = bytes(_mutant(bytearray(table[0]), chance))
        with suppress(WireError):
            encode(unpacked(struct.pack(">II", len(plain), len(plain)) + plain + table[1]))
    survived(count, of=count, control="without the boundary of read_changes 1,189 of 2,500 end in another exception")


def _table(body: bytes) -> tuple[bytes, bytes]:
    """(the plain table, the frames behind it)."""
    plain, size = struct.unpack_from(">II", body)
    return Unpacker(prefix=dictionary(DICTIONARIES[0]).prefix).unpack(body[8 : 8 + size], size=plain), body[8 + size :]


def _mutant(data: bytearray, chance: Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 5))):
        at, to = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
        match chance.randrange(5):
            case 0 if at < len(data):
                data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xC0, 0xCF, 0xFF, chance.randrange(256)))
            case 1 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 2 if to - at < 40:
                del data[at:to]
            case 3 if to - at < 40:
                data[at:at] = data[at:to]
            case _ if len(data) > 40 and chance.random() < 0.2:
                del data[at:]
    return bytes(data)


def _edit(change: Change, *, number: int) -> Change:
    return Change(
        change.kind, change.record, change.case, number, False, {"text": "kapal"}, change.actor, "Ayu", change.at
    )


def test_a_number_never_names_another_record():
    edits = [_edit(ordinary("note", seed), number=100 + seed) for seed in range(3)]
    data = seal(edits, HERE, sign=sign, codec=COL1, names={one.record: Name(one.kind, one.case) for one in edits})
    told = {one.base_rev: Named(one.record, one.kind, one.case) for one in edits}
    told[101] = Named(bytes(16), "note", edits[1].case)
    with pytest.raises(WireError) as refused:
        unseal(data, verify=anybody, resolve=lambda _asked: told)
    assert refused.value.code == "numbers"


@pytest.mark.parametrize(
    ("codec", "code"), [("col1:00000000", "dictionary"), ("col9:4165f21f", "codec"), ("", "codec")]
)
def test_what_cannot_be_read_says_why(codec: str, code: str):
    for attempt in (
        lambda: unpack_changes(b"", codec=codec, plain=0, resolve=None),
        lambda: pack_changes([], codec=codec, level=3, names=None),
        lambda: unpack_rows(b"", codec=codec),
    ):
        with pytest.raises(WireError) as refused:
            attempt()
        assert refused.value.code == code


def test_the_best_codec_is_one_that_both_know():
    assert best([]) == best(["col9:x", ROW]) == ROW
    assert best(["col9:x", ROW, COL1]) == COL1
    assert best([ROW, COL1, COL2]) == COL2


@pytest.mark.parametrize("name", DICTIONARIES)
def test_a_dictionary_is_what_its_name_says_and_travels_in_no_more_than_110_kilobytes(name: str):
    data = dictionary(name).packed()
    assert name_of(data) == name
    assert len(data) <= 110 * 1024


def test_a_bomb_ends_at_the_limit():
    """A few bytes that claim to be a gigabyte, in the two ways there are: long frames, and one value many times."""
    long = zstandard.ZstdCompressor(level=19).compress(bytes(64 * 1024 * 1024))
    for body in (struct.pack(">II", 1 << 30, len(long)) + long, _table_of([5_000, [], *_many_times("x" * 100_000)])):
        assert len(body) < 200_000
        with pytest.raises(WireError) as refused:
            unpacked(body)
        assert refused.value.code == "size"


def _many_times(text: str) -> list[object]:
    """What stands behind the count: one author, one shape, and the same text in every line."""
    same = [0, 0]
    return [
        same, [0, 2], same, same, b"", [["note", "text"]], same, [0, 0], [0, b"", same, b"", b"", b"\x90"], same,
        [same, 0, b""], [[2, [text], same]],
    ]  # fmt: skip


def _table_of(table: list[object]) -> bytes:
    table[1] = [[b"", ""]]
    plain = encode(table)
    return struct.pack(">II", len(plain), len(plain)) + plain


def test_the_bytes_of_a_codec_never_change():
    """What was frozen by any version is read by every later one: the very bytes, kept here."""
    for name in ("row", "col1", "col2"):
        codec = ROW if name == ROW else f"{name}:{DICTIONARIES[-1]}"
        kept = (GOLDEN / f"{name}.bin").read_bytes()
        assert unseal(kept, verify=anybody).changes == decode((GOLDEN / "changes.bin").read_bytes(), list[Change])
        assert unseal(kept, verify=anybody).header.codec == codec
