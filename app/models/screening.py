"""Screening: process, means and purpose (UU 21/2007 art. 1(1)), and what they add up to."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
from app.models.field import Kind, Tier, field


class Screening(CaseRecord):
    """One look at the three elements for one victim; a later one does not overwrite it."""

    __tablename__ = "screening"
    kind: ClassVar[str] = "screening"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    process: Mapped[tuple[str, ...]] = field(
        N_("Process"), codelist="element_act", many=True, tier=Tier.CASE, group="elements"
    )
    means: Mapped[tuple[str, ...]] = field(
        N_("Means"), codelist="element_means", many=True, tier=Tier.CASE, group="elements"
    )
    purpose: Mapped[tuple[str, ...]] = field(
        N_("Purpose"), codelist="element_purpose", many=True, tier=Tier.CASE, group="elements"
    )
    indicators: Mapped[tuple[str, ...]] = field(
        N_("Indicators"), codelist="trafficking_indicator", many=True, tier=Tier.CASE, group="elements"
    )
    child: Mapped[bool | None] = field(N_("Child"), kind=Kind.BOOL, tier=Tier.CASE, group="conclusion")
    conclusion: Mapped[str | None] = field(
        N_("Conclusion"), codelist="screening_conclusion", group="conclusion", required=True
    )
    concluded_at: Mapped[datetime | None] = field(
        N_("Concluded at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="conclusion"
    )
    reasoning: Mapped[str | None] = field(N_("Reasoning"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="conclusion")


@dataclass(frozen=True, slots=True)
class Elements:
    """What the three elements say: a suggested conclusion, what is missing, and a warning a person must weigh."""

    suggestion: str
    missing: tuple[str, ...]
    warning: str  # message id, '' if none


CHILD_WARNING = N_(
    "A child: the means need not be shown under Palermo art. 3(c), but Indonesian law is silent on it. "
    "Decide with your supervisor and write down why."
)
ADULT_WARNING = N_("An adult without any means shown: look again at threats, debt, deceit and a vulnerable position.")


def weigh(*, process: bool, means: bool, purpose: bool, child: bool) -> Elements:
    """Weigh the elements. The software warns and suggests; a person concludes.

    Services may start at POSSIBLE, so one element is enough for it. CONFIRMED is never suggested: that is for those
    who investigate.
    """
    held = {"process": process, "means": means, "purpose": purpose}
    missing = tuple(name for name, present in held.items() if not present)
    if not missing:
        return Elements("PRESUMED", (), "")
    if missing == ("means",):
        return Elements("PRESUMED" if child else "POSSIBLE", missing, CHILD_WARNING if child else ADULT_WARNING)
    return Elements("POSSIBLE" if any(held.values()) else "NOT_INDICATED", missing, "")
