"""Pulling: segments resume by byte, cursors belong to one device, and a receipt is only signed for the truth."""

from __future__ import annotations

import base64

import pytest

from app.central.keys import verified
from app.wire import MAX_SEGMENT, REFERENCE
from app.wire.messages import RECEIPT_DOMAIN, FeedPoint, Receipt, ReceiptRequest, Signed, decode
from app.wire.segment import unseal_segment
from tests.central.scene import Scene, check_proof, scene_of
from tests.central.test_uploads import many
from tests.centre import CentreUnderTest, Laptop, heads_of, read, refusal


def feed(laptop: Laptop, cursor: str = "", *, scope: str | None = None, match: str = "", offset: int = 0):  # type: ignore[no-untyped-def]
    headers = {"If-Match": f'"{match}"'} if match else {}
    params = {"cursor": cursor, "offset": str(offset)}
    return laptop.ask("GET", f"/v1/feeds/{scope or laptop.office}", params=params, headers=headers)


def test_a_segment_resumes_at_any_byte_also_when_it_is_out_of_date(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    changes = list(many(laptop, 30))
    laptop.push(*changes)
    whole = feed(laptop)
    match, length = whole.headers["naungan-segment"], int(whole.headers["naungan-length"])
    assert (length, match) == (len(whole.content), whole.content[-32:].hex())
    laptop.push(laptop.edit("person", changes[0].record.hex(), base_rev=1, name="lain"))
    for offset in (0, 1, 100, length - 1, length):
        assert feed(laptop, match=match, offset=offset).content == whole.content[offset:]
    assert feed(laptop).content != whole.content
    assert refusal(feed(laptop, match=match, offset=length + 1)) == (409, "offset")
    assert refusal(feed(laptop, offset=1)) == (400, "format")
    assert refusal(feed(laptop, match="00" * 32, offset=1)) == (412, "segment")
    other = centre.device("A")
    assert refusal(feed(other, match=match, offset=1)) == (412, "segment"), "a cached segment is its reader's"
    centre.stop()
    centre.start()
    assert feed(laptop, match=match, offset=1).content == whole.content[1:], "kept on disk, for every process"


def test_a_restart_does_not_lose_a_segment_that_did_not_change(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    laptop.push(*many(laptop, 5))
    whole = feed(laptop)
    centre.stop()
    centre.start()
    assert feed(laptop, match=whole.headers["naungan-segment"], offset=7).content == whole.content[7:]


def test_a_long_feed_comes_in_segments_that_lead_on(centre: CentreUnderTest) -> None:
    laptop, reader = centre.device("A"), centre.device("A")
    for _batch in range(3):
        laptop.push(*many(laptop, 600))
    cursor, first, records = "", 0, set()
    while (reply := feed(reader, cursor)).status_code == 200:
        assert len(reply.content) <= MAX_SEGMENT
        segment = unseal_segment(reply.content)
        header = segment.header
        assert (header.first, header.head, header.epoch) == (first, 1802, reader.epoch)
        records |= {row.record for row in segment.rows}
        cursor, first = header.cursor, header.last
    assert (first, len(records)) == (1802, 1802), "two of them are the laptops"
    assert first > 0
    reader.pull()
    assert reader.receipt().status_code == 200


def test_superseded_rows_are_skipped_and_the_cursor_still_advances(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    case = laptop.make("case", channel="WALK_IN")
    [outcome] = laptop.push(case)
    laptop.push(laptop.edit("case", case.record.hex(), base_rev=outcome.rev, channel="PHONE"))
    segment = unseal_segment(feed(laptop).content)
    assert [(row.seq, row.content.get("channel")) for row in segment.rows] == [(1, None), (3, "PHONE")]
    assert segment.header.last == 3
    assert feed(laptop, segment.header.cursor).status_code == 204


def test_a_cursor_is_worth_nothing_elsewhere(centre: CentreUnderTest) -> None:
    laptop, other = centre.device("A"), centre.device("A")
    laptop.push(*many(laptop, 3))
    cursor = unseal_segment(feed(laptop).content).header.cursor
    assert feed(laptop, cursor).status_code == 204
    data = base64.urlsafe_b64decode(cursor)
    moved = base64.urlsafe_b64encode((2).to_bytes(8, "big") + data[8:]).decode()
    wrong = [feed(laptop, text) for text in (moved, "x", "AAAA", cursor[:-4], cursor + "AAAA", "é", "3")]
    wrong += [feed(other, cursor), feed(laptop, cursor, scope=REFERENCE)]
    assert {(reply.status_code, reply.content) for reply in wrong} == {(404, feed(laptop, scope="x").content)}
    [row] = [head for head in heads_of(other.hello(feeds=[])).heads if head.scope.hex() == other.office]
    assert (row.seq, row.rows) == (5, 5)


def test_a_receipt_is_signed_for_the_truth_only(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    key = laptop_key(centre)
    laptop.push(*many(laptop, 3))
    assert refusal(laptop.receipt()) == (409, "behind")
    laptop.pull()
    good = laptop.point()
    for point in (
        FeedPoint(good.scope, "", good.seq, bytes(16), good.count),
        FeedPoint(good.scope, "", good.seq, good.digest, good.count + 1),
        FeedPoint(good.scope, "", good.seq + 1, good.digest, good.count),
    ):
        assert refusal(laptop.post("/v1/receipts", ReceiptRequest(point))) == (409, "digest")
    signed = read(laptop.receipt(), Signed)
    assert verified(key, RECEIPT_DOMAIN + signed.body, signed.signature)
    receipt = decode(signed.body, Receipt)
    assert (receipt.device, receipt.scope, receipt.epoch, receipt.seq, receipt.digest, receipt.count) == (
        laptop.raw_id, good.scope, laptop.epoch, 5, good.digest, 5,
    )  # fmt: skip
    assert receipt.last_batch == 1
    assert [bytes(body) for (body,) in centre.sql("SELECT body FROM receipt")] == [signed.body]


def laptop_key(centre: CentreUnderTest) -> bytes:
    """The centre's public key, as a device learns it."""
    return Laptop(centre, "A").enrol(centre.code("A")).centre_key


@pytest.fixture
def scene(centre: CentreUnderTest) -> Scene:
    return scene_of(centre).referred()


def states(laptop: Laptop) -> list[str]:
    """The steps of referrals as a laptop has them, by number."""
    events = [row for row in laptop.rows[laptop.office].values() if row.kind == "referral_event"]
    return [row.content["step"] for row in sorted(events, key=lambda row: row.rev)]


def test_a_proven_referral_was_delivered_once_whoever_of_the_office_proves_it(scene: Scene) -> None:
    second = scene.centre.device("B")
    scene.b.pull()
    scene.a.pull()
    assert states(scene.a) == ["SENT"]
    read(scene.b.receipt(), Signed)
    scene.a.pull()
    assert states(scene.a) == ["SENT", "DELIVERED"]
    [delivered] = [r for r in scene.a.rows[scene.a.office].values() if r.content.get("step") == "DELIVERED"]
    assert "made_office" not in delivered.content
    assert delivered.content["made_by"] == "centre"
    for laptop in (second, scene.b, second):
        laptop.sync()
    scene.a.pull()
    assert states(scene.a) == states(scene.b) == ["SENT", "DELIVERED"]
    assert scene.centre.sql("SELECT count(*) FROM delivery") == [(0,)]
    check_proof(scene.centre, scene.a, scene.b, second)


def test_a_referral_that_was_withdrawn_meanwhile_is_not_delivered(scene: Scene) -> None:
    scene.send(scene.a, scene.step(scene.a, "WITHDRAWN"))
    scene.b.sync()
    scene.a.pull()
    assert states(scene.a) == ["SENT", "WITHDRAWN"]


def test_a_receipt_of_the_directory_delivers_nothing(scene: Scene) -> None:
    read(scene.b.receipt(REFERENCE), Signed)
    scene.a.pull()
    assert states(scene.a) == ["SENT"]
