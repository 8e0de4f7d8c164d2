"""Handing a whole case to another office, which has to accept it. The state is computed from the steps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
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


OWNER, TARGET, CENTRE = "owner", "target", "centre"

# (from, step) -> who may take it. Anything else is not possible.
TRANSITIONS: dict[tuple[str, str], frozenset[str]] = {
    ("", "OFFERED"): frozenset({OWNER}),
    ("OFFERED", "WITHDRAWN"): frozenset({OWNER, CENTRE}),
    ("OFFERED", "ACCEPTED"): frozenset({TARGET}),
    ("OFFERED", "DECLINED"): frozenset({TARGET}),
    ("ACCEPTED", "MOVED"): frozenset({CENTRE}),
    ("ACCEPTED", "WITHDRAWN"): frozenset({OWNER, CENTRE}),  # as long as the centre waits for keys or files
}
OPEN_STATES = frozenset({"OFFERED", "ACCEPTED"})
NEEDS_NOTE = frozenset({"DECLINED"})


@dataclass(frozen=True, slots=True)
class TransferStep:
    """One event, reduced to what the state machine needs. `order` sorts: the owner's number, then local order."""

    id: str
    step: str
    side: str
    at: datetime
    order: tuple[int, str]


@dataclass(frozen=True, slots=True)
class TransferState:
    """Where a transfer stands: the present step, since when, and the steps that came too late to count."""

    step: str = ""
    since: datetime | None = None
    late: tuple[str, ...] = ()  # event ids


def side_of(office: str | None, *, owner: str | None, target: str | None) -> str:
    """Which side an event's office stands on; '' for neither."""
    if office is None:
        return CENTRE
    return OWNER if office == owner else TARGET if office == target else ""


def may_step(state: str, step: str, side: str) -> bool:
    """Whether this side may take this step from this state."""
    return side in TRANSITIONS.get((state, step), frozenset())


def next_steps(state: str, side: str) -> tuple[str, ...]:
    """The steps this side may take now, in the order of the list above."""
    return tuple(step for (origin, step), sides in TRANSITIONS.items() if origin == state and side in sides)


def state_of(steps: Iterable[TransferStep]) -> TransferState:
    """Play the events in order; an impossible one is late and changes nothing."""
    state, since, late = "", None, []
    for event in sorted(steps, key=lambda s: s.order):
        if may_step(state, event.step, event.side):
            state, since = event.step, event.at
        else:
            late.append(event.id)
    return TransferState(state, since, tuple(late))
