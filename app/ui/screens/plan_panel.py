"""The plan of a case: each goal with what is done for it, late or not, and needs that wait for a goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from app.i18n import _
from app.models.assessment import Goal
from app.models.codelist import label
from app.services import planning, plans
from app.services.entries import Entry
from app.services.plans import PlannedGoal
from app.ui import presenting, theme
from app.ui.screens.case_cards import chip, facts_of, mark_of, meta_of, service_card, who
from app.ui.screens.case_shown import Shown
from app.ui.theme import Tone
from app.ui.widgets.basics import Chip, button, row, text
from app.ui.widgets.entry_card import ChipWords, EntryCard, EntryView

INDENT = 18
_TONES = {"OPEN": (Tone.INFO, ""), "REACHED": (Tone.GOOD, "check"), "DROPPED": (Tone.NEUTRAL, "cross")}


def plan_panel(shown: Shown) -> QWidget | None:
    """Goals with their services, services for no goal, needs without one; None where there is nothing of it."""
    plan = plans.plan_of(shown.page, shown.place.desk.today())
    if not (plan.goals or plan.others or plan.unmet):
        return None
    holder = QWidget()
    body = QVBoxLayout(holder)
    body.setContentsMargins(0, 0, 0, theme.px(6))
    body.setSpacing(theme.px(6))
    if plan.unmet:
        body.addWidget(_unmet(shown, plan.unmet))
    if plan.goals:
        body.addWidget(text(_("Plan"), role="label"))
    for planned in plan.goals:
        body.addWidget(EntryCard(_goal_card(shown, planned), wide=shown.wide))
        body.addWidget(_under(shown, planned))
    if plan.others:
        body.addWidget(text(_("Services for no goal") if plan.goals else _("Services"), role="label"))
    for service in plan.others:
        body.addWidget(_service(shown, service))
    return holder


def _unmet(shown: Shown, unmet: Sequence[tuple[str, str]]) -> QWidget:
    """The needs that nobody plans for yet, and one button that makes goals of them."""
    several = len(shown.page.victims) > 1
    words = []
    for person, need in unmet:
        about = who(shown.page, person, names=shown.names) if several else ""
        words.append(f"{label('needs_domain', need)} ({about})" if about else label("needs_domain", need))
    holder = QWidget()
    sign = Chip(_("Without a goal"), tone=Tone.WARN, mark="warning")
    line = row(sign)
    line.addWidget(text(", ".join(words), wrap=True), 1)
    if shown.deeds is not None and shown.page.own and shown.deeds.may_write:
        desk, case_id = shown.place.desk, shown.page.case.id
        made = button(_("Make goals from the needs"))
        made.clicked.connect(
            lambda: shown.place.save(lambda: planning.goals_from_needs(desk, case_id), owner=made.window())
        )
        line.addWidget(made)
    holder.setLayout(line)
    return holder


def _goal_card(shown: Shown, planned: PlannedGoal) -> EntryView:
    goal = planned.goal
    tone, sign = _TONES.get(goal["state"] or "", (Tone.NEUTRAL, ""))
    chips: list[ChipWords] = [(label("goal_state", goal["state"]), tone, sign)]
    if goal["state"] == plans.OPEN and goal["wanted_by"]:
        chips.append(chip(presenting.due(goal["wanted_by"], shown.place.desk.today())))
    about = who(shown.page, goal["person_id"], names=shown.names) if len(shown.page.victims) > 1 else ""
    left_out = ("goal", "state", "wanted_by" if goal["state"] == plans.OPEN else "")
    facts = [(_("Person"), about), *facts_of(Goal, goal, leave_out=left_out)]
    actions = shown.deeds.for_part(goal) if shown.deeds else ()
    return EntryView(goal["goal"] or "", chips, facts, "", meta_of(goal), mark_of(goal), actions)


def _under(shown: Shown, planned: PlannedGoal) -> QWidget:
    """What is done for a goal, a step to the right; a goal with nothing says so and offers to plan something."""
    holder = QFrame()
    body = QVBoxLayout(holder)
    body.setContentsMargins(theme.px(INDENT), 0, 0, theme.px(6))
    body.setSpacing(theme.px(4))
    for service in planned.services:
        body.addWidget(_service(shown, service))
    line = QWidget()
    parts: list[QWidget] = []
    if not planned.services and planned.goal["state"] == plans.OPEN:
        parts.append(Chip(_("Nothing is planned for this goal yet"), tone=Tone.WARN, mark="warning"))
    parts += _plan_button(shown, planned.goal)
    if parts:
        line.setLayout(row(*parts, None))
        body.addWidget(line)
    holder.setVisible(bool(parts or planned.services))
    return holder


def _plan_button(shown: Shown, goal: Entry) -> list[QPushButton]:
    deeds = shown.deeds
    if deeds is None or not deeds.may_write or goal["state"] != plans.OPEN:
        return []
    given = {"goal_id": goal.id, "person_id": goal["person_id"], "need": goal["need"]}
    words = _("Plan a service…")
    made = button(words, kind="quiet", clicked=partial(deeds.add_part, "service", given))
    made.setAccessibleName(f"{words} {goal['goal']}")
    return [made]


def _service(shown: Shown, service: Entry) -> EntryCard:
    actions = shown.deeds.for_part(service) if shown.deeds else ()
    view = service_card(shown, service, actions)
    facts = [fact for fact in view.facts if fact[0] != _("For the goal")]  # it stands under its goal
    return EntryCard(replace(view, facts=facts), wide=shown.wide)
