"""Two people changed the same field: the centre kept one value and holds the other beside it."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
from app.models.field import Kind, Merge, Tier, field


class Conflict(CaseRecord):
    """Made by the centre alone; the record it is about stays usable. Settling it is an ordinary operation.

    `kept` and `other` are wire values as JSON text, sealed where the field they are about is sealed. They have its
    tier too: a view shows a conflict only to those who may see that field (models/view.py).
    """

    __tablename__ = "conflict"
    kind: ClassVar[str] = "conflict"

    about_kind: Mapped[str | None] = field(N_("Kind of record"), tier=Tier.OPEN, group="about", merge=Merge.ONCE)
    about_id: Mapped[str | None] = field(
        N_("Record"), kind=Kind.REF, tier=Tier.OPEN, group="about", merge=Merge.ONCE, index=True
    )
    about_field: Mapped[str | None] = field(N_("Field"), tier=Tier.OPEN, group="about", merge=Merge.ONCE)
    kept: Mapped[str | None] = field(N_("Centre"), tier=Tier.SENSITIVE, group="values", merge=Merge.ONCE, sealed=False)
    kept_by: Mapped[str | None] = field(N_("Centre's author"), tier=Tier.CASE, group="values", merge=Merge.ONCE)
    kept_at: Mapped[datetime | None] = field(
        N_("Centre's time"), kind=Kind.DATETIME, tier=Tier.OPEN, group="values", merge=Merge.ONCE
    )
    other: Mapped[str | None] = field(
        N_("Other value"), tier=Tier.SENSITIVE, group="values", merge=Merge.ONCE, sealed=False
    )
    other_by: Mapped[str | None] = field(N_("Other author"), tier=Tier.CASE, group="values", merge=Merge.ONCE)
    other_at: Mapped[datetime | None] = field(
        N_("Other time"), kind=Kind.DATETIME, tier=Tier.OPEN, group="values", merge=Merge.ONCE
    )
    settled: Mapped[str | None] = field(N_("Settled as"), codelist="conflict_choice", group="settling")
    settled_by: Mapped[str | None] = field(N_("Settled by"), tier=Tier.CASE, group="settling")
