"""A batch that follows another past than the one the centre knows: a cloned or restored laptop, kept and refused."""

from __future__ import annotations

from app.wire.messages import Status
from tests.central.scene import check_proof, only
from tests.centre import CentreUnderTest, refusal


def test_a_next_batch_on_another_past_is_a_fork_and_changes_nothing(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    laptop.push(laptop.make("person", name="Siti"))
    elsewhere = laptop.seal(laptop.make("person", name="Rina"), previous=bytes(range(32)))
    assert refusal(laptop.put(elsewhere)) == (409, "fork")
    assert centre.sql("SELECT n, code FROM incident") == [(2, "fork")]
    assert centre.sql("SELECT count(*) FROM batch") == [(1,)]
    assert only(laptop.push(laptop.make("person", name="Budi"))).status is Status.ACCEPTED
    check_proof(centre, laptop)


def test_a_number_of_a_history_that_nobody_here_knows_counts_as_unseen(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("A")
    case = one.make("case", channel="WALK_IN")
    rev = only(one.push(case)).rev
    only(one.push(one.edit("case", case.record.hex(), base_rev=rev, channel="PHONE")))
    two.epoch = "of another centre"
    edit = two.edit("case", case.record.hex(), base_rev=rev + 1_000, channel="LETTER")
    assert only(two.push(edit)).status is Status.CONFLICT, "both values stay"
    two.pull()
    assert (two.holds(case.record.hex()) or {})["channel"] == "PHONE"
