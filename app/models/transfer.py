"""Handing a whole case to another office, which has to accept it. The state is computed from the steps."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
from app.models.course import CENTRE, Course
from app.models.field import Kind, Merge, Tier, field


class Transfer(CaseRecord):
    """An offer to take a case over: to whom and why. Until it is accepted the case stays where it is."""

    __tablename__ = "transfer"
    kind: ClassVar[str] = "transfer"

    to_office: Mapped[str | None] = field(
        N_("To office"), kind=Kind.REF, tier=Tier.OPEN, group="transfer", required=True, merge=Merge.ONCE, index=True
    )
    from_office: Mapped[str | None] = field(
        N_("From office"), kind=Kind.REF, tier=Tier.OPEN, group="transfer", merge=Merge.ONCE
    )
    reason: Mapped[str | None] = field(
        N_("Reason"), codelist="transfer_reason", group="transfer", required=True, merge=Merge.ONCE
    )
    message: Mapped[str | None] = field(
        N_("Message"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="transfer", merge=Merge.ONCE
    )
    number: Mapped[str | None] = field(N_("Case number"), tier=Tier.OPEN, group="transfer", merge=Merge.ONCE)


class TransferEvent(CaseRecord):
    """One step of a transfer: offered, withdrawn, accepted, declined; and done, which the centre says when it moved."""

    __tablename__ = "transfer_event"
    kind: ClassVar[str] = "transfer_event"

    transfer_id: Mapped[str | None] = field(
        N_("Transfer"), kind=Kind.REF, tier=Tier.OPEN, group="link", merge=Merge.ONCE, index=True
    )
    step: Mapped[str | None] = field(
        N_("Step"), codelist="transfer_step", group="step", required=True, merge=Merge.ONCE
    )
    at: Mapped[datetime | None] = field(
        N_("When"), kind=Kind.DATETIME, tier=Tier.OPEN, group="step", required=True, merge=Merge.ONCE
    )
    note: Mapped[str | None] = field(N_("Note"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="step", merge=Merge.ONCE)


OWNER, TARGET = "owner", "target"

COURSE = Course(
    {
        ("", "OFFERED"): frozenset({OWNER}),
        ("OFFERED", "WITHDRAWN"): frozenset({OWNER, CENTRE}),
        ("OFFERED", "ACCEPTED"): frozenset({TARGET}),
        ("OFFERED", "DECLINED"): frozenset({TARGET}),
        ("ACCEPTED", "MOVED"): frozenset({CENTRE}),
        ("ACCEPTED", "WITHDRAWN"): frozenset({OWNER, CENTRE}),  # as long as the centre waits for keys or files
    }
)
OPEN_STATES = frozenset({"OFFERED", "ACCEPTED"})
NEEDS_NOTE = frozenset({"DECLINED"})


def side_of(office: str | None, *, owner: str | None, target: str | None) -> str:
    """Which side an event's office stands on; '' for neither."""
    if office is None:
        return CENTRE
    return OWNER if office == owner else TARGET if office == target else ""
