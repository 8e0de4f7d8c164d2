"""What a victim needs, what is planned for it, and how they stay safe meanwhile."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
from app.models.field import Kind, Tier, field


class Assessment(CaseRecord):
    """One look at the needs and the danger of one victim; a later one stands beside it, never over it."""

    __tablename__ = "assessment"
    kind: ClassVar[str] = "assessment"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    at: Mapped[datetime | None] = field(
        N_("When"), kind=Kind.DATETIME, tier=Tier.OPEN, group="assessment", required=True
    )
    risk: Mapped[str | None] = field(N_("Risk"), codelist="risk_level", group="assessment", required=True)
    needs: Mapped[tuple[str, ...]] = field(
        N_("Needs"), codelist="needs_domain", many=True, tier=Tier.CASE, group="needs"
    )
    urgent_needs: Mapped[tuple[str, ...]] = field(
        N_("Needs that cannot wait"), codelist="needs_domain", many=True, tier=Tier.CASE, group="needs"
    )
    strengths: Mapped[str | None] = field(
        N_("Strengths and support"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="needs", searchable=True
    )
    own_words: Mapped[str | None] = field(
        N_("In their own words"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="voice", searchable=True
    )
    wishes: Mapped[str | None] = field(
        N_("What they wish"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="voice", searchable=True
    )
    danger: Mapped[str | None] = field(N_("Danger"), kind=Kind.LONG, tier=Tier.SENSITIVE, group="danger")
    health: Mapped[str | None] = field(N_("Health"), kind=Kind.LONG, tier=Tier.SENSITIVE, group="danger")
    summary: Mapped[str | None] = field(
        N_("Summary"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="assessment", searchable=True
    )
    again_on: Mapped[str | None] = field(
        N_("Assess again on"), kind=Kind.DATE, tier=Tier.OPEN, group="assessment", index=True
    )


class Goal(CaseRecord):
    """One line of the plan: a need and what is to become of it. Services are done for it."""

    __tablename__ = "goal"
    kind: ClassVar[str] = "goal"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    need: Mapped[str | None] = field(N_("Need"), codelist="needs_domain", tier=Tier.CASE, group="goal", required=True)
    goal: Mapped[str | None] = field(N_("Goal"), tier=Tier.NARRATIVE, group="goal", required=True, searchable=True)
    wanted_by: Mapped[str | None] = field(N_("Reached by"), kind=Kind.DATE, tier=Tier.OPEN, group="goal", index=True)
    agreed: Mapped[bool | None] = field(N_("Agreed with the victim"), kind=Kind.BOOL, tier=Tier.OPEN, group="goal")
    state: Mapped[str | None] = field(N_("State"), codelist="goal_state", group="result", required=True)
    ended_at: Mapped[str | None] = field(N_("Ended on"), kind=Kind.DATE, tier=Tier.OPEN, group="result")
    result: Mapped[str | None] = field(N_("Result"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="result")


class SafetyPlan(CaseRecord):
    """How one victim stays safe: what to watch for, where to go, whom to call. A later plan stands beside it."""

    __tablename__ = "safety_plan"
    kind: ClassVar[str] = "safety_plan"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    at: Mapped[datetime | None] = field(N_("When"), kind=Kind.DATETIME, tier=Tier.OPEN, group="plan", required=True)
    dangers: Mapped[str | None] = field(
        N_("What is dangerous"), kind=Kind.LONG, tier=Tier.SENSITIVE, group="plan", required=True
    )
    signs: Mapped[str | None] = field(N_("Warning signs"), kind=Kind.LONG, tier=Tier.SENSITIVE, group="plan")
    steps: Mapped[str | None] = field(
        N_("What to do"), kind=Kind.LONG, tier=Tier.SENSITIVE, group="plan", required=True
    )
    safe_places: Mapped[str | None] = field(N_("Safe places"), kind=Kind.LONG, tier=Tier.SENSITIVE, group="help")
    contacts: Mapped[str | None] = field(N_("Whom to call"), kind=Kind.LONG, tier=Tier.SENSITIVE, group="help")
    code_word: Mapped[str | None] = field(N_("Code word"), tier=Tier.SENSITIVE, group="help")
    take_along: Mapped[str | None] = field(N_("What to take along"), kind=Kind.LONG, tier=Tier.SENSITIVE, group="help")
    review_on: Mapped[str | None] = field(
        N_("Look at it again on"), kind=Kind.DATE, tier=Tier.OPEN, group="plan", index=True
    )
