"""Two entries for one person, or for two: what somebody decided about them."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import Record
from app.models.field import Kind, Merge, Tier, field

ENDS = ("kept", "gone")  # the fields that name the two entries: a decision goes with either


class PersonMatch(Record):
    """MERGED: `gone` is shown as `kept` wherever it stands. DIFFERENT: nobody asks again.

    Nothing else is rewritten: both entries keep their history, and `undone_at` brings both back. `chosen` is JSON: the
    values `kept` had before the merge took others, by field, so that undoing gives them back.
    """

    __tablename__ = "person_match"
    kind: ClassVar[str] = "person_match"

    kept: Mapped[str | None] = field(
        N_("Kept entry"), kind=Kind.REF, tier=Tier.OPEN, group="match", required=True, merge=Merge.ONCE, index=True
    )
    gone: Mapped[str | None] = field(
        N_("Other entry"), kind=Kind.REF, tier=Tier.OPEN, group="match", required=True, merge=Merge.ONCE, index=True
    )
    decision: Mapped[str | None] = field(
        N_("Decision"), codelist="match_decision", group="match", required=True, merge=Merge.ONCE
    )
    chosen: Mapped[str | None] = field(
        N_("Values before"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="link", merge=Merge.ONCE
    )
    decided_at: Mapped[datetime | None] = field(
        N_("Decided at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="match", merge=Merge.ONCE
    )
    undone_at: Mapped[datetime | None] = field(N_("Undone at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="match")
