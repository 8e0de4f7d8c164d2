"""The messages of every sync in their short form: the same comes out, and nothing to do weighs little."""

from __future__ import annotations

import pytest

from app.wire import REFERENCE
from app.wire.messages import (
    AuditHead,
    BatchResult,
    FeedPoint,
    Hello,
    HelloReply,
    Outcome,
    Problem,
    Receipt,
    ReceiptAnswer,
    ReceiptRequest,
    ScopeHead,
    Signed,
    Status,
    WireError,
    encode,
)
from app.wire.short import (
    pack_hello,
    pack_receipts,
    pack_reply,
    pack_result,
    pack_wanted,
    unpack_hello,
    unpack_receipts,
    unpack_reply,
    unpack_result,
    unpack_wanted,
)

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


def test_receipts_come_out_as_they_were_signed_without_what_was_asked():
    device, points = bytes([7] * 16), [FeedPoint(s, "", 10_500, bytes(range(16)), 10_000) for s in (OFFICE, SHARED)]
    for audit in (AuditHead(77, bytes([3] * 32), bytes(64)), None):
        wanted = [ReceiptRequest(points[0], audit), ReceiptRequest(points[1])]
        assert unpack_wanted(pack_wanted(wanted, office=OFFICE), office=OFFICE) == wanted
        assert len(pack_wanted(wanted, office=OFFICE)) <= 160
        for head in (bytes([3] * 32), bytes([4] * 32), b""):
            said = [
                Receipt(device, p.scope, "0f" * 8, p.seq, p.digest, p.count, 9, 1_790_000_000_000, 77, head)
                for p in points
            ]
            answers = [ReceiptAnswer(Signed(encode(receipt), bytes([n] * 64))) for n, receipt in enumerate(said)]
            data = pack_receipts(answers, requests=wanted)
            assert unpack_receipts(data, requests=wanted, device=device) == answers
            assert len(data) <= (200 if audit and head == audit.h else 270)
    refused = [ReceiptAnswer(problem=Problem("behind", "more")), ReceiptAnswer(problem=Problem("digest", "other"))]
    assert unpack_receipts(pack_receipts(refused, requests=wanted), requests=wanted, device=device) == refused
    with pytest.raises(WireError):
        unpack_receipts(pack_receipts(refused[:1], requests=wanted), requests=wanted, device=device)
