"""Empowerment: what somebody can and wants to do, what was offered, and what became of it."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
from app.models.field import Kind, Tier, field


class Empowerment(CaseRecord):
    """One opportunity for one person, from the offer to how they live half a year after it."""

    __tablename__ = "empowerment"
    kind: ClassVar[str] = "empowerment"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    opportunity: Mapped[str | None] = field(
        N_("Opportunity"), codelist="empowerment_type", group="offer", required=True
    )
    interest: Mapped[str | None] = field(N_("Interests"), tier=Tier.NARRATIVE, group="person", searchable=True)
    skills: Mapped[str | None] = field(N_("Skills"), tier=Tier.NARRATIVE, group="person", searchable=True)
    detail: Mapped[str | None] = field(N_("What is offered"), tier=Tier.NARRATIVE, group="offer", searchable=True)
    provider_id: Mapped[str | None] = field(N_("Provider"), kind=Kind.REF, tier=Tier.OPEN, group="offer")
    offered_on: Mapped[str | None] = field(
        N_("Offered on"), kind=Kind.DATE, tier=Tier.OPEN, group="offer", required=True
    )
    answer: Mapped[str | None] = field(N_("Answer"), codelist="offer_answer", group="answer", required=True)
    answered_on: Mapped[str | None] = field(N_("Answered on"), kind=Kind.DATE, tier=Tier.OPEN, group="answer")
    reason: Mapped[str | None] = field(
        N_("Why declined"), tier=Tier.NARRATIVE, group="answer", relevant_when=("answer", ("DECLINED",))
    )
    started_on: Mapped[str | None] = field(N_("Began on"), kind=Kind.DATE, tier=Tier.OPEN, group="course")
    ended_on: Mapped[str | None] = field(N_("Ended on"), kind=Kind.DATE, tier=Tier.OPEN, group="course", index=True)
    outcome: Mapped[str | None] = field(
        N_("After six months"), codelist="empowerment_outcome", group="outcome",
        help=N_("How they live half a year after it ended"),
    )  # fmt: skip
    outcome_on: Mapped[str | None] = field(N_("Seen on"), kind=Kind.DATE, tier=Tier.OPEN, group="outcome")
    outcome_note: Mapped[str | None] = field(
        N_("What became of it"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="outcome", searchable=True
    )
