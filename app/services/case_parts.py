"""The parts of a case, written by their declaration: checked, ruled, journalled. One way in for every kind.

The rules of a kind stand in its noun's own module, which must not import this one, and are named in RULES.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.i18n import _
from app.models.assessment import Goal
from app.models.base import CaseRecord
from app.models.case import Case
from app.models.case_parts import BY_KIND
from app.models.field import Kind, Merge, field_map, fields_of
from app.models.permission import Permission
from app.models.person import Party
from app.services import care, empowerment, legal, oversight, plans, restitution, screening, tasks
from app.services.cases import own_case
from app.services.desk import Desk, Saved
from app.services.entries import get
from app.services.part_rule import Coming, Rule
from app.services.validate import changed_only, cleaned, problems_of

# What has a way of its own: states with sides, files with bytes. Nothing else may make them.
OWN_WAY = frozenset({"referral", "referral_event", "transfer", "transfer_event", "attachment", "consent"})
RULES: dict[str, Rule] = {
    "approval": oversight.approval_rule,
    "assessment": plans.assessment_rule,
    "empowerment": empowerment.rule,
    "flag": oversight.flag_rule,
    "goal": plans.goal_rule,
    "hearing": legal.hearing_rule,
    "legal_step": legal.step_rule,
    "note": care.note_rule,
    "restitution": restitution.rule,
    "safety_plan": plans.safety_plan_rule,
    "screening": screening.rule,
    "service": care.service_rule,
    "task": tasks.rule,
    "victim_right": legal.right_rule,
}


def add_part(desk: Desk, case_id: str, kind: str, values: Mapping[str, Any]) -> Saved:
    """Add a record of this kind to a case. Invalid with every problem; Conflicted where a rule of the kind refuses."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        record, warnings = enter_part(session, desk, case_id, kind, values)
    return Saved(record.id, unit.changes, warnings)


def enter_part(
    session: Session, desk: Desk, case_id: str, kind: str, values: Mapping[str, Any]
) -> tuple[CaseRecord, tuple[str, ...]]:
    """Add it within a unit of work that does more; the warnings are for a person to read."""
    part = _part(kind)
    _may_add(session, desk, case_id, by_others=part.by_others)
    coming = Coming(session, desk, case_id, part.record, cleaned(part.record, values, complete=False))
    at = field_map(part.record).get(part.at)
    if at is not None and at.required and at.kind is Kind.DATETIME:
        coming.default(part.at, desk.now())
    _rule(kind, coming)
    record = part.record(**cleaned(part.record, {**coming.values, "case_id": case_id}))
    session.add(record)
    session.flush()
    return record, tuple(coming.warnings)


def change_part(desk: Desk, kind: str, record_id: str, values: Mapping[str, Any]) -> Saved:
    """Change fields of a record of this kind; only what differs is journalled."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        warnings = alter_part(session, desk, kind, record_id, values)
    return Saved(record_id, unit.changes, warnings)


def alter_part(
    session: Session, desk: Desk, kind: str, record_id: str, values: Mapping[str, Any]
) -> tuple[str, ...]:  # fmt: skip
    """Change it within a unit of work that does more."""
    part = _part(kind)
    record = get(session, part.record, record_id)
    coming = Coming(session, desk, record.case_id or "", part.record, changed_only(part.record, values), record)
    for field in fields_of(part.record):
        if field.merge is Merge.ONCE and coming.changes(field.key):
            coming.refuse(field.key, _("This is written once; make a new entry instead."))
    _rule(kind, coming)
    for key, value in changed_only(part.record, coming.values).items():
        setattr(record, key, value)
    return tuple(coming.warnings)


def problems(kind: str, values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(field, sentence) for everything the declaration finds wrong with a whole record, before anybody saves it."""
    return problems_of(_part(kind).record, values)


def _part(kind: str) -> Any:
    if kind not in BY_KIND or kind in OWN_WAY:
        raise ValueError(f"{kind} is not written this way")
    return BY_KIND[kind]


def _may_add(session: Session, desk: Desk, case_id: str, *, by_others: bool) -> None:
    """The case is here; and what only its own office may add is added by that office."""
    get(session, Case, case_id)
    if not by_others:
        own_case(session, desk, case_id)


def _rule(kind: str, coming: Coming) -> None:
    """What holds for all of them, then what holds for this kind."""
    if kind in RULES:
        RULES[kind](coming)
    person, goal = coming.values.get("person_id"), coming.values.get("goal_id")
    if person and not coming.session.scalar(
        select(Party.id).where(Party.case_id == coming.case_id, Party.person_id == person).limit(1)
    ):
        coming.refuse("person_id", _("This person has no part in the case."))
    if goal:
        found = coming.session.get(Goal, goal)
        if found is None or found.case_id != coming.case_id:
            raise NotFound(_("This goal is not in the plan of this case."))
