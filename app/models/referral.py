"""A referral and its events. The state is computed from the events, the same way here and at the centre."""

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
from app.models.course import CENTRE, Course
from app.models.field import Kind, Merge, Tier, field


class Referral(CaseRecord):
    """A victim's case handed to an agency: why, how urgent, what is shared and on whose consent."""

    __tablename__ = "referral"
    kind: ClassVar[str] = "referral"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    to_office: Mapped[str | None] = field(
        N_("To office"), kind=Kind.REF, tier=Tier.OPEN, group="referral", merge=Merge.ONCE, index=True
    )
    to_agency: Mapped[str | None] = field(
        N_("To agency"), kind=Kind.REF, tier=Tier.OPEN, group="referral", required=True, merge=Merge.ONCE
    )
    to_person: Mapped[str | None] = field(N_("Attention of"), tier=Tier.CASE, group="referral")
    reason: Mapped[str | None] = field(N_("Reason"), codelist="referral_reason", group="referral", required=True)
    urgency: Mapped[str | None] = field(N_("Urgency"), codelist="referral_urgency", group="referral", required=True)
    services: Mapped[tuple[str, ...]] = field(
        N_("Services asked for"), codelist="service_type", many=True, group="referral"
    )
    due_at: Mapped[datetime | None] = field(
        N_("Answer due"), kind=Kind.DATETIME, tier=Tier.OPEN, group="referral", required=True
    )
    tiers: Mapped[tuple[str, ...]] = field(N_("What is shared"), codelist="tier", many=True, group="package")
    parts: Mapped[tuple[str, ...]] = field(
        N_("Parts that are shared"), codelist="package_part", many=True, group="package", help=N_("Empty: all of them")
    )
    consent_id: Mapped[str | None] = field(N_("On consent"), kind=Kind.REF, tier=Tier.OPEN, group="package")
    override_ground: Mapped[str | None] = field(
        N_("Ground for sharing without consent"), codelist="override_ground", group="package", merge=Merge.ONCE
    )
    override: Mapped[str | None] = field(
        N_("Shared without consent because"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="package", merge=Merge.ONCE
    )
    message: Mapped[str | None] = field(N_("Message"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="package")


class ReferralEvent(CaseRecord):
    """One step of a referral, by one side. A late step is kept and shown, never dropped and never forced."""

    __tablename__ = "referral_event"
    kind: ClassVar[str] = "referral_event"

    referral_id: Mapped[str | None] = field(
        N_("Referral"), kind=Kind.REF, tier=Tier.OPEN, group="link", merge=Merge.ONCE, index=True
    )
    step: Mapped[str | None] = field(
        N_("Step"), codelist="referral_step", group="step", required=True, merge=Merge.ONCE
    )
    at: Mapped[datetime | None] = field(
        N_("When"), kind=Kind.DATETIME, tier=Tier.OPEN, group="step", required=True, merge=Merge.ONCE
    )
    reason: Mapped[str | None] = field(N_("Reason"), codelist="referral_decline_reason", group="step", merge=Merge.ONCE)
    outcome: Mapped[str | None] = field(N_("Outcome"), codelist="referral_outcome", group="step", merge=Merge.ONCE)
    feedback: Mapped[str | None] = field(
        N_("Feedback"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="step", merge=Merge.ONCE
    )
    paper_on: Mapped[str | None] = field(
        N_("Date of the paper"), kind=Kind.DATE, tier=Tier.OPEN, group="step", merge=Merge.ONCE
    )
    on_paper: Mapped[bool | None] = field(
        N_("Answered on paper"), kind=Kind.BOOL, tier=Tier.OPEN, group="step", merge=Merge.ONCE
    )


SENDER, RECIPIENT = "sender", "recipient"

COURSE = Course(
    {
        ("", "DRAFT"): frozenset({SENDER}),
        ("", "SENT"): frozenset({SENDER}),
        ("DRAFT", "SENT"): frozenset({SENDER}),
        ("DRAFT", "WITHDRAWN"): frozenset({SENDER}),
        ("SENT", "DELIVERED"): frozenset({CENTRE}),
        ("SENT", "ACCEPTED"): frozenset({RECIPIENT}),
        ("SENT", "DECLINED"): frozenset({RECIPIENT}),
        ("SENT", "WITHDRAWN"): frozenset({SENDER}),
        ("DELIVERED", "ACCEPTED"): frozenset({RECIPIENT}),
        ("DELIVERED", "DECLINED"): frozenset({RECIPIENT}),
        ("DELIVERED", "WITHDRAWN"): frozenset({SENDER}),
        ("ACCEPTED", "IN_PROGRESS"): frozenset({RECIPIENT}),
        ("ACCEPTED", "RETURNED"): frozenset({RECIPIENT}),
        ("ACCEPTED", "COMPLETED"): frozenset({RECIPIENT}),
        ("IN_PROGRESS", "COMPLETED"): frozenset({RECIPIENT}),
        ("IN_PROGRESS", "RETURNED"): frozenset({RECIPIENT}),
    }
)
OPEN_STATES = frozenset({"SENT", "DELIVERED", "ACCEPTED", "IN_PROGRESS"})
UNANSWERED = frozenset({"SENT", "DELIVERED"})
NEEDS_REASON = frozenset({"DECLINED", "RETURNED"})


def side_of(
    office: str | None, *, sender: str | None, recipient: str | None, on_paper: bool, heirs: Collection[str] = ()
) -> str:
    """Which side an event's office stands on. A paper answer is entered by the sender on the recipient's behalf.

    `heirs`: offices to which the case was handed over since; they stand where the sender stood.
    """
    if office is None:
        return CENTRE
    if office == sender or (office in heirs and office != recipient):
        return RECIPIENT if on_paper else SENDER
    return RECIPIENT if office == recipient else ""
