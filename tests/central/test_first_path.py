"""The shortest whole way: enrol, sign in, push, pull, prove, and then nothing is left to do."""

from __future__ import annotations

from app.wire.messages import Outcome, Receipt, Signed, Status, decode
from tests.centre import CentreUnderTest, heads_of, read


def test_a_case_goes_up_and_comes_down_on_another_laptop_of_the_office(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("A")
    case = one.make("case", channel="WALK_IN", exploitation={"add": ["LABOUR", "DEBT"], "remove": []})
    assert one.push(case) == [Outcome(Status.ACCEPTED, rev=3)], "after the two laptops"
    assert heads_of(two.hello()).heads[0].rows == 3
    two.pull()
    assert two.holds(case.record.hex()) == {
        "channel": "WALK_IN", "exploitation": ["DEBT", "LABOUR"], "made_office": one.office,
    }  # fmt: skip
    receipt = decode(read(two.receipt(), Signed).body, Receipt)
    assert (receipt.seq, receipt.count, receipt.device) == (3, 3, two.raw_id)
    assert two.hello().status_code == 204
