"""What becomes of an operation: each result word, and each reason to say no."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.models.ids import new_id
from app.models.sealed import MAX_TOKEN
from app.wire import REFERENCE
from app.wire.messages import Outcome, Status
from tests.central.scene import GOOD, Scene, adding, check_proof, only, sealed
from tests.centre import CentreUnderTest


def test_other_fields_and_other_entries_of_a_set_are_merged(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("A")
    case = one.make("case", channel="WALK_IN", control=adding("DEBT"))
    rev = only(one.push(case)).rev
    record = case.record.hex()
    assert only(one.push(one.edit("case", record, base_rev=rev, risk="HIGH", control=adding("THREAT")))).status in GOOD
    outcome = only(two.push(two.edit("case", record, base_rev=rev, channel="PHONE", control=adding("ISOLATION"))))
    assert outcome.status is Status.MERGED
    two.pull()
    assert two.holds(record) == {
        "channel": "PHONE", "risk": "HIGH", "control": ["DEBT", "ISOLATION", "THREAT"], "made_office": one.office,
    }  # fmt: skip
    check_proof(centre, one, two)


def test_the_same_field_differently_is_a_conflict_and_both_values_are_kept(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("A")
    case = one.make("case", channel="WALK_IN")
    record, rev = case.record.hex(), only(one.push(case)).rev
    one.push(one.edit("case", record, base_rev=rev, channel="PHONE"))
    assert only(two.push(two.edit("case", record, base_rev=rev, channel="LETTER"))) == Outcome(
        Status.CONFLICT, "same_field", "channel", rev + 1
    )
    two.pull()
    assert (two.holds(record) or {})["channel"] == "PHONE"
    [conflict] = [row for row in two.rows[two.office].values() if row.kind == "conflict"]
    expected = {
        "about_kind": "case", "about_id": record, "about_field": "channel", "kept": '"PHONE"', "other": '"LETTER"',
        "kept_by": f"petugas {one.tag}", "other_by": f"petugas {two.tag}", "case_id": record,
    }  # fmt: skip
    assert {key: conflict.content[key] for key in expected} == expected
    # settling it is an ordinary operation
    settle = two.edit("conflict", conflict.record.hex(), case=record, base_rev=conflict.rev, settled="OTHER")
    assert only(two.push(settle)).status is Status.ACCEPTED
    assert only(two.push(two.edit("case", record, base_rev=rev + 1, channel="LETTER"))).status is Status.ACCEPTED
    check_proof(centre, one, two)


def test_both_wanting_the_same_is_no_conflict(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("A")
    case = one.make("case", channel="WALK_IN")
    record, rev = case.record.hex(), only(one.push(case)).rev
    one.push(one.edit("case", record, base_rev=rev, channel="PHONE"))
    same = only(two.push(two.edit("case", record, base_rev=rev, channel="PHONE")))
    assert same == Outcome(Status.MERGED, rev=rev + 1)


def test_what_a_device_changed_itself_is_not_news_to_it(centre: CentreUnderTest) -> None:
    one = centre.device("A")
    case = one.make("case", channel="WALK_IN")
    record = case.record.hex()
    outcomes = one.push(
        case, one.edit("case", record, base_rev=0, channel="PHONE"), one.edit("case", record, base_rev=0, channel="SMS")
    )
    assert [(outcome.status, outcome.rev) for outcome in outcomes] == [(Status.ACCEPTED, n) for n in (2, 3, 4)]


def test_a_record_made_twice_is_a_duplicate_or_a_merge(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("A")
    case = one.make("case", channel="WALK_IN")
    rev = only(one.push(case)).rev
    assert only(two.push(case)) == Outcome(Status.DUPLICATE, rev=rev)
    record = case.record.hex()
    assert only(two.push(two.make("case", record=record, channel="WALK_IN", risk="LOW"))).status is Status.MERGED
    assert only(two.push(two.make("case", record=record, channel="PHONE"))).status is Status.CONFLICT
    check_proof(centre, one, two)


def test_what_is_written_once_is_not_rewritten(centre: CentreUnderTest) -> None:
    one = centre.device("A")
    case = one.make("case", number="3671-26-1")
    rev = only(one.push(case)).rev
    again = one.edit("case", case.record.hex(), base_rev=rev, number="3671-26-2")
    assert only(one.push(again)) == Outcome(Status.CONFLICT, "written_once", "number", rev)


def test_fields_of_a_newer_version_are_kept(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("A")
    case = one.make("case", from_the_future="nilai", flags=["x"], number_of=3)
    assert only(one.push(case)).status is Status.ACCEPTED
    two.pull()
    content = two.holds(case.record.hex()) or {}
    assert (content["from_the_future"], content["flags"], content["number_of"]) == ("nilai", ["x"], 3)


BAD_VALUES: list[tuple[str, dict[str, Any], str, str]] = [
    ("wizard", {}, "unknown_kind", ""),
    ("person", {"nik": "123"}, "nik_shape", "nik"),
    ("person", {"family_card": "1"}, "number_shape", "family_card"),
    ("person", {"name": "x" * 2_001}, "too_long", "name"),
    ("person", {"name": "a\x00b"}, "controls", "name"),
    ("person", {"phone": "0812"}, "phone_shape", "phone"),
    ("person", {"birth_date": "2009-02-31"}, "date_shape", "birth_date"),
    ("person", {"birth_date": "kemarin"}, "date_shape", "birth_date"),
    ("person", {"age": -1}, "range", "age"),
    ("person", {"age": True}, "shape", "age"),
    ("person", {"age": "17"}, "shape", "age"),
    ("person", {"name": 17}, "shape", "name"),
    ("person", {"name": {"add": [], "remove": []}}, "shape", "name"),
    ("case", {"needs": {"add": [1], "remove": []}}, "shape", "needs"),
    ("case", {"needs": ["A|B"]}, "shape", "needs"),
    ("person", {"health": "luka bakar"}, "not_sealed", "health"),
    ("person", {"health": 17}, "not_sealed", "health"),
    ("person", {"health": [sealed("luka bakar")]}, "not_sealed", "health"),
    ("person", {"health": "sealed:1:" + "A" * MAX_TOKEN}, "not_sealed", "health"),
    ("person", {"disability": {"add": ["VISUAL"], "remove": []}}, "not_sealed", "disability"),
    ("person", {"disability": {"add": [], "remove": ["VISUAL"]}}, "not_sealed", "disability"),
    ("person", {"disability": ["VISUAL"]}, "not_sealed", "disability"),
    ("person", {"disability": ["sealed:1:" + "A" * 2_000]}, "too_long", "disability"),
    ("device", {"tag": "X"}, "not_yours", ""),
    ("person", {"made_at": 2**62}, "shape", "made_at"),
    ("person", {"made_at": True}, "shape", "made_at"),
    ("person", {"": "x"}, "shape", ""),
    ("person", {"future": {"a": {"b": "c"}}}, "shape", "future"),
    ("case", {"made_office": "0" * 32}, "not_yours", "made_office"),
    ("office", {"name": "Kantor palsu"}, "not_yours", ""),
]


def test_a_bad_value_is_refused_with_its_field(centre: CentreUnderTest) -> None:
    one = centre.device("A")
    bad = [one.make(kind, **changes) for kind, changes, _code, _field in BAD_VALUES]
    outcomes = one.push(*bad, one.make("person", name="Siti"))
    assert outcomes[:-1] == [Outcome(Status.REFUSED, code, field) for _kind, _changes, code, field in BAD_VALUES]
    assert outcomes[-1].status is Status.ACCEPTED, "bad records never block the rest"
    assert b"Kantor palsu" not in b"".join(bytes(r[0]) for r in centre.sql("SELECT content FROM feed"))


def test_a_bad_frame_of_an_operation_is_refused(centre: CentreUnderTest) -> None:
    one = centre.device("A")
    good = one.make("person", name="Siti")
    wrong = [
        msgspec.structs.replace(good, record=b"kurang"),
        msgspec.structs.replace(good, case=b"kurang"),
        msgspec.structs.replace(good, base_rev=-1),
        msgspec.structs.replace(good, at=2**62),
        msgspec.structs.replace(good, actor_name="x" * 3000),
        msgspec.structs.replace(one.make("note", case=new_id(), text="x"), case=None),
        one.make("note", text="tanpa kasus"),
    ]
    assert {(outcome.status, outcome.code) for outcome in one.push(*wrong)} == {(Status.REFUSED, "shape")}


def test_a_wrong_kind_for_a_known_id_is_refused(centre: CentreUnderTest) -> None:
    one = centre.device("A")
    case = one.make("case")
    one.push(case)
    assert only(one.push(one.edit("person", case.record.hex(), base_rev=1, name="X"))).code == "not_found"


def test_what_waits_for_a_record_is_done_when_it_comes(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("A")
    case, note = new_id(), new_id()
    held = Outcome(Status.HELD, "no_predecessor")
    assert one.push(
        one.edit("note", note, case=case, base_rev=0, text="kedua"),
        one.make("note", record=note, case=case, text="pertama", at=1),
    ) == [held, held]
    assert centre.sql("SELECT count(*) FROM record WHERE kind = 'note'") == [(0,)]
    assert only(two.push(two.make("case", record=case))).status is Status.ACCEPTED
    one.pull()
    assert (one.holds(note) or {})["text"] == "kedua", "in the order in which each can be done"
    assert centre.sql("SELECT count(*) FROM held") == [(0,)]
    check_proof(centre, one, two)


def test_a_foreign_record_is_as_good_as_absent(scene: Scene) -> None:
    scene.register()
    stranger, unknown = scene.centre.device("C"), new_id()
    for base_rev in (0, 5):
        answers = stranger.push(
            stranger.edit("person", scene.siti, base_rev=base_rev, name="X"),
            stranger.edit("person", unknown, base_rev=base_rev, name="X"),
            stranger.edit("case", scene.case, base_rev=base_rev, risk="LOW"),
            stranger.make("note", case=scene.case, text="x"),
            stranger.make("note", case=unknown, text="x"),
        )
        held, missing = Outcome(Status.HELD, "no_predecessor"), Outcome(Status.REFUSED, "not_found")
        assert answers == [missing if base_rev else held] * 3 + [held] * 2
    # to make it anew makes a record of one's own
    assert only(stranger.push(stranger.make("person", record=scene.siti, name="Palsu"))).status is Status.ACCEPTED
    scene.a.pull()
    assert (scene.a.holds(scene.siti) or {})["name"] == "Siti"
    check_proof(scene.centre, scene.a, scene.b, stranger)


def test_the_recipient_writes_what_it_sees_and_nothing_else(scene: Scene) -> None:
    scene.referred()
    b, rev = scene.b, scene.rev[scene.siti]
    assert only(b.push(b.edit("person", scene.siti, base_rev=rev, alias="Ani"))).status is Status.ACCEPTED
    service = b.make("service", case=scene.case, person_id=scene.siti, service_type="SHELTER", state="PLANNED")
    assert only(b.push(service)).status is Status.ACCEPTED
    for change, code, field in [
        (b.edit("person", scene.siti, base_rev=rev, health=sealed("x")), "outside_view", "health"),
        (b.edit("person", scene.siti, base_rev=rev, health=None), "outside_view", "health"),
        (b.edit("person", scene.siti, base_rev=rev, of_tomorrow="x"), "outside_view", "of_tomorrow"),
        (b.edit("person", scene.rina, base_rev=3, name="X"), "not_found", ""),
        (b.make("note", case=scene.case, text="cerita", at=1), "outside_view", "text"),
        (b.make("party", case=scene.case, person_id=scene.rina, role="WITNESS"), "not_found", "person_id"),
        (b.make("party", case=scene.case, person_id=new_id(), role="WITNESS"), "not_found", "person_id"),
        (b.edit("referral", scene.referral, case=scene.case, base_rev=1, tiers=adding("NARRATIVE")), "not_yours", ""),
        (b.make("referral", case=scene.case, to_office=scene.a.office), "not_yours", ""),
        (b.make("consent", case=scene.case, person_id=scene.siti, decision="GIVEN", purpose="SHARE"), "not_yours", ""),
        (b.make("conflict", case=scene.case, about_kind="case"), "not_yours", ""),
    ]:
        assert only(b.push(change)) == Outcome(Status.REFUSED, code, field)
    scene.a.pull()
    assert (scene.a.holds(scene.siti) or {})["alias"] == "Ani"
    assert (scene.a.holds(scene.siti) or {})["health"] == sealed("luka bakar")
    assert scene.a.holds(service.record.hex()) is not None
    check_proof(scene.centre, scene.a, scene.b)


def test_what_left_the_scope_is_answered_so(scene: Scene) -> None:
    scene.referred()
    scene.send(scene.a, scene.step(scene.a, "WITHDRAWN"))
    b = scene.b
    assert (
        b.push(
            b.edit("person", scene.siti, base_rev=1, alias="Ani"),
            b.make("service", case=scene.case, service_type="SHELTER"),
        )
        == [Outcome(Status.LEFT, "left_scope")] * 2
    )


def test_a_write_of_the_recipient_meets_one_of_the_owner(scene: Scene) -> None:
    scene.referred()
    rev = scene.rev[scene.siti]
    scene.send(scene.a, scene.a.edit("person", scene.siti, base_rev=rev, name="Siti Aminah", health=sealed("sembuh")))
    assert only(scene.b.push(scene.b.edit("person", scene.siti, base_rev=rev, alias="Ani"))).status is Status.MERGED
    answer = only(scene.b.push(scene.b.edit("person", scene.siti, base_rev=rev, name="Sitti")))
    assert (answer.status, answer.field) == (Status.CONFLICT, "name")
    for laptop in (scene.a, scene.b):
        laptop.pull()
        [conflict] = [row.content for row in laptop.rows[laptop.office].values() if row.kind == "conflict"]
        assert (conflict["kept"], conflict["other"]) == ('"Siti Aminah"', '"Sitti"')
    check_proof(scene.centre, scene.a, scene.b)


def test_a_number_of_the_recipients_own_write_always_reaches_it(scene: Scene) -> None:
    scene.referred()
    rev = scene.rev[scene.siti]
    outcomes = scene.b.push(
        scene.b.edit("person", scene.siti, base_rev=rev, alias="Ani"),
        scene.b.edit("person", scene.siti, base_rev=rev, alias=None),
    )
    scene.b.pull()
    assert scene.b.rows[scene.b.office][bytes.fromhex(scene.siti)].rev == outcomes[1].rev
    check_proof(scene.centre, scene.a, scene.b)


@pytest.mark.parametrize("step", ["ACCEPTED", "DECLINED"])
def test_the_answer_of_the_recipient_reaches_the_sender(scene: Scene, step: str) -> None:
    scene.referred()
    answer = scene.step(scene.b, step, reason="FULL", feedback="Penuh sampai Jumat.")
    assert only(scene.b.push(answer)).status is Status.ACCEPTED
    for laptop in (scene.a, scene.b):
        laptop.pull()
        content = laptop.holds(answer.record.hex()) or {}
        assert (content["step"], content["feedback"]) == (step, "Penuh sampai Jumat.")
    check_proof(scene.centre, scene.a, scene.b)


def test_a_step_that_comes_too_late_or_from_the_wrong_side_is_kept_and_shown(scene: Scene) -> None:
    scene.referred()
    scene.send(scene.a, scene.step(scene.a, "WITHDRAWN"))
    late = scene.step(scene.b, "ACCEPTED")
    assert only(scene.b.push(late)) == Outcome(Status.CONFLICT, "late_step", "step", 14)
    scene.a.pull()
    assert (scene.a.holds(late.record.hex()) or {})["step"] == "ACCEPTED"
    wrong_side = scene.step(scene.a, "COMPLETED")
    assert only(scene.a.push(wrong_side)).code == "late_step"
    check_proof(scene.centre, scene.a, scene.b)


def test_nobody_speaks_for_the_other_side(scene: Scene) -> None:
    scene.referred()
    for office in (scene.b.office, None):
        forged = scene.step(scene.a, "ACCEPTED")
        changes = {**forged.changes, "made_office": office}
        answer = only(scene.a.push(msgspec.structs.replace(forged, changes=changes)))
        assert answer == Outcome(Status.REFUSED, "not_yours", "made_office")
    paper = scene.step(scene.a, "ACCEPTED", on_paper=True)
    assert only(scene.a.push(paper)).status is Status.ACCEPTED


def test_an_event_is_not_rewritten_and_belongs_to_a_referral_of_its_case(scene: Scene) -> None:
    scene.referred()
    event = scene.step(scene.a, "WITHDRAWN")
    scene.send(scene.a, event)
    rewrite = scene.a.edit("referral_event", event.record.hex(), case=scene.case, base_rev=9, feedback="x")
    assert only(scene.a.push(rewrite)) == Outcome(Status.REFUSED, "written_once", "feedback")
    other = new_id()
    scene.a.push(scene.a.make("case", record=other))
    astray = scene.a.make("referral_event", case=other, referral_id=scene.referral, step="SENT", at=1)
    assert only(scene.a.push(astray)).code == "not_found"
    without = scene.a.make("referral_event", case=other, step="SENT", at=1)
    assert only(scene.a.push(without)) == Outcome(Status.REFUSED, "shape", "referral_id")


def test_a_referral_goes_to_an_office_that_exists(scene: Scene) -> None:
    scene.register()
    [answer] = scene.a.push(scene.refers(to_office=new_id()))
    assert answer == Outcome(Status.REFUSED, "unknown_office", "to_office")


def test_the_directory_is_written_by_every_office_and_read_by_all(centre: CentreUnderTest) -> None:
    one, two = centre.device("A"), centre.device("B")
    agency = one.make("agency", name="Rumah Aman", agency_type="SHELTER")
    rev = only(one.push(agency)).rev
    record = agency.record.hex()
    assert only(two.push(two.edit("agency", record, base_rev=rev, hours="24 jam"))).status is Status.ACCEPTED
    assert only(one.push(one.edit("agency", record, base_rev=rev, hours="siang"))).status is Status.CONFLICT
    two.pull()
    assert (two.holds(record, REFERENCE) or {})["hours"] == "24 jam"
    assert two.receipt(REFERENCE).status_code == 200
