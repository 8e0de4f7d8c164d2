"""What colleagues and the supervisor do about a case: conferences, approvals and flags."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
from app.models.field import Kind, Merge, Tier, field


class Conference(CaseRecord):
    """A case conference: who sat together, and what they decided. What is to be done becomes tasks."""

    __tablename__ = "conference"
    kind: ClassVar[str] = "conference"

    at: Mapped[datetime | None] = field(
        N_("When"), kind=Kind.DATETIME, tier=Tier.OPEN, group="conference", required=True
    )
    place: Mapped[str | None] = field(N_("Place"), tier=Tier.CASE, group="conference")
    participants: Mapped[str | None] = field(
        N_("Participants"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="conference", required=True
    )
    agenda: Mapped[str | None] = field(N_("Agenda"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="conference")
    decisions: Mapped[str | None] = field(
        N_("Decisions"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="conference", searchable=True
    )


class Approval(CaseRecord):
    """Somebody asks the supervisor to approve a plan or a closure; the supervisor says yes, or gives it back.

    What is asked is written once. A returned request is asked again as a new one.
    """

    __tablename__ = "approval"
    kind: ClassVar[str] = "approval"

    subject: Mapped[str | None] = field(
        N_("For approval"), codelist="approval_subject", group="request", required=True, merge=Merge.ONCE
    )
    asked_at: Mapped[datetime | None] = field(
        N_("Asked at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="request", required=True, merge=Merge.ONCE
    )
    request: Mapped[str | None] = field(
        N_("Request"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="request", merge=Merge.ONCE
    )
    decision: Mapped[str | None] = field(N_("Decision"), codelist="approval_decision", group="decision")
    decided_at: Mapped[datetime | None] = field(N_("Decided at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="decision")
    decided_by: Mapped[str | None] = field(N_("Decided by"), tier=Tier.CASE, group="decision")
    note: Mapped[str | None] = field(N_("Note"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="decision")


class Flag(CaseRecord):
    """Something everybody who opens the case must see, until a day or until it is lowered."""

    __tablename__ = "flag"
    kind: ClassVar[str] = "flag"

    reason: Mapped[str | None] = field(N_("Reason"), codelist="flag_reason", group="flag", required=True)
    text: Mapped[str | None] = field(N_("Note"), tier=Tier.NARRATIVE, group="flag")
    until: Mapped[str | None] = field(N_("Until"), kind=Kind.DATE, tier=Tier.OPEN, group="flag")
    lowered_at: Mapped[datetime | None] = field(N_("Lowered at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="flag")
    lowered_by: Mapped[str | None] = field(N_("Lowered by"), tier=Tier.CASE, group="flag")
