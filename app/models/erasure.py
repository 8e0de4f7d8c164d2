"""Erasing: the record of who asked, who decided and what went, and the list of what must never come back."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.i18n import N_
from app.models.base import Base, Record
from app.models.field import Kind, Merge, Moment, Tier, field

OF_CASE, OF_PERSON = "case", "person"  # what can be erased
APPROVED, REFUSED = "APPROVED", "REFUSED"


class Erasure(Record):
    """One wish to erase a case or a person, from the request to what was removed. Ids, codes and counts; nobody's data.

    Every field is written once: a decision is not taken back, and what is erased stays so.
    """

    __tablename__ = "erasure"
    kind: ClassVar[str] = "erasure"

    subject_kind: Mapped[str | None] = field(
        N_("Kind of record"), tier=Tier.OPEN, group="request", required=True, merge=Merge.ONCE
    )
    subject: Mapped[str | None] = field(
        N_("Record"), kind=Kind.REF, tier=Tier.OPEN, group="request", required=True, merge=Merge.ONCE, index=True
    )
    basis: Mapped[str | None] = field(
        N_("Legal basis"), codelist="erasure_basis", group="request", required=True, merge=Merge.ONCE
    )
    asked_by: Mapped[str | None] = field(
        N_("Asked for by"), codelist="erasure_asker", group="request", required=True, merge=Merge.ONCE
    )
    requested_by: Mapped[str | None] = field(
        N_("Requested by"), kind=Kind.REF, tier=Tier.OPEN, group="request", merge=Merge.ONCE
    )
    requested_at: Mapped[datetime | None] = field(
        N_("Requested at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="request", merge=Merge.ONCE
    )
    decision: Mapped[str | None] = field(
        N_("Decision"), codelist="erasure_decision", group="decision", merge=Merge.ONCE
    )
    reason: Mapped[str | None] = field(N_("Reason"), codelist="erasure_reason", group="decision", merge=Merge.ONCE)
    decided_by: Mapped[str | None] = field(
        N_("Decided by"), kind=Kind.REF, tier=Tier.OPEN, group="decision", merge=Merge.ONCE
    )
    decided_at: Mapped[datetime | None] = field(
        N_("Decided at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="decision", merge=Merge.ONCE
    )
    no_proceedings: Mapped[bool | None] = field(
        N_("No proceedings are known"), kind=Kind.BOOL, tier=Tier.OPEN, group="decision", merge=Merge.ONCE
    )
    executed_at: Mapped[datetime | None] = field(
        N_("Erased at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="done", merge=Merge.ONCE
    )
    records: Mapped[int | None] = field(
        N_("Records removed"), kind=Kind.INT, tier=Tier.OPEN, group="done", merge=Merge.ONCE
    )
    operations: Mapped[int | None] = field(
        N_("Entries of the outbox removed"), kind=Kind.INT, tier=Tier.OPEN, group="done", merge=Merge.ONCE
    )
    drafts: Mapped[int | None] = field(
        N_("Drafts removed"), kind=Kind.INT, tier=Tier.OPEN, group="done", merge=Merge.ONCE
    )
    files: Mapped[int | None] = field(
        N_("Attached files removed"), kind=Kind.INT, tier=Tier.OPEN, group="done", merge=Merge.ONCE
    )
    keys: Mapped[int | None] = field(
        N_("Keys destroyed"), kind=Kind.INT, tier=Tier.OPEN, group="done", merge=Merge.ONCE
    )
    exports: Mapped[int | None] = field(
        N_("Papers handed out before"), kind=Kind.INT, tier=Tier.OPEN, group="done", merge=Merge.ONCE
    )


class Erased(Base):
    """An id that was erased on this laptop, for ever: nothing makes a record of this id again.

    `confirmed`: the centre said so too. `offered`: a centre that had forgotten it was told again.
    """

    __tablename__ = "erased"

    record: Mapped[str] = mapped_column(String(32), primary_key=True)
    erasure: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(Moment)
    confirmed: Mapped[bool] = mapped_column(default=False)
    offered: Mapped[bool] = mapped_column(default=False)
