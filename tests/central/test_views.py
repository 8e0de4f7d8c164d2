"""What a recipient sees, when it comes, and when it leaves."""

from __future__ import annotations

from app.models.ids import new_id
from app.wire.messages import Outcome, RowKind, Status
from tests.central.scene import GOOD, Scene, adding, check_proof, sealed
from tests.centre import Laptop


def leaving(laptop: Laptop) -> dict[str, str]:
    """kind -> reason of the rows that left at the last pull."""
    return {row.kind: row.reason for row in laptop.pull() if row.row is RowKind.LEAVE}


def test_nothing_is_shown_before_the_referral_is_sent(scene: Scene) -> None:
    scene.register()
    scene.send(scene.a, scene.consents(), scene.refers())
    scene.b.pull()
    assert scene.b.kinds() == []
    scene.send(scene.a, scene.step(scene.a, "DRAFT"))
    scene.b.pull()
    assert scene.b.kinds() == []


def test_a_sent_referral_shows_the_victim_and_not_the_other_victim(scene: Scene) -> None:
    scene.referred()
    assert scene.b.kinds() == [
        "case", "consent", "party", "party", "person", "person", "referral", "referral_event",
    ]  # fmt: skip
    assert scene.b.holds(scene.siti) == {"name": "Siti", "sex": "FEMALE", "made_office": scene.a.office}
    assert scene.b.holds(scene.budi) is not None
    assert scene.b.holds(scene.rina) is None
    assert "summary" not in (scene.b.holds(scene.case) or {})
    everything = b"".join(bytes(row[0]) for row in scene.centre.sql(
        "SELECT content FROM feed WHERE scope = %s", scene.b.office))  # fmt: skip
    assert b"Rina" not in everything
    assert b"luka bakar" not in everything
    assert bytes.fromhex(scene.rina) not in everything
    assert scene.rina.encode() not in everything
    check_proof(scene.centre, scene.a, scene.b)


def test_tiers_that_the_consent_does_not_cover_are_not_shown(scene: Scene) -> None:
    scene.register()
    scene.send(scene.a, scene.consents(tiers=["OPEN"]), scene.refers(), scene.step(scene.a, "SENT"))
    scene.b.pull()
    assert scene.b.holds(scene.siti) == {"sex": "FEMALE", "made_office": scene.a.office}


def test_a_withdrawn_consent_makes_everything_leave_but_the_referral(scene: Scene) -> None:
    scene.referred()
    scene.send(scene.a, scene.withdraws())
    assert leaving(scene.b) == {"case": "consent", "consent": "consent", "party": "consent", "person": "consent"}
    assert scene.b.kinds() == ["referral", "referral_event"]
    check_proof(scene.centre, scene.a, scene.b)


def test_a_withdrawn_referral_makes_everything_leave_but_itself(scene: Scene) -> None:
    scene.referred()
    scene.send(scene.a, scene.step(scene.a, "WITHDRAWN"))
    assert set(leaving(scene.b).values()) == {"withdrawn"}
    assert scene.b.kinds() == ["referral", "referral_event", "referral_event"]
    check_proof(scene.centre, scene.a, scene.b)


def test_a_completed_referral_ends_the_view(scene: Scene) -> None:
    scene.referred()
    for step in ("ACCEPTED", "IN_PROGRESS", "COMPLETED"):
        assert scene.send(scene.b, scene.step(scene.b, step))[0].status in GOOD
    assert set(leaving(scene.b).values()) == {"ended"}
    check_proof(scene.centre, scene.a, scene.b)


def test_what_left_comes_back_with_a_new_referral(scene: Scene) -> None:
    scene.referred()
    scene.send(scene.a, scene.step(scene.a, "WITHDRAWN"))
    scene.b.pull()
    again = new_id()
    scene.send(scene.a, scene.refers(record=again))
    scene.referral = again
    scene.send(scene.a, scene.step(scene.a, "SENT"))
    scene.b.pull()
    assert scene.b.holds(scene.siti) is not None
    check_proof(scene.centre, scene.a, scene.b)


def test_a_consent_that_runs_out_by_date_leaves_at_the_next_hello(scene: Scene) -> None:
    scene.referred(valid_until="2026-11-24")
    scene.centre.clock.forward(days=1)
    scene.b.sign_in()
    assert scene.b.hello().status_code == 204
    scene.centre.clock.forward(days=1)
    scene.b.sign_in()
    assert scene.b.hello().status_code == 200
    assert leaving(scene.b)["person"] == "consent"
    assert scene.b.kinds() == ["referral", "referral_event"]
    scene.a.sign_in()
    check_proof(scene.centre, scene.a, scene.b)


def test_a_consent_that_runs_out_leaves_also_before_a_pull_without_hello(scene: Scene) -> None:
    scene.referred(valid_until="2026-11-23")
    scene.centre.clock.forward(days=1)
    scene.b.sign_in()
    assert leaving(scene.b)["person"] == "consent"


def test_a_change_of_a_hidden_field_says_nothing_to_the_recipient(scene: Scene) -> None:
    scene.referred()
    rev = scene.rev[scene.siti]
    [outcome] = scene.send(scene.a, scene.a.edit("person", scene.siti, base_rev=rev, health=sealed("sembuh")))
    assert outcome.status is Status.ACCEPTED
    assert scene.b.pull() == []
    # ... and the recipient's next change is not called 'merged' because of it
    [outcome] = scene.b.push(scene.b.edit("person", scene.siti, base_rev=scene.rev[scene.siti], alias="Ani"))
    assert outcome.status is Status.ACCEPTED
    check_proof(scene.centre, scene.a, scene.b)


def test_a_change_of_a_shown_field_comes(scene: Scene) -> None:
    scene.referred()
    scene.send(scene.a, scene.a.edit("person", scene.siti, base_rev=scene.rev[scene.siti], alias="Ani"))
    assert [row.content["alias"] for row in scene.b.pull()] == ["Ani"]


def test_a_person_stays_as_long_as_one_of_two_cases_shows_her(scene: Scene) -> None:
    scene.referred()
    a, case, consent, referral = scene.a, new_id(), new_id(), new_id()
    scene.send(
        a,
        a.make("case", record=case, number="3671-26-2"),
        a.make("party", case=case, person_id=scene.siti, role="VICTIM"),
        a.make(
            "consent", record=consent, case=case, person_id=scene.siti, purpose="SHARE", decision="GIVEN",
            tiers=adding("OPEN"),
        ),
        a.make(
            "referral", record=referral, case=case, person_id=scene.siti, to_office=scene.b.office,
            consent_id=consent, tiers=adding("OPEN"),
        ),
        a.make("referral_event", case=case, referral_id=referral, step="SENT", at=1),
    )  # fmt: skip
    scene.b.pull()
    assert (scene.b.holds(scene.siti) or {})["name"] == "Siti"
    scene.send(a, scene.withdraws())
    scene.b.pull()
    assert scene.b.holds(scene.siti) == {"sex": "FEMALE", "made_office": a.office}
    scene.send(a, a.make("referral_event", case=case, referral_id=referral, step="WITHDRAWN", at=2))
    scene.b.pull()
    assert scene.b.holds(scene.siti) is None
    check_proof(scene.centre, scene.a, scene.b)


def test_a_person_who_is_no_longer_of_the_case_leaves(scene: Scene) -> None:
    scene.referred()
    rev = scene.rev[scene.referral]
    scene.send(scene.a, scene.a.edit("referral", scene.referral, case=scene.case, base_rev=rev, person_id=scene.rina))
    scene.b.pull()
    assert scene.b.holds(scene.siti) is None
    assert scene.b.holds(scene.rina) is not None
    check_proof(scene.centre, scene.a, scene.b)


def test_a_third_office_sees_nothing(scene: Scene) -> None:
    other = scene.centre.device("C")
    scene.referred()
    other.pull()
    assert other.kinds() == []


def test_a_record_of_ones_own_is_not_displaced_by_a_shown_one(scene: Scene) -> None:
    scene.register()
    scene.b.push(scene.b.make("person", record=scene.siti, name="Milik B"))
    scene.send(scene.a, scene.consents(), scene.refers(), scene.step(scene.a, "SENT"))
    scene.b.pull()
    assert (scene.b.holds(scene.siti) or {})["name"] == "Milik B"
    check_proof(scene.centre, scene.a, scene.b)


def test_a_conflict_is_shown_where_its_field_is_and_its_record_is(scene: Scene) -> None:
    scene.referred()
    second = scene.centre.device("A")
    base = scene.rev[scene.siti]
    rina = scene.rev[scene.rina]
    scene.send(
        scene.a,
        scene.a.edit("person", scene.siti, base_rev=base, name="Siti Aminah", health=sealed("sembuh")),
        scene.a.edit("person", scene.rina, base_rev=rina, name="Rina Wati"),
    )
    outcomes = second.push(
        second.edit("person", scene.siti, base_rev=base, name="Sitti"),
        second.edit("person", scene.siti, base_rev=base, health=sealed("dirawat")),
        second.edit("person", scene.rina, base_rev=rina, name="Rini"),
    )
    assert outcomes == [
        Outcome(Status.CONFLICT, "same_field", "name", outcomes[0].rev),
        Outcome(Status.CONFLICT, "same_field", "health", outcomes[1].rev),
        Outcome(Status.CONFLICT, "same_field", "name", outcomes[2].rev),
    ]
    scene.a.pull()
    scene.b.pull()
    of_a = [row.content for row in scene.a.rows[scene.a.office].values() if row.kind == "conflict"]
    of_b = [row.content for row in scene.b.rows[scene.b.office].values() if row.kind == "conflict"]
    assert sorted((c["about_field"], c["kept"], c["other"]) for c in of_a) == [
        ("health", f'"{sealed("sembuh")}"', f'"{sealed("dirawat")}"'),
        ("name", '"Rina Wati"', '"Rini"'), ("name", '"Siti Aminah"', '"Sitti"'),
    ]  # fmt: skip
    assert [(c["about_id"], c["kept"], c["other"]) for c in of_b] == [(scene.siti, '"Siti Aminah"', '"Sitti"')]
    check_proof(scene.centre, scene.a, scene.b)
