"""Restitution: what was claimed, assessed, demanded, ordered and paid, in whole rupiah."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
from app.models.field import Kind, Tier, field


class Restitution(CaseRecord):
    """One line of the ledger of one victim. The sums, the shortfall and the deadlines are computed from the lines."""

    __tablename__ = "restitution"
    kind: ClassVar[str] = "restitution"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    step: Mapped[str | None] = field(N_("Step"), codelist="restitution_step", group="line", required=True)
    day: Mapped[str | None] = field(N_("Date"), kind=Kind.DATE, tier=Tier.OPEN, group="line", required=True, index=True)
    amount: Mapped[int | None] = field(N_("Amount"), kind=Kind.INT, tier=Tier.CASE, group="line", unit=N_("rupiah"))
    institution: Mapped[str | None] = field(N_("Institution"), tier=Tier.CASE, group="line")
    number: Mapped[str | None] = field(N_("Number of the paper"), tier=Tier.IDENTIFYING, group="line")
    sexual: Mapped[bool | None] = field(
        N_("Sexual exploitation (UU 12/2022 also applies)"), kind=Kind.BOOL, tier=Tier.CASE, group="line",
        relevant_when=("step", ("ORDERED",)),
    )  # fmt: skip
    copy_on: Mapped[str | None] = field(
        N_("Copy of the verdict received on"), kind=Kind.DATE, tier=Tier.OPEN, group="line",
        relevant_when=("step", ("ORDERED",)),
    )  # fmt: skip
    note: Mapped[str | None] = field(N_("Note"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="line", searchable=True)
