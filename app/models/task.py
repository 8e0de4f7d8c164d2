"""Tasks with their windows, the days nobody works, and how long an office gives itself."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord, Record
from app.models.field import Kind, Merge, Tier, field


class Task(CaseRecord):
    """Something to be done in a window of days, for a case or for the office alone.

    Its state (draft, ready, done, failed, cancelled) is computed from the days and from what was done, never typed. A
    deadline of a rule is no record: only its end is, under `rule` and `source`, the record it follows from.
    """

    __tablename__ = "task"
    kind: ClassVar[str] = "task"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    rule: Mapped[str | None] = field(N_("Rule"), tier=Tier.OPEN, group="link", merge=Merge.ONCE, index=True)
    source: Mapped[str | None] = field(
        N_("Follows from"), kind=Kind.REF, tier=Tier.OPEN, group="link", merge=Merge.ONCE, index=True
    )
    title: Mapped[str | None] = field(N_("Task"), tier=Tier.NARRATIVE, group="task", required=True, searchable=True)
    assignee: Mapped[str | None] = field(N_("For"), kind=Kind.REF, tier=Tier.OPEN, group="task", index=True)
    ready_from: Mapped[str | None] = field(N_("Not before"), kind=Kind.DATE, tier=Tier.OPEN, group="task")
    due: Mapped[str | None] = field(N_("Due"), kind=Kind.DATE, tier=Tier.OPEN, group="task", index=True)
    fails_after: Mapped[str | None] = field(N_("Too late after"), kind=Kind.DATE, tier=Tier.OPEN, group="task")
    done_at: Mapped[datetime | None] = field(N_("Done at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="end")
    cancelled_at: Mapped[datetime | None] = field(N_("Cancelled at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="end")
    result: Mapped[str | None] = field(N_("Result"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="end")


class Holiday(Record):
    """A day on which nobody works: whoever counts working days leaves it out."""

    __tablename__ = "holiday"
    kind: ClassVar[str] = "holiday"

    day: Mapped[str | None] = field(N_("Day"), kind=Kind.DATE, tier=Tier.OPEN, group="holiday", required=True)
    name: Mapped[str | None] = field(N_("Name"), tier=Tier.OPEN, group="holiday", required=True)
    cancelled: Mapped[bool | None] = field(N_("Does not apply"), kind=Kind.BOOL, tier=Tier.OPEN, group="holiday")


class DeadlineLimit(Record):
    """How long the office gives itself where the rules of resources/facts/legal_deadlines.csv leave it, or say less."""

    __tablename__ = "deadline_limit"
    kind: ClassVar[str] = "deadline_limit"

    rule: Mapped[str | None] = field(N_("Rule"), tier=Tier.OPEN, group="limit", required=True, merge=Merge.ONCE)
    amount: Mapped[int | None] = field(N_("Limit"), kind=Kind.INT, tier=Tier.OPEN, group="limit")
    unit: Mapped[str | None] = field(N_("Unit"), codelist="time_unit", group="limit")
    active: Mapped[bool | None] = field(N_("Active"), kind=Kind.BOOL, tier=Tier.OPEN, group="limit")
