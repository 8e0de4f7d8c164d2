"""Around a referral: the package of a reason, sharing without consent, reminders, the ledger of consents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid
from app.models.all import Referral
from app.models.codelist import codelist
from app.models.local import AuditEntry
from app.services import consents, referrals, sharing
from app.services.case_page import open_page
from app.services.desk import Desk
from tests.conftest import Clock
from tests.services.test_journey import agency


def codes(name: str) -> list[str]:
    return [entry.code for entry in codelist(name).codes]


def wish(desk: Desk, case_id: str, **changes: Any) -> dict[str, Any]:
    page = open_page(desk, case_id)
    return {
        "to_agency": agency(desk, "Polrestabes"), "reason": "POLICE_24H", "urgency": "DAY1",
        "tiers": ["OPEN", "CASE", "IDENTIFYING"], "consent_id": page.consents[0].id,
        "person_id": page.victims[0].person.id, **changes,
    }  # fmt: skip


def test_every_reason_has_a_package_of_codes_that_exist() -> None:
    for reason in codes("referral_reason"):
        package = sharing.package_of(reason)
        assert set(package.tiers) <= set(codes("tier")) and package.tiers
        assert set(package.parts) <= set(codes("package_part"))


def test_parts_that_were_not_chosen_stay_here(desk: Desk, case_id: str) -> None:
    kinds = {e.kind for e in referrals.preview(desk, case_id, wish(desk, case_id, parts=["legal_step"]))}
    assert "screening" not in kinds
    assert {"case", "person", "party"} <= kinds
    assert "screening" in {e.kind for e in referrals.preview(desk, case_id, wish(desk, case_id, parts=["screening"]))}


def test_sharing_without_consent_is_the_supervisors_with_a_ground_and_a_reason(
    desk: Desk, case_id: str, as_role: Callable[[str], Desk]
) -> None:
    beyond = {"tiers": ["OPEN", "CASE", "IDENTIFYING", "NARRATIVE"], "consent_id": None}
    with pytest.raises(Invalid):
        referrals.refer(desk, case_id, wish(desk, case_id, **beyond))
    ground = {"override_ground": "LAW", "override": "Wajib lapor 24 jam."}
    with pytest.raises(Forbidden):
        referrals.refer(desk, case_id, wish(desk, case_id, **beyond, **ground))
    supervisor = as_role("SUPERVISOR")
    for half in ({"override_ground": "LAW"}, {"override": "x"}):
        with pytest.raises(Invalid):
            referrals.refer(supervisor, case_id, wish(desk, case_id, **beyond, **half))
    sealed = {**beyond, "tiers": [*beyond["tiers"], "SENSITIVE"]}
    with pytest.raises(Invalid):
        referrals.refer(supervisor, case_id, wish(desk, case_id, **sealed, **ground))
    made = referrals.refer(supervisor, case_id, wish(desk, case_id, **beyond, **ground)).id
    life = {"override_ground": "LIFE", "override": "Ancaman dibunuh."}
    referrals.refer(supervisor, case_id, wish(desk, case_id, **sealed, **life))
    covered = referrals.refer(supervisor, case_id, wish(desk, case_id, **ground)).id
    listed = sharing.overrides(supervisor)
    assert [(o.ground, o.reason, o.by) for o in listed] == [
        ("LIFE", "Ancaman dibunuh.", "Orang Lain"), ("LAW", "Wajib lapor 24 jam.", "Orang Lain"),
    ]  # fmt: skip
    assert covered not in {o.item.entry.id for o in listed}, "what the consent covers is no override"
    with pytest.raises(Forbidden):
        sharing.overrides(desk)
    with Session(desk.engine) as session:
        assert session.query(AuditEntry).filter_by(action="override", record=made).count() == 1


def test_a_reminder_comes_a_day_before_and_ends_with_the_answer(desk: Desk, case_id: str, clock: Clock) -> None:
    made = referrals.refer(desk, case_id, wish(desk, case_id, urgency="DAY3")).id
    paper = referrals.refer(desk, case_id, wish(desk, case_id, to_agency=agency(desk, "RSUD"), urgency="ROUTINE")).id
    assert sharing.due_reminders(desk) == ()
    clock.forward(hours=49)
    assert [item.entry.id for item in sharing.due_reminders(desk)] == [made]
    sharing.remind(desk, made, how="CALL", text="Bripka Dewi berjanji menjawab besok.")
    assert "Bripka Dewi" in open_page(desk, case_id).notes[0]["text"]
    clock.forward(hours=200)
    assert [item.state for item in sharing.due_reminders(desk)] == ["NO_ANSWER", "NO_ANSWER"]
    ahead = (desk.today() + timedelta(days=1)).isoformat()
    with pytest.raises(Invalid):
        referrals.take_step(desk, paper, "ACCEPTED", on_paper=True, paper_on=ahead)
    referrals.take_step(desk, paper, "ACCEPTED", on_paper=True, paper_on=desk.today().isoformat())
    assert [item.entry.id for item in sharing.due_reminders(desk)] == [made]


def test_the_ledger_shows_what_runs_out_and_a_withdrawal_ends_what_stands_on_it(
    desk: Desk, case_id: str, clock: Clock
) -> None:
    page = open_page(desk, case_id)
    person, first = page.victims[0].person.id, page.consents[0].id
    until = (desk.today() + timedelta(days=20)).isoformat()
    consents.record_consent(
        desk, case_id, person,
        {"purpose": "SHARE", "given_by": "GUARDIAN", "tiers": ["OPEN"], "valid_until": until, "assent": "AGREES"},
    )  # fmt: skip
    waiting = referrals.refer(desk, case_id, wish(desk, case_id)).id
    accepted = referrals.refer(desk, case_id, wish(desk, case_id, to_agency=agency(desk, "RSUD"))).id
    referrals.take_step(desk, accepted, "ACCEPTED", on_paper=True)
    soon, given = sharing.ledger(desk, case_id)
    assert (soon.state, soon.days, given.state, given.days) == ("SOON", 20, "GIVEN", None)
    assert (
        {i.entry.id for i in given.shares}
        == {waiting, accepted}
        == {i.entry.id for i in sharing.shares_on(desk, first)}
    )
    sharing.withdraw(desk, first, note="Ia berubah pikiran.")
    clock.forward(hours=24 * 21)
    over, withdrawn = sharing.ledger(desk, case_id)
    assert (over.state, withdrawn.state) == ("OVER", "WITHDRAWN")
    with Session(desk.engine) as session:
        states = {r.id: referrals.state_in(session, r).step for r in session.query(Referral)}
    assert states == {waiting: "WITHDRAWN", accepted: "ACCEPTED"}
