"""Peers one and two versions newer: kinds, fields, values, codecs, rows and words that nobody here has heard of."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import msgspec
import pytest

from app.models.all import Case
from app.models.ids import new_id
from app.models.local import Feed, Shadow
from app.sync.apply import apply_segment
from app.wire.frames import compress
from app.wire.messages import BatchResult, Outcome, Status, WireError, decode, encode
from app.wire.segment import MAGIC, SegmentHeader, unseal_segment
from tests.central.scene import check_proof, only
from tests.centre import CentreUnderTest, refusal
from tests.sync.alone import enrolled, full, segment_of
from tests.sync.laptops import Laptop


def test_a_laptop_two_versions_newer_than_the_centre_loses_nothing_and_blocks_nothing(centre: CentreUnderTest) -> None:
    new, old = centre.device("A"), centre.device("A")
    case = new.make("case", channel="HOLOGRAM", risk="SANGAT_TINGGI", mood_2028="calm", codes_2029=["A", "B"])
    kind = new.make("drone_2029", altitude=7)
    outcomes = new.push(kind, case, new.make("person", name="Siti", iris_2028="x"))
    assert outcomes[0] == Outcome(Status.REFUSED, "unknown_kind")
    assert [outcome.status for outcome in outcomes[1:]] == [Status.ACCEPTED] * 2
    old.pull()
    shown = old.holds(case.record.hex()) or {}
    assert (shown["channel"], shown["mood_2028"], shown["codes_2029"]) == ("HOLOGRAM", "calm", ["A", "B"])
    edit = old.edit("case", case.record.hex(), base_rev=outcomes[1].rev, risk="LOW")
    assert only(old.push(edit)).status is Status.ACCEPTED
    new.pull()
    assert (new.holds(case.record.hex()) or {})["mood_2028"] == "calm", "an older peer's save keeps what it cannot read"
    check_proof(centre, new, old)


def test_an_unknown_codec_is_said_and_the_batch_was_never_here(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    good = laptop.seal(laptop.make("person", name="Siti"))
    length = struct.unpack(">I", good[5:9])[0]
    header = msgspec.msgpack.decode(good[9 : 9 + length])
    packed = encode({**header, "codec": "col9:ffffffff"})
    front = good[:5] + struct.pack(">I", len(packed)) + packed + good[9 + length : -96]
    digest = hashlib.blake2b(front, digest_size=32).digest()
    status, code = refusal(laptop.put(front + digest + laptop.sign(b"naungan batch 1\n" + digest)))
    assert (status, code in ("codec", "dictionary")) == (415, True)
    assert centre.sql("SELECT 1 FROM batch") == []
    assert only(laptop.push(laptop.make("person", name="Siti"))).status is Status.ACCEPTED


def test_values_and_fields_and_kinds_of_a_newer_centre_are_kept_and_counted(laptop: Laptop) -> None:
    office, case_id, other = enrolled(laptop), new_id(), new_id()
    rows = (
        full(1, "case", case_id, {"channel": "HOLOGRAM", "mood_2028": "calm", "made_office": office}),
        full(2, "drone_2029", other, {"altitude": 7}),
        full(3, "case", new_id(), {"risk": ["a", "list"], "made_office": office}),
    )
    applied = apply_segment(laptop.setup, unseal_segment(segment_of(rows, scope=office)), scope=office)
    assert applied.unreadable == 2
    shown = laptop.get(Case, case_id)
    assert isinstance(shown, Case)
    assert shown.channel == "HOLOGRAM"
    assert laptop.contents()["case", case_id][1]["mood_2028"] == "calm"
    assert laptop.count(Shadow) == 2


def newer_segment(scope: str, rows: list[Any]) -> bytes:
    """A segment with rows that this version has no word for."""
    head = encode(SegmentHeader("row", bytes.fromhex(scope), "e1", 0, 1, 1, len(rows), "after 1"))
    front = MAGIC + struct.pack(">I", len(head)) + head + compress(encode(rows), level=3)
    return front + hashlib.blake2b(front, digest_size=32).digest()


def test_an_unknown_kind_of_row_moves_no_cursor(laptop: Laptop) -> None:
    """A centre sends it only to whoever said that it can read it; one that does all the same spoils nothing."""
    office = enrolled(laptop)
    data = newer_segment(office, [[1, "Q", "case", bytes(16), 1, {}, ""]])
    with pytest.raises(WireError):
        unseal_segment(data)
    assert laptop.count(Feed) == 0


def test_an_unknown_result_word_is_no_result(laptop: Laptop) -> None:
    """Not taken for an acceptance: the operation stays in the outbox."""
    data = msgspec.msgpack.encode({"device": bytes(16), "n": 1, "digest": bytes(32), "outcomes": [["postponed"]]})
    with pytest.raises(WireError):
        decode(data, BatchResult)
