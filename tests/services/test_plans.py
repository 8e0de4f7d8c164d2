"""Needs, goals, services, approval, closing and flags: the states follow from what was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.errors import Conflicted, Forbidden, Invalid
from app.models import settings
from app.models.permission import Permission
from app.services import care, cases, planning
from app.services.case_page import CasePage, open_page
from app.services.case_parts import add_part, change_part
from app.services.desk import Desk
from app.services.oversight import NEEDS_APPROVAL, is_up
from app.services.plans import plan_of
from tests.conftest import Clock

AsRole = Callable[[str], Desk]


@pytest.fixture
def approving(desk: Desk) -> None:
    """The office wants closures approved, as every office does at first."""
    with desk.note(Permission.READ) as session:
        settings.put(session, NEEDS_APPROVAL, None)


def status(desk: Desk, case_id: str) -> str:
    return open_page(desk, case_id).row.status


def page_of(desk: Desk, case_id: str) -> CasePage:
    return open_page(desk, case_id)


def test_a_need_becomes_a_goal_a_service_and_a_result(desk: Desk, case_id: str, clock: Clock) -> None:
    assert status(desk, case_id) == "SCREENED"
    needs = {"risk": "HIGH", "needs": ["MEDICAL", "SHELTER"], "urgent_needs": ["SAFETY"], "again_on": "2026-12-24"}
    add_part(desk, case_id, "assessment", needs)
    assert status(desk, case_id) == "ASSESSED"
    assert page_of(desk, case_id).parts["assessment"][0]["needs"] == ("MEDICAL", "SAFETY", "SHELTER")
    planning.goals_from_needs(desk, case_id)
    page = page_of(desk, case_id)
    assert {goal["need"] for goal in page.parts["goal"]} == {"MEDICAL", "SAFETY", "SHELTER"}
    with pytest.raises(Conflicted):
        planning.goals_from_needs(desk, case_id)
    goal = next(g for g in page.parts["goal"] if g["need"] == "MEDICAL")
    service = add_part(desk, case_id, "service", {"service_type": "H.VISUM", "goal_id": goal.id, "due": "2026-11-25"})
    clock.forward(days=5)
    planned = {one.goal.id: one for one in plan_of(page_of(desk, case_id), desk.today()).goals}
    assert [s.id for s in planned[goal.id].services] == [service.id]
    assert sum(not one.services for one in planned.values()) == 2
    care.complete_service(desk, service.id, result="Visum selesai.")
    change_part(desk, "goal", goal.id, {"state": "REACHED"})
    ended = next(g for g in page_of(desk, case_id).parts["goal"] if g.id == goal.id)
    assert ended["ended_at"] == desk.today().isoformat()
    other = next(g.id for g in page.parts["goal"] if g["need"] == "SHELTER")
    with pytest.raises(Invalid) as refused:
        change_part(desk, "goal", other, {"state": "DROPPED"})
    assert refused.value.problems[0][0] == "result"


def test_an_earlier_assessment_and_screening_stay(desk: Desk, case_id: str, clock: Clock) -> None:
    for kind, values in (
        ("assessment", {"risk": "HIGH", "needs": ["MEDICAL"]}),
        ("screening", {"process": ["ACT.RECRUIT"], "conclusion": "PRESUMED", "reasoning": "Anak."}),
    ):
        for _again in range(2):
            clock.forward(days=1)
            add_part(desk, case_id, kind, values)
    page = page_of(desk, case_id)
    assert len(page.parts["assessment"]) == 2 and len(page.screenings) == 3
    assert len({entry["concluded_at"] for entry in page.screenings}) == 3


def test_a_service_before_any_possible_screening_warns_and_stands(desk: Desk, case_id: str) -> None:
    assert not add_part(desk, case_id, "service", {"service_type": "H.VISUM"}).warnings
    add_part(desk, case_id, "screening", {"conclusion": "NOT_INDICATED"})
    assert add_part(desk, case_id, "service", {"service_type": "H.VISUM"}).warnings
    assert len(page_of(desk, case_id).services) == 2


@pytest.mark.usefixtures("approving")
def test_a_closure_is_asked_for_given_back_approved_and_done(
    desk: Desk, case_id: str, clock: Clock, as_role: AsRole
) -> None:
    with pytest.raises(Conflicted):
        cases.close_case(desk, case_id, reason="GOALS_MET")
    first = planning.ask_approval(desk, case_id, "CLOSURE", "Tujuan tercapai.").id
    assert status(desk, case_id) == "CLOSING"
    with pytest.raises(Invalid):
        planning.ask_approval(desk, case_id, "CLOSURE")
    with pytest.raises(Forbidden):
        planning.decide(desk, first, approve=True)
    chief = as_role("SUPERVISOR")
    with pytest.raises(Invalid):
        planning.decide(chief, first, approve=False)
    planning.decide(chief, first, approve=False, note="Restitusi belum dibayar.")
    assert status(desk, case_id) == "SCREENED"
    with pytest.raises(Conflicted, match="Restitusi"):
        cases.close_case(desk, case_id, reason="GOALS_MET")
    second = planning.ask_approval(desk, case_id, "CLOSURE").id
    planning.decide(chief, second, approve=True)
    with pytest.raises(Conflicted):
        planning.decide(chief, second, approve=False, note="Lain.")
    cases.close_case(desk, case_id, reason="GOALS_MET")
    assert status(desk, case_id) == "CLOSED"
    clock.forward(minutes=5)
    cases.reopen_case(desk, case_id)
    assert status(desk, case_id) == "REOPENED"
    with pytest.raises(Conflicted):  # the approval was for the closing before
        cases.close_case(desk, case_id, reason="GOALS_MET")
    assert cases.close_case(chief, case_id, reason="GOALS_MET").changes


def test_a_flag_is_up_until_its_day_or_until_it_is_lowered(desk: Desk, case_id: str) -> None:
    tomorrow = (desk.today() + timedelta(days=1)).isoformat()
    flag = add_part(desk, case_id, "flag", {"reason": "DANGER", "until": tomorrow}).id
    up = page_of(desk, case_id).parts["flag"][0]
    assert is_up(up, desk.today().isoformat()) and not is_up(up, "2027-01-01")
    planning.lower_flag(desk, flag)
    down = page_of(desk, case_id).parts["flag"][0]
    assert down["lowered_by"] == "Siti Rahma" and not is_up(down, desk.today().isoformat())
    with pytest.raises(Conflicted):
        planning.lower_flag(desk, flag)


def test_the_decisions_of_a_conference_become_tasks(desk: Desk, case_id: str) -> None:
    said = "- Visum di RSUD\n\u2022 Lapor ke LPSK\n\n"
    conference = add_part(desk, case_id, "conference", {"participants": "Siti, Ratna", "decisions": said}).id
    planning.tasks_from_conference(desk, conference, ({"title": t} for t in planning.decisions_of(said)))
    tasks = page_of(desk, case_id).parts["task"]
    assert [(t["title"], t["source"]) for t in tasks] == [("Visum di RSUD", conference), ("Lapor ke LPSK", conference)]


def test_another_office_adds_no_goal(desk: Desk, case_id: str) -> None:
    desk.actor = type(desk.actor)(desk.actor.user, "Lain", "PARTNER", "f" * 32, desk.actor.device)
    with pytest.raises(Forbidden):
        add_part(desk, case_id, "goal", {"need": "MEDICAL", "goal": "Visum"})
