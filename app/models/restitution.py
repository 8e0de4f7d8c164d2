"""Restitution: what was claimed, assessed, demanded, ordered and paid, in whole rupiah."""

from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Line:
    """The facts of a line that the sums need: step, ISO day, rupiah."""

    step: str
    day: str
    amount: int | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where the restitution of one victim stands, in whole rupiah. None is "no data", which is not nothing."""

    claimed: int | None = None
    assessed: int | None = None
    demanded: int | None = None
    ordered: int | None = None
    paid: int | None = None

    @property
    def shortfall(self) -> int | None:
        """What is still to be paid; None while nothing is ordered. Never below 0: see `surplus`."""
        return None if self.ordered is None else max(self.ordered - (self.paid or 0), 0)

    @property
    def surplus(self) -> int:
        """What was paid beyond the order: a mistake to look for."""
        return 0 if self.ordered is None else max((self.paid or 0) - self.ordered, 0)


_LATEST = {"CLAIMED": "claimed", "ASSESSED": "assessed", "DEMANDED": "demanded", "ORDERED": "ordered"}


def ledger_of(lines: Iterable[Line]) -> Ledger:
    """Add up the lines of one victim, in any order: of a claim or an order the latest counts, payments are summed.

    An appeal changes what was ordered: so the latest order stands in the place of the ones before it. Of two on one
    day the one that comes later in `lines` counts.
    """
    found: dict[str, int] = {}
    for line in sorted(lines, key=lambda one: one.day.replace("?", "0")):
        if line.amount is None:
            continue
        if key := _LATEST.get(line.step):
            found[key] = line.amount
        elif line.step == "PAID":
            found["paid"] = found.get("paid", 0) + line.amount
    return Ledger(**found)
