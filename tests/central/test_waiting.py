"""Work that waits for another record: decided once, with news for the laptop that did it and for no other."""

from __future__ import annotations

from app.models.ids import new_id
from app.wire.messages import Change, Outcome, Status, decode
from tests.central.scene import check_proof, only
from tests.centre import CentreUnderTest, Laptop

HELD, FAILED = Outcome(Status.HELD, "no_predecessor"), Outcome(Status.REFUSED, "no_predecessor")


def verdicts(centre: CentreUnderTest, laptop: Laptop) -> dict[tuple[int, int], Outcome]:
    """What a laptop is told later: batch and position -> outcome. Each operation at most once."""
    found = centre.sql("SELECT n, position, outcome FROM verdict WHERE device = %s ORDER BY seq", laptop.id)
    told = {(n, position): decode(bytes(outcome), Outcome) for n, position, outcome in found}
    assert len(told) == len(found), "one operation, one result"
    return told


def bad(laptop: Laptop, kind: str, record: str) -> Change:
    """What makes a record, and is refused."""
    return laptop.make(kind, record=record, made_by=17)


def test_what_waited_is_decided_with_one_verdict_for_its_own_device(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("A")
    case, note = new_id(), new_id()
    assert one.push(
        one.edit("note", note, case=case, base_rev=0, text="kedua"),
        one.make("note", record=note, case=case, text="pertama", at=1),
        one.make("note", case=case, text=17),
        one.make("note", case=case, made_office="0" * 32),
    ) == [HELD, HELD, Outcome(Status.REFUSED, "shape", "text"), Outcome(Status.REFUSED, "not_yours", "made_office")]
    assert verdicts(centre, one) == {}
    two.push(two.make("case", record=case))
    told = verdicts(centre, one)
    assert {at: outcome.status for at, outcome in told.items()} == {(1, 1): Status.ACCEPTED, (1, 0): Status.ACCEPTED}
    assert verdicts(centre, two) == {}
    one.pull()
    assert one.rows[one.office][bytes.fromhex(note)].rev == told[1, 0].rev, "the number of its own line"
    assert centre.sql("SELECT 1 FROM feed WHERE record = %s AND device IS NOT NULL", note) == []
    check_proof(centre, one, two)


def test_what_hangs_on_a_refused_record_is_refused_and_goes_in_when_it_is_mended(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("A")
    case, note = new_id(), new_id()
    earlier = two.make("note", case=case, text="menunggu", at=1)
    assert only(two.push(earlier)) == HELD
    outcomes = one.push(
        bad(one, "case", case), one.make("note", record=note, case=case, text="x", at=1),
        one.edit("note", note, case=case, base_rev=0, text="y"),
    )  # fmt: skip
    assert outcomes == [Outcome(Status.REFUSED, "shape", "made_by"), FAILED, FAILED]
    assert verdicts(centre, two) == {(1, 0): FAILED}, "nothing waits for what will not come by itself"
    assert centre.sql("SELECT count(*) FROM held") == [(0,)]
    later = one.make("note", case=case, text="z", at=1)
    assert only(one.push(later)) == FAILED
    assert {o.status for o in one.push(one.make("case", record=case), later)} == {Status.ACCEPTED}
    assert only(two.push(earlier)).status is Status.ACCEPTED
    # mended as a whole, what was refused with it is not remembered: it must not come over what stands now
    assert centre.sql("SELECT count(*) FROM record WHERE id = %s", note) == [(0,)]
    assert only(two.push(two.make("note", record=note, case=case, text="baru", at=1))).status is Status.ACCEPTED
    assert centre.sql("SELECT count(*) FROM unborn") == [(0,)]
    check_proof(centre, one, two)


def test_a_making_that_waits_itself_gives_hope_again(centre: CentreUnderTest) -> None:
    one = centre.device("A")
    case, note = new_id(), new_id()
    outcomes = one.push(bad(one, "note", note), one.edit("note", note, base_rev=0, text="y"))
    assert [outcome.status for outcome in outcomes] == [Status.REFUSED, Status.REFUSED]
    again = [one.make("note", record=note, case=case, text="x", at=1), one.edit("note", note, base_rev=0, text="y")]
    assert one.push(*again) == [HELD, HELD]
    one.push(one.make("case", record=case))
    assert {at: o.status for at, o in verdicts(centre, one).items()} == dict.fromkeys([(2, 0), (2, 1)], Status.ACCEPTED)


def test_work_that_waited_does_not_replace_what_its_own_device_wrote_since(centre: CentreUnderTest) -> None:
    one = centre.device("A")
    case = new_id()
    assert only(one.push(one.edit("case", case, base_rev=0, risk="LOW", channel="PHONE"))) == HELD
    assert only(one.push(one.make("case", record=case, risk="HIGH"))).status is Status.ACCEPTED
    told = verdicts(centre, one)[1, 0]
    assert (told.status, told.field) == (Status.CONFLICT, "risk")
    one.pull()
    content = one.holds(case) or {}
    assert (content["risk"], content["channel"]) == ("HIGH", "PHONE")


def test_what_two_laptops_wrote_while_both_waited_is_a_conflict(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("A")
    case = new_id()
    for laptop, risk in ((one, "LOW"), (two, "HIGH")):
        assert only(laptop.push(laptop.edit("case", case, base_rev=0, risk=risk))) == HELD
    one.push(one.make("case", record=case))
    told = [verdicts(centre, laptop)[1, 0].status for laptop in (one, two)]
    assert sorted(told) == [Status.CONFLICT, Status.MERGED], "neither replaces the other without a word"
    check_proof(centre, one, two)


def test_work_that_waits_for_what_is_erased_is_answered(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("A")
    case = new_id()
    assert only(one.push(one.make("note", case=case, text="x", at=1))) == HELD
    erasure = two.make(
        "erasure", subject_kind="case", subject=case, basis="OWN_REQUEST", requested_by="1" * 32, decided_by="2" * 32,
        decision="APPROVED", executed_at=1,
    )  # fmt: skip
    outcome = only(two.push(erasure))
    assert outcome.status is Status.ACCEPTED
    assert verdicts(centre, one) == {(1, 0): Outcome(Status.ERASED, "erased")}
    check_proof(centre, one, two)
