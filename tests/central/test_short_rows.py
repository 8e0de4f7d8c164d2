"""What schema 2 serves: never a byte outside the view, and never against a version the reader may not have."""

from __future__ import annotations

import os
from typing import Any

import pytest

from app.central.check import check
from app.central.store import Store
from app.models.field import to_ms
from app.wire.messages import FeedRow, Node, RangeReply, RangeRequest, RowKind, RowsRequest, encode
from app.wire.ranges import Tree
from app.wire.segment import OpenedSegment, unseal_segment
from tests.central.scene import Scene, scene_of
from tests.centre import CentreUnderTest, Laptop, read, refusal

WORDS = "Siti"


def short(laptop: Laptop, cursor: str = "", *, match: str = "", offset: int = 0, own: str = "1") -> Any:
    """A segment of the own office, as schema 2 asks for it."""
    headers = {"If-Match": f'"{match}"'} if match else {}
    params = {"cursor": cursor, "offset": str(offset), "own": own, "codec": "row"}
    return laptop.ask("GET", "/v2/feeds/own", params=params, headers=headers)


def opened(reply: Any) -> OpenedSegment:
    """What a good reply holds."""
    assert reply.status_code == 200, reply.content
    return unseal_segment(reply.content)


def kinds(segment: OpenedSegment) -> list[RowKind]:
    """The kinds of the rows, in order."""
    return [row.row for row in segment.rows]


def whole(laptop: Laptop, ids: list[bytes]) -> list[FeedRow]:
    """These records, asked for by id."""
    reply = laptop.ask("POST", "/v2/rows", content=encode(RowsRequest(0, ids)))
    return opened(reply).rows


@pytest.fixture
def scene(centre: CentreUnderTest) -> Scene:
    return scene_of(centre).referred()


def test_a_difference_is_taken_only_where_the_version_of_the_reader_is_certain(centre: CentreUnderTest) -> None:
    laptop, reader = centre.device("A"), centre.device("A")
    case = laptop.make("case", channel="WALK_IN", summary="lama", risk="LOW", transit="Batam")
    laptop.push(case)
    cursor = opened(short(reader)).header.cursor
    [first] = laptop.push(laptop.edit("case", case.record.hex(), base_rev=3, summary="baru", risk=None))
    segment = opened(short(reader, cursor))
    [row] = segment.rows
    assert (row.row, row.record, row.base) == (RowKind.DELTA, b"", 3)
    assert (row.content, row.gone) == ({"summary": "baru"}, ["risk"])
    assert segment.header.own != b""
    # a read that stopped half way: the next line may stand on either of two versions
    for start in range(0, 1200, 200):
        laptop.push(*(laptop.make("case", channel="WALK_IN", summary=f"{n} " * 200) for n in range(start, start + 200)))
    half = opened(short(reader, cursor))
    assert half.header.last < half.header.head
    laptop.push(laptop.edit("case", case.record.hex(), base_rev=first.rev, summary="lain"))
    rows = []
    at = half.header.cursor
    while (reply := short(reader, at)).status_code == 200:
        rows += opened(reply).rows
        at = opened(reply).header.cursor
    assert {row.row for row in rows} == {RowKind.FULL}
    laptop.push(laptop.edit("case", case.record.hex(), base_rev=first.rev, summary="dan lain"))
    assert kinds(opened(short(reader, at))) == [RowKind.DELTA]


def test_own_work_is_a_number_for_its_device_alone_and_only_while_nobody_else_wrote(centre: CentreUnderTest) -> None:
    laptop, other = centre.device("A"), centre.device("A")
    case = laptop.make("case", channel="WALK_IN")
    [made] = laptop.push(case)
    laptop.push(laptop.edit("case", case.record.hex(), base_rev=made.rev, risk="LOW"))
    assert kinds(opened(short(laptop))) == [RowKind.FULL, RowKind.FULL, RowKind.OWN]
    assert kinds(opened(short(laptop, own="0"))) == [RowKind.FULL] * 3
    assert kinds(opened(short(other))) == [RowKind.FULL] * 3
    other.push(other.edit("case", case.record.hex(), base_rev=made.rev, transit="Batam"))
    assert kinds(opened(short(laptop))) == [RowKind.FULL] * 3


def test_after_a_withdrawal_nothing_of_the_content_can_be_had_in_any_way(scene: Scene) -> None:
    a, b = scene.a, scene.b
    cursor = opened(short(b)).header.cursor
    scene.send(a, a.edit("case", scene.case, base_rev=scene.rev[scene.case], case=scene.case, transit="Batam"))
    delta, full = short(b, cursor), short(b)
    assert RowKind.DELTA in kinds(opened(delta))
    assert b"Batam" in encode([r.content for r in opened(delta).rows])
    ids = [row.record for row in opened(full).rows if row.row is RowKind.FULL]
    assert any(row.content.get("name") == WORDS for row in whole(b, ids))
    scene.send(a, scene.withdraws())
    for kept in (delta, full):
        match = kept.headers["naungan-segment"]
        assert refusal(short(b, cursor if kept is delta else "", match=match, offset=1)) == (412, "segment")
    left = encode([row.content for row in whole(b, ids)])
    assert b"Batam" not in left
    assert WORDS.encode() not in left
    after = opened(short(b, cursor))
    assert b"Batam" not in encode([row.content for row in after.rows])
    assert refusal(b.post("/v2/ranges", RangeRequest(0, b.epoch, 1, [Tree([]).node(0, 0)]))) == (409, "behind")
    # shared once more: whole, though both contents were served before
    back = opened(short(b, cursor)).header.cursor
    scene.consent, scene.referral = "0" * 30 + "c1", "0" * 30 + "d1"
    scene.send(a, scene.consents(tiers=["CASE", "IDENTIFYING", "OPEN"]), scene.refers(), scene.step(a, "SENT"))
    for reader in (back, cursor):  # also for one that has not heard of the withdrawal in between
        again = [row for row in opened(short(b, reader)).rows if row.kind in ("case", "person")]
        assert {(row.kind, row.row) for row in again} == {("case", RowKind.FULL), ("person", RowKind.FULL)}


def test_what_an_office_may_ask_about_is_its_own(scene: Scene) -> None:
    foreign = bytes.fromhex(scene.rina)
    assert whole(scene.b, [foreign]) == []
    assert [row.record for row in whole(scene.a, [foreign])] == [foreign]
    point = scene.b.point()
    nothing = RangeRequest(0, scene.b.epoch, point.seq, [Tree([]).node(0, 0)])
    reply = read(scene.b.post("/v2/ranges", nothing), RangeReply)
    assert reply.nodes
    assert foreign not in b"".join(node.items for node in reply.nodes)
    for wrong in (Node(0, 0, b""), Node(8, 0, bytes(96)), Node(1, 16, bytes(96)), Node(0, -1, bytes(96))):
        assert refusal(scene.b.post("/v2/ranges", RangeRequest(0, "", 1, [wrong]))) == (400, "format")
    twice = RangeRequest(0, scene.b.epoch, point.seq, nothing.nodes * 2)
    assert refusal(scene.b.post("/v2/ranges", twice)) == (400, "format"), "256 times the whole scope is no question"


def test_kept_segments_are_private_bounded_and_go_with_an_erasure(scene: Scene) -> None:
    a, b = scene.a, scene.b
    for laptop in (a, b):
        assert opened(short(laptop)).rows
    place = scene.centre.data_dir / "segments"
    kept = [path for path in place.rglob("*") if path.is_file()]
    assert len(kept) >= 2
    assert os.name != "posix" or {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    now = to_ms(scene.centre.clock())
    erasure = a.make(
        "erasure", subject=scene.case, subject_kind="case", basis="REQUEST", asked_by="SUBJECT", records=9,
        requested_by="a" * 32, requested_at=now, decision="APPROVED", decided_by="b" * 32, decided_at=now,
        executed_at=now,
    )  # fmt: skip
    [outcome] = a.push(erasure)
    assert outcome.status == "accepted", outcome
    assert not any((place / laptop.office).exists() for laptop in (a, b))
    tombs = opened(short(a))
    assert RowKind.TOMB in kinds(tombs)


def test_the_centre_finds_what_is_wrong_with_itself(scene: Scene) -> None:
    store = Store(scene.centre.url_of["naungan_app"])
    try:
        assert check(store) == []
        scene.centre.sql("UPDATE placement SET item = %s WHERE record = %s AND scope = owner", bytes(16), scene.rina)
        scene.centre.sql("UPDATE scope SET count = count + 1 WHERE scope = %s", scene.b.office)
        scene.centre.sql("UPDATE record SET rev = 999 WHERE id = %s", scene.budi)
        found = {(one.scope, one.what, one.record) for one in check(store)}
        assert found == {
            (scene.a.office, "item", scene.rina), (scene.a.office, "record", scene.budi), (scene.b.office, "count", ""),
        }  # fmt: skip
    finally:
        store.close()
