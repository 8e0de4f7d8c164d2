"""The way of a case through police, prosecutor and court, and what a victim is entitled to on it."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
from app.models.field import Kind, Tier, field


class LegalStep(CaseRecord):
    """One stage with its day and institution. `person_id` is the suspect it concerns; empty: all of them."""

    __tablename__ = "legal_step"
    kind: ClassVar[str] = "legal_step"

    person_id: Mapped[str | None] = field(N_("Suspect"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    stage: Mapped[str | None] = field(N_("Stage"), codelist="legal_stage", group="step", required=True)
    day: Mapped[str | None] = field(N_("Date"), kind=Kind.DATE, tier=Tier.OPEN, group="step", required=True, index=True)
    institution: Mapped[str | None] = field(N_("Institution"), tier=Tier.CASE, group="step")
    report_number: Mapped[str | None] = field(
        N_("Report number (LP)"), tier=Tier.IDENTIFYING, group="step", searchable=True
    )
    court_number: Mapped[str | None] = field(
        N_("Court case number"), tier=Tier.IDENTIFYING, group="step", searchable=True
    )
    articles: Mapped[tuple[str, ...]] = field(
        N_("Articles"), codelist="law_article", many=True, tier=Tier.CASE, group="step"
    )
    officer: Mapped[str | None] = field(N_("Contact at the institution"), tier=Tier.IDENTIFYING, group="step")
    months: Mapped[int | None] = field(
        N_("Imprisonment"), kind=Kind.INT, tier=Tier.CASE, group="outcome", unit=N_("months"),
        relevant_when=("stage", ("DEMAND", "VERDICT_PN", "APPEAL", "CASSATION", "REVIEW", "FINAL")),
    )  # fmt: skip
    fine: Mapped[int | None] = field(
        N_("Fine"), kind=Kind.INT, tier=Tier.CASE, group="outcome", unit=N_("rupiah"),
        relevant_when=("stage", ("DEMAND", "VERDICT_PN", "APPEAL", "CASSATION", "REVIEW", "FINAL")),
    )  # fmt: skip
    outcome: Mapped[str | None] = field(
        N_("Outcome"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="outcome", searchable=True
    )
    told_at: Mapped[str | None] = field(N_("Victim told on"), kind=Kind.DATE, tier=Tier.OPEN, group="outcome")


class Hearing(CaseRecord):
    """One day of the hearing diary: who goes along with the victim, and what came of it."""

    __tablename__ = "hearing"
    kind: ClassVar[str] = "hearing"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    at: Mapped[datetime | None] = field(
        N_("When"), kind=Kind.DATETIME, tier=Tier.OPEN, group="hearing", required=True, index=True
    )
    hearing_kind: Mapped[str | None] = field(
        N_("Kind of hearing"), codelist="hearing_kind", group="hearing", required=True
    )
    place: Mapped[str | None] = field(N_("Place"), tier=Tier.CASE, group="hearing")
    attends: Mapped[str | None] = field(N_("Victim attends"), codelist="hearing_attendance", group="hearing")
    companion: Mapped[str | None] = field(N_("Accompanied by"), tier=Tier.IDENTIFYING, group="hearing")
    interpreter: Mapped[bool | None] = field(N_("Interpreter"), kind=Kind.BOOL, tier=Tier.OPEN, group="hearing")
    postponed: Mapped[bool | None] = field(N_("Postponed"), kind=Kind.BOOL, tier=Tier.OPEN, group="result")
    result: Mapped[str | None] = field(
        N_("Result"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="result", searchable=True
    )


class VictimRight(CaseRecord):
    """Where one right of one victim stands on a day; the latest entry counts, the others are its history."""

    __tablename__ = "victim_right"
    kind: ClassVar[str] = "victim_right"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    right_code: Mapped[str | None] = field(N_("Right"), codelist="rights_checklist", group="right", required=True)
    state: Mapped[str | None] = field(N_("State"), codelist="right_state", group="right", required=True)
    day: Mapped[str | None] = field(N_("Date"), kind=Kind.DATE, tier=Tier.OPEN, group="right", required=True)
    note: Mapped[str | None] = field(N_("Note"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="right")
