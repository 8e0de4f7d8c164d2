"""A case that another office accepts moves there whole: who holds what afterwards, under which numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import pytest

from app.models.field import to_ms
from app.models.ids import new_id
from app.wire.batch import digest_of
from app.wire.messages import BatchResult, Change, Outcome, RowKind, Status
from tests.central.scene import GOOD, Scene, check_proof, only, scene_of, sealed
from tests.central.test_faults import FAIL, MEND
from tests.centre import CentreUnderTest, Laptop, read, refusal


@dataclass(slots=True)
class Handing:
    """The scene, a third office, and a transfer of its case from A to B."""

    scene: Scene
    c: Laptop
    transfer: str = field(default_factory=new_id)

    def offers(self, by: Laptop | None = None, to: Laptop | None = None, record: str = "") -> list[Outcome]:
        """The offer and its first step."""
        by, to = by or self.scene.a, to or self.scene.b
        offer = by.make(
            "transfer", record=record or self.transfer, case=self.scene.case, to_office=to.office,
            from_office=by.office, reason="MOVED", number="3671-26-1", message="Tolong dilanjutkan.",
        )  # fmt: skip
        return self.scene.send(by, offer, self.step(by, "OFFERED", record))

    def step(self, laptop: Laptop, step: str, record: str = "", **more: object) -> Change:
        """A step of the transfer."""
        return laptop.make(
            "transfer_event", case=self.scene.case, transfer_id=record or self.transfer, step=step,
            at=to_ms(self.scene.centre.clock()), **more,
        )  # fmt: skip

    def accepts(self) -> Outcome:
        """B says yes."""
        self.scene.b.pull()
        return only(self.scene.send(self.scene.b, self.step(self.scene.b, "ACCEPTED")))

    def prove(self) -> None:
        """Everybody holds what the centre holds."""
        check_proof(self.scene.centre, self.scene.a, self.scene.b, self.c)


@pytest.fixture
def handing(centre: CentreUnderTest) -> Handing:
    scene = scene_of(centre)
    scene.register()
    return Handing(scene, centre.device("C"))


def held_of(centre: CentreUnderTest, scope: str, *ids: str) -> int:
    [(count,)] = centre.sql("SELECT count(*) FROM record WHERE scope = %s AND id = ANY(%s::uuid[])", scope, list(ids))
    return int(count)


def test_an_offered_case_is_looked_at_in_codes_and_written_by_nobody_else(handing: Handing) -> None:
    scene, b = handing.scene, handing.scene.b
    handing.offers()
    b.pull()
    assert b.holds(scene.siti) == {"sex": "FEMALE", "made_office": scene.a.office}
    assert "summary" not in (b.holds(scene.case) or {"summary"})
    assert b.holds(handing.transfer)["message"] == "Tolong dilanjutkan."  # type: ignore[index]
    note = b.make("note", case=scene.case, note_kind="VISIT", at=1)
    edit = b.edit("case", scene.case, risk="HIGH", base_rev=scene.rev[scene.case])
    assert [o.status for o in scene.send(b, note, edit)] == [Status.REFUSED, Status.REFUSED]
    handing.prove()


def test_an_accepted_case_is_the_other_offices_and_the_old_one_keeps_the_transfer(handing: Handing) -> None:
    scene, a, b = handing.scene, handing.scene.a, handing.scene.b
    other = new_id()
    scene.send(
        a, a.make("case", record=other, number="3671-26-2"),
        a.make("party", case=other, person_id=scene.budi, role="SUSPECT"),
    )  # fmt: skip
    handing.offers()
    outcome = handing.accepts()
    assert outcome.status in GOOD
    handing.prove()
    assert b.holds(scene.case) == {
        "number": "3671-26-1", "channel": "WALK_IN", "summary": "Dijanjikan kerja di kafe.", "made_office": a.office,
    }  # fmt: skip
    assert b.holds(scene.siti)["health"] == sealed("luka bakar")  # type: ignore[index]
    assert {scene.siti, scene.rina, scene.budi} <= {row.hex() for row in b.rows[b.office]}
    assert a.kinds() == ["case", "party", "person", "transfer", "transfer_event", "transfer_event", "transfer_event"]
    assert a.holds(scene.budi) is not None  # another case needs him
    assert {row.reason for row in a.lines if row.row is RowKind.LEAVE} == {"moved"}
    assert held_of(scene.centre, a.office, scene.case, scene.siti, scene.siti_party, handing.transfer) == 0
    moved = next(row for row in b.lines if row.content.get("step") == "MOVED")
    assert "made_office" not in moved.content
    edit = b.edit("case", scene.case, risk="HIGH", base_rev=b.rows[b.office][bytes.fromhex(scene.case)].rev)
    assert only(scene.send(b, edit)).status is Status.ACCEPTED
    handing.prove()


def test_what_the_old_office_does_afterwards_is_answered_and_changes_nothing(handing: Handing) -> None:
    scene, a = handing.scene, handing.scene.a
    handing.offers()
    handing.accepts()
    witness = msgspec.structs.replace(a.make("person", name="Saksi"), case=bytes.fromhex(scene.case))
    late = scene.send(
        a, handing.step(a, "WITHDRAWN"), a.edit("case", scene.case, risk="LOW", base_rev=scene.rev[scene.case]),
        a.make("note", case=scene.case, note_kind="VISIT", at=1), witness,
        a.make("party", case=scene.case, person_id=witness.record.hex(), role="WITNESS"),
    )  # fmt: skip
    assert (late[0].status, late[0].code) == (Status.CONFLICT, "late_step")
    assert [(o.status, o.code) for o in late[1:]] == [(Status.LEFT, "left_scope")] * 4
    assert held_of(scene.centre, a.office, witness.record.hex()) == 0, "nobody stays behind alone"
    handing.prove()
    assert "risk" not in (scene.b.holds(scene.case) or {"risk"})


def test_a_transfer_that_is_declined_or_withdrawn_moves_nothing(handing: Handing) -> None:
    scene, a, b = handing.scene, handing.scene.a, handing.scene.b
    handing.offers()
    b.pull()
    assert only(scene.send(b, handing.step(b, "DECLINED", note="Tidak ada tempat."))).status in GOOD
    handing.prove()
    assert b.kinds() == ["transfer", "transfer_event", "transfer_event"]
    again = new_id()
    handing.offers(record=again)
    scene.send(a, handing.step(a, "WITHDRAWN", again))
    late = only(scene.send(b, handing.step(b, "ACCEPTED", again)))
    assert (late.status, late.code) == (Status.CONFLICT, "late_step")
    handing.prove()
    assert held_of(scene.centre, a.office, scene.case) == 1
    assert b.holds(scene.case) is None


def test_two_offers_and_one_case(handing: Handing) -> None:
    scene, other = handing.scene, new_id()
    handing.offers()
    handing.offers(to=handing.c, record=other)
    handing.accepts()
    handing.c.pull()
    late = only(scene.send(handing.c, handing.step(handing.c, "ACCEPTED", other)))
    assert (late.status, late.code) == (Status.CONFLICT, "late_step")
    handing.prove()
    assert held_of(scene.centre, scene.b.office, scene.case) == 1
    assert handing.c.holds(scene.case) is None


def test_a_referral_goes_on_under_the_new_owner(centre: CentreUnderTest) -> None:
    scene = scene_of(centre).referred()
    handing = Handing(scene, centre.device("C"))
    handing.offers(to=handing.c)
    handing.c.pull()
    assert only(scene.send(handing.c, handing.step(handing.c, "ACCEPTED"))).status in GOOD
    handing.prove()
    assert scene.b.holds(scene.siti) == {"name": "Siti", "sex": "FEMALE", "made_office": scene.a.office}
    assert only(scene.send(scene.b, scene.step(scene.b, "ACCEPTED"))).status in GOOD
    handing.c.pull()
    assert only(scene.send(handing.c, scene.step(handing.c, "WITHDRAWN"))).code == "late_step"
    assert only(scene.send(scene.b, scene.step(scene.b, "COMPLETED"))).status in GOOD
    handing.prove()
    assert "case" not in scene.b.kinds()


def test_it_waits_for_the_keys(handing: Handing) -> None:
    scene, a, b = handing.scene, handing.scene.a, handing.scene.b

    def grant(office: str) -> Change:
        return a.make(
            "key_grant", case_id=None, subject_kind="person", subject=scene.siti, kid="ab" * 8, to_office=office,
            to_key="cd" * 32, box="AA==",
        )  # fmt: skip

    assert only(scene.send(a, grant(a.office))).status in GOOD
    handing.offers()
    handing.accepts()
    assert held_of(scene.centre, a.office, scene.case) == 1
    handing.prove()
    assert "key_grant" not in b.kinds()
    assert only(scene.send(a, grant(b.office))).status in GOOD
    handing.prove()
    assert held_of(scene.centre, b.office, scene.case, scene.siti) == 2
    assert b.kinds().count("key_grant") == 2


@pytest.mark.warns_in_log("internal error RaiseException")
def test_a_crash_in_the_middle_moves_all_of_it_later_or_nothing(handing: Handing) -> None:
    scene, b, centre = handing.scene, handing.scene.b, handing.scene.centre
    handing.offers()
    b.pull()
    before = centre.sql("SELECT scope, id, rev FROM record ORDER BY 1, 2")
    centre.sql(FAIL.replace("ON feed", "ON placement"))
    data = b.seal(handing.step(b, "ACCEPTED"))
    assert refusal(b.put(data)) == (500, "internal")
    b.n, b.previous = b.n + 1, digest_of(data)
    assert centre.sql("SELECT scope, id, rev FROM record ORDER BY 1, 2") == before
    centre.sql(MEND)
    assert only(read(b.put(data, n=b.n), BatchResult).outcomes).status in GOOD
    first = read(b.put(data, n=b.n), BatchResult)
    handing.prove()
    assert read(b.put(data, n=b.n), BatchResult) == first
    assert held_of(centre, b.office, scene.case) == 1


def test_there_and_back_again_loses_no_word(handing: Handing) -> None:
    scene, a, b, back = handing.scene, handing.scene.a, handing.scene.b, new_id()
    other = new_id()
    scene.send(
        a, a.make("case", record=other, number="3671-26-2"),
        a.make("party", case=other, person_id=scene.siti, role="VICTIM"),
    )  # fmt: skip
    handing.offers()
    handing.accepts()
    b.pull()
    edit = b.edit("person", scene.siti, name="Siti B", base_rev=b.rows[b.office][bytes.fromhex(scene.siti)].rev)
    assert only(scene.send(b, edit)).status is Status.ACCEPTED
    handing.offers(by=b, to=a, record=back)
    a.pull()
    assert only(scene.send(a, handing.step(a, "ACCEPTED", back))).status in GOOD
    handing.prove()
    assert a.holds(scene.case) is not None
    assert b.holds(scene.case) is None
    names = {str(row.content.get("name")) for row in a.rows[a.office].values()}
    others = {str(row.content.get("other")) for row in a.rows[a.office].values()}
    assert "Siti" in names
    assert '"Siti B"' in others


def test_a_transfer_to_nobody_and_a_recipient_named_later_stop_nothing(handing: Handing) -> None:
    """A laptop of its own making leaves out to whom, or names an office that is none once the record stands."""
    scene, a = handing.scene, handing.scene.a
    scene.send(a, scene.consents(), scene.refers(), scene.step(a, "SENT"))
    offer = a.make("transfer", record=handing.transfer, case=scene.case, reason="MOVED")
    paper = a.make("referral", case=scene.case, person_id=scene.siti, reason="SHELTER", urgency="URGENT")
    scene.send(a, offer, handing.step(a, "OFFERED"), paper)
    for record, kind in ((handing.transfer, "transfer"), (paper.record.hex(), "referral")):
        later = a.edit(kind, record, to_office=new_id(), base_rev=scene.rev[record])
        assert only(scene.send(a, later)) == Outcome(Status.REFUSED, "unknown_office", "to_office")
    assert only(scene.send(a, scene.step(a, "WITHDRAWN"))).status in GOOD
    handing.prove()
