"""A case: one report of suspected trafficking. It may have several victims."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import Record
from app.models.field import Kind, Merge, Tier, field


class Case(Record):
    """One report, from intake to closing. Its status is computed from what was done, never stored here."""

    __tablename__ = "case_file"
    kind: ClassVar[str] = "case"

    number: Mapped[str | None] = field(
        N_("Case number"), tier=Tier.OPEN, group="report", merge=Merge.ONCE, index=True, searchable=True
    )
    old_number: Mapped[str | None] = field(
        N_("Number in an older register"), tier=Tier.OPEN, group="report", index=True, searchable=True
    )
    reported_at: Mapped[datetime | None] = field(
        N_("Reported at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="report", required=True
    )
    channel: Mapped[str | None] = field(N_("Channel"), codelist="report_channel", group="report", required=True)
    reporter_type: Mapped[str | None] = field(N_("Reported by"), codelist="reporter_type", group="report")
    reported_to: Mapped[str | None] = field(N_("Taken in by"), tier=Tier.CASE, group="report")
    met_at: Mapped[datetime | None] = field(
        N_("Victim first met at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="report"
    )
    risk: Mapped[str | None] = field(N_("Risk"), codelist="risk_level", group="report", required=True)
    summary: Mapped[str | None] = field(
        N_("What happened"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="report", searchable=True
    )
    exploitation: Mapped[tuple[str, ...]] = field(
        N_("Exploitation"), codelist="exploitation_type", many=True, tier=Tier.CASE, group="facts"
    )
    recruitment_mode: Mapped[str | None] = field(
        N_("Recruited through"), codelist="recruitment_mode", tier=Tier.CASE, group="facts"
    )
    recruitment_place: Mapped[str | None] = field(
        N_("Recruited at"), codelist="recruitment_place", tier=Tier.CASE, group="facts"
    )
    recruited_on: Mapped[str | None] = field(N_("Recruited on"), kind=Kind.DATE, tier=Tier.CASE, group="facts")
    freed_on: Mapped[str | None] = field(N_("Free since"), kind=Kind.DATE, tier=Tier.CASE, group="facts")
    sector: Mapped[str | None] = field(N_("Sector of work"), codelist="labour_sector", tier=Tier.CASE, group="facts")
    debt: Mapped[int | None] = field(
        N_("Debt imposed"), kind=Kind.INT, tier=Tier.CASE, group="facts", unit=N_("rupiah")
    )
    papers: Mapped[str | None] = field(
        N_("Who holds the papers"), codelist="document_control", tier=Tier.CASE, group="facts"
    )
    vessel: Mapped[str | None] = field(
        N_("Ship or place of work"), tier=Tier.IDENTIFYING, group="facts", searchable=True
    )
    platform: Mapped[str | None] = field(
        N_("Digital platform"), codelist="digital_platform", tier=Tier.CASE, group="facts"
    )
    control: Mapped[tuple[str, ...]] = field(
        N_("Held by"), codelist="control_method", many=True, tier=Tier.CASE, group="facts"
    )
    origin: Mapped[str | None] = field(N_("Origin"), kind=Kind.REGION, tier=Tier.CASE, group="route")
    origin_village: Mapped[str | None] = field(
        N_("Village of origin"), tier=Tier.IDENTIFYING, group="route", searchable=True
    )
    transit: Mapped[str | None] = field(N_("Transit"), tier=Tier.CASE, group="route")
    destination_country: Mapped[str | None] = field(
        N_("Destination country"), codelist="nationality", tier=Tier.CASE, group="route"
    )
    destination: Mapped[str | None] = field(N_("Destination"), tier=Tier.CASE, group="route")
    transport: Mapped[str | None] = field(N_("Transport"), codelist="transport_mode", tier=Tier.CASE, group="route")
    categories: Mapped[tuple[str, ...]] = field(
        N_("SIMFONI category"), codelist="simfoni_category", many=True, group="work"
    )
    lead_worker: Mapped[str | None] = field(N_("Lead worker"), tier=Tier.CASE, group="work")
    closed_at: Mapped[datetime | None] = field(N_("Closed at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="closing")
    close_reason: Mapped[str | None] = field(N_("Reason for closing"), codelist="case_closure_reason", group="closing")
    close_note: Mapped[str | None] = field(N_("Closing note"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="closing")
    reopened_at: Mapped[datetime | None] = field(N_("Reopened at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="closing")
