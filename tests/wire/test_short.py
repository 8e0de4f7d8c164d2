"""The messages of every sync in their short form: the same comes out, and nothing to do weighs little."""

from __future__ import annotations

import pytest

from app.wire import REFERENCE
from app.wire.messages import BatchResult, FeedPoint, Hello, HelloReply, Outcome, ScopeHead, Signed, Status, WireError
from app.wire.short import pack_hello, pack_reply, pack_result, unpack_hello, unpack_reply, unpack_result

OFFICE, OTHER, SHARED = bytes(range(16)), bytes(16), bytes.fromhex(REFERENCE)


@pytest.mark.parametrize("epoch", ["", "ab" * 16, "AB" * 16, "a restored one", "ab"])
def test_the_first_word_comes_out_as_it_was_said_and_is_short(epoch: str):
    feeds = [FeedPoint(scope, "", 10_500, bytes(range(16)), 10_000) for scope in (OFFICE, SHARED)]
    hello = Hello(2, epoch, feeds, 120)
    data = pack_hello(hello, office=OFFICE)
    assert unpack_hello(data, office=OFFICE) == hello
    assert len(data) <= 90 or epoch.isupper()  # no epoch of ours has capitals
    strange = Hello(2, epoch, [FeedPoint(OTHER, "", 1, b"", 0)], 1, "copied")
    assert unpack_hello(pack_hello(strange, office=OFFICE), office=OFFICE) == strange


def test_the_answer_comes_out_as_it_was_given():
    heads = [ScopeHead(OFFICE, 9, 1), ScopeHead(SHARED, 5, 0)]
    for bundle in (None, Signed(b"key", b"signed")):
        reply = HelloReply("0f" * 16, 119, heads, ["col1:00000000", "row"], 30_600, bundle)
        assert unpack_reply(pack_reply(reply, office=OFFICE), office=OFFICE) == reply


def test_five_hundred_accepted_operations_are_a_hundred_bytes():
    result = BatchResult(
        bytes(range(16)), 3, bytes(range(32)), [Outcome(Status.ACCEPTED, rev=10_001 + n) for n in range(500)]
    )
    assert unpack_result(pack_result(result)) == result
    assert len(pack_result(result)) <= 100
    mixed = [
        Outcome(Status.REFUSED, "range", "age"),
        Outcome(Status.CONFLICT, "same_field", "text", 2**40),
        Outcome(Status.HELD),
    ]
    assert unpack_result(pack_result(BatchResult(b"", 1, b"", mixed))).outcomes == mixed


def test_what_is_no_result_is_a_wire_error():
    data = pack_result(BatchResult(bytes(16), 3, bytes(32), [Outcome(Status.ACCEPTED, rev=n * n) for n in range(300)]))
    for place in range(len(data)):
        for byte in (0, 0xC1, 0xFF, data[place] ^ 1):
            try:
                unpack_result(data[:place] + bytes([byte]) + data[place + 1 :])
            except WireError:
                continue
        with pytest.raises(WireError):
            unpack_result(data[:place])
