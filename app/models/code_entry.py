"""A code an office adds to a list, renames or retires: what is no law stays the office's to change."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import Record
from app.models.field import Kind, Merge, Tier, field


class CodeEntry(Record):
    """One entry over a shipped codelist; where both have the code, this one speaks. Nothing is ever deleted."""

    __tablename__ = "code_entry"
    kind: ClassVar[str] = "code_entry"

    codelist: Mapped[str | None] = field(N_("List"), tier=Tier.OPEN, group="code", required=True, merge=Merge.ONCE)
    code: Mapped[str | None] = field(N_("Code"), tier=Tier.OPEN, group="code", required=True, merge=Merge.ONCE)
    label_id: Mapped[str | None] = field(N_("Indonesian"), tier=Tier.OPEN, group="code", required=True)
    label_en: Mapped[str | None] = field(N_("English"), tier=Tier.OPEN, group="code", required=True)
    retired: Mapped[bool | None] = field(N_("Retired"), kind=Kind.BOOL, tier=Tier.OPEN, group="code")
