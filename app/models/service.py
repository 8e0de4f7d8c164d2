"""What is done for a victim: services and dated notes."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
from app.models.field import Kind, Tier, field


class Service(CaseRecord):
    """One service: planned, done or cancelled; overdue is computed from `due` and `done_at`."""

    __tablename__ = "service"
    kind: ClassVar[str] = "service"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    service_type: Mapped[str | None] = field(N_("Service"), codelist="service_type", group="service", required=True)
    goal_id: Mapped[str | None] = field(N_("For the goal"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    need: Mapped[str | None] = field(N_("Need"), codelist="needs_domain", tier=Tier.CASE, group="service")
    goal: Mapped[str | None] = field(N_("Goal"), tier=Tier.NARRATIVE, group="service", searchable=True)
    from_on: Mapped[str | None] = field(N_("Stay from"), kind=Kind.DATE, tier=Tier.OPEN, group="service")
    until_on: Mapped[str | None] = field(N_("Stay until"), kind=Kind.DATE, tier=Tier.OPEN, group="service")
    cost: Mapped[int | None] = field(N_("Cost"), kind=Kind.INT, tier=Tier.OPEN, group="service", unit=N_("rupiah"))
    provider_id: Mapped[str | None] = field(N_("Provider"), kind=Kind.REF, tier=Tier.OPEN, group="service")
    due: Mapped[str | None] = field(N_("Due"), kind=Kind.DATE, tier=Tier.OPEN, group="service")
    state: Mapped[str | None] = field(N_("State"), codelist="service_state", group="service", required=True)
    done_at: Mapped[datetime | None] = field(N_("Done at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="service")
    result: Mapped[str | None] = field(
        N_("Result"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="service", searchable=True
    )
    place: Mapped[str | None] = field(N_("Where (shelter)"), tier=Tier.SENSITIVE, group="service")


class Note(CaseRecord):
    """A dated note: a visit, a call, an observation."""

    __tablename__ = "note"
    kind: ClassVar[str] = "note"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link")
    note_kind: Mapped[str | None] = field(N_("Kind of note"), codelist="note_kind", group="note", required=True)
    at: Mapped[datetime | None] = field(N_("When"), kind=Kind.DATETIME, tier=Tier.OPEN, group="note", required=True)
    text: Mapped[str | None] = field(
        N_("Note"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="note", required=True, searchable=True
    )
