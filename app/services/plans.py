"""Needs, goals and how one stays safe: the rules of assessment, plan and safety plan, and the plan as it is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.i18n import _
from app.models.assessment import Assessment
from app.models.case_parts import BY_KIND
from app.models.dates import latest
from app.services.case_page import CasePage
from app.services.entries import Entry
from app.services.part_rule import Coming

OPEN, REACHED, DROPPED = "OPEN", "REACHED", "DROPPED"


def assessment_rule(coming: Coming) -> None:
    """About one victim; what cannot wait is among the needs."""
    coming.about_victim()
    coming.past("at")
    urgent = tuple(coming["urgent_needs"] or ())
    missing = tuple(code for code in urgent if code not in (coming["needs"] or ()))
    if missing:
        coming.values["needs"] = (*(coming["needs"] or ()), *missing)


def goal_rule(coming: Coming) -> None:
    """About one victim, open at first; one that ended says when, one that was dropped says why."""
    coming.about_victim()
    coming.default("state", OPEN)
    if coming["state"] == OPEN:
        if coming.changes("state"):
            coming.values |= {"ended_at": None}
        return
    if coming["state"] == DROPPED and not coming["result"]:
        coming.refuse("result", _("Write down why it was dropped."))
    if not coming["ended_at"]:
        coming.values["ended_at"] = coming.desk.today().isoformat()
    coming.past("ended_at")


def safety_plan_rule(coming: Coming) -> None:
    """About one victim; a later plan stands beside it."""
    coming.about_victim()
    coming.past("at")


@dataclass(frozen=True, slots=True)
class PlannedGoal:
    """A goal with what is done for it. `overdue`: its day has passed and it is open."""

    goal: Entry
    services: tuple[Entry, ...]
    overdue: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a case: its goals, services under none of them, and assessed needs that no goal meets yet."""

    goals: tuple[PlannedGoal, ...]
    others: tuple[Entry, ...]
    unmet: tuple[tuple[str, str], ...]  # (victim's id, need)


def plan_of(page: CasePage, today: date) -> Plan:
    """Open goals first, each with its services; then what stands alone."""
    services = page.services
    order = {OPEN: 0, REACHED: 1, DROPPED: 2}
    goals = sorted(page.parts["goal"], key=lambda g: (order.get(g["state"] or "", 9), g["wanted_by"] or "9999", g.id))
    known = {goal.id for goal in goals}
    return Plan(
        tuple(
            PlannedGoal(g, _by_due(s for s in services if s["goal_id"] == g.id), is_overdue(g, today)) for g in goals
        ),
        _by_due(s for s in services if s["goal_id"] not in known),
        unmet_needs(page),
    )


def is_overdue(entry: Entry, today: date) -> bool:
    """Whether an open goal, or a planned service, should have been done by now."""
    is_open = entry["state"] in (OPEN, "PLANNED")
    day = entry["wanted_by"] if entry.kind == "goal" else entry["due"]
    return bool(is_open and day and latest(day) < today)


def unmet_needs(page: CasePage) -> tuple[tuple[str, str], ...]:
    """(victim, need) of the latest assessment of each victim, the urgent first, for which there is no goal."""
    met = {(goal["person_id"], goal["need"]) for goal in page.parts["goal"]}
    found: list[tuple[str, str]] = []
    for assessment in latest_assessments(page):
        urgent = tuple(assessment["urgent_needs"] or ())
        rest = (need for need in assessment["needs"] or () if need not in urgent)
        found += [(assessment["person_id"] or "", need) for need in (*urgent, *rest)]
    return tuple(one for one in dict.fromkeys(found) if one not in met)


def latest_assessments(page: CasePage) -> tuple[Entry, ...]:
    """The latest assessment of each victim."""
    part = BY_KIND[Assessment.kind]
    entries = sorted(page.parts[part.kind], key=lambda e: (e[part.at].timestamp() if e[part.at] else 0.0, e.id))
    return tuple({entry["person_id"]: entry for entry in entries}.values())


def _by_due(found: Iterable[Entry]) -> tuple[Entry, ...]:
    order = {"PLANNED": 0, "DONE": 1}
    return tuple(sorted(found, key=lambda e: (order.get(e["state"] or "", 2), e["due"] or "9999", e.id)))
