"""Judging again what was refused: after a change of what is allowed, from the raw bytes, once."""

from __future__ import annotations

from app.central import admin
from app.central.again import Choice, Court, Rejudged
from app.models.ids import new_id
from app.wire.messages import Outcome, Status
from tests.central.scene import Scene, check_proof, only
from tests.central.test_waiting import FAILED, verdicts
from tests.centre import CentreUnderTest


def judged(centre: CentreUnderTest, *codes: str, device: str = "", dry_run: bool = False) -> Rejudged:
    """What `naungan central reprocess` does, as the owner of the database."""
    from_owner = Court(centre.owner, centre.clock, bytes(32))
    return from_owner.judge(Choice(frozenset(codes), device), dry_run=dry_run)


def state(centre: CentreUnderTest) -> list[list[tuple[object, ...]]]:
    """All that judging again could change."""
    tables = ("feed", "record", "scope", "verdict", "placement", "via", "held", "unborn")
    return [centre.sql(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables] + [list(admin.deeds(centre.owner))]


def test_a_referral_to_an_office_that_was_not_known_yet_goes_out_at_last(scene: Scene) -> None:
    scene.register()
    centre, a = scene.centre, scene.a
    late_office = new_id()
    referral = scene.refers(to_office=late_office)
    sent = scene.step(a, "SENT")
    unknown = Outcome(Status.REFUSED, "unknown_office", "to_office")
    assert a.push(scene.consents(), referral, sent, a.make("person", name=17)) == [
        Outcome(Status.ACCEPTED, rev=10), unknown, FAILED, Outcome(Status.REFUSED, "shape", "name"),
    ]  # fmt: skip
    before = state(centre)
    assert judged(centre, "unknown_office").changed == [], "the office is as unknown as ever"
    # the list of offices of this centre was not complete: now this one is in it
    centre.sql("INSERT INTO scope (scope) VALUES (%s)", late_office)
    centre.sql("INSERT INTO office (id, code, region, name) VALUES (%s, 'LATE', '36.71', 'Kantor')", late_office)
    tried = judged(centre, "unknown_office", dry_run=True)
    assert [(one.kind, one.position, one.after.status) for one in tried.changed] == [
        ("referral", 1, Status.ACCEPTED), ("referral_event", 2, Status.ACCEPTED),
    ]  # fmt: skip
    assert state(centre)[1] == before[1], "a dry run writes nothing"
    assert verdicts(centre, a) == {}
    assert judged(centre, "unknown_office", device="0" * 32).changed == []
    done = judged(centre, "unknown_office")
    assert [one.after.status for one in done.changed] == [Status.ACCEPTED] * 2
    assert verdicts(centre, a) == {(2, 1): done.changed[0].after, (2, 2): done.changed[1].after}
    shown = centre.sql(
        "SELECT count(*) FROM placement WHERE scope = %s AND kind = 'referral' AND row = 'F'", late_office
    )
    assert shown == [(1,)], "and the recipient sees it"
    after = state(centre)
    assert judged(centre, "unknown_office").changed == [], "once"
    assert state(centre)[:7] == after[:7]
    assert "reprocess" in [action for _at, action, _subject, _detail in admin.deeds(centre.owner)]
    a.pull()
    assert a.receipt().status_code == 200


def test_what_the_device_wrote_since_is_not_replaced(centre: CentreUnderTest) -> None:
    one = centre.device("A")
    person = new_id()
    refused = one.edit("person", person, base_rev=1, name="lama", alias="Ani")
    assert only(one.push(refused)) == Outcome(Status.REFUSED, "not_found")
    assert only(one.push(one.make("person", record=person, name="baru"))).status is Status.ACCEPTED
    [anew] = judged(centre, "not_found").changed
    assert (anew.after.status, anew.after.field) == (Status.CONFLICT, "name")
    one.pull()
    content = one.holds(person) or {}
    assert (content["name"], content["alias"]) == ("baru", "Ani")
    assert verdicts(centre, one) == {(1, 0): anew.after}
    assert judged(centre, "not_found").changed == []
    check_proof(centre, one)


def test_a_batch_emptied_by_an_erasure_is_left_out_and_said(centre: CentreUnderTest) -> None:
    one = centre.device("A")
    person = new_id()
    one.push(one.edit("person", person, base_rev=1, name="lama"))
    one.push(one.make("person", record=person, name="baru"))
    centre.sql("UPDATE batch SET data = '' WHERE n = 1")
    found = judged(centre, "not_found")
    assert (found.changed, found.gone) == ([], [(one.id, 1)])
