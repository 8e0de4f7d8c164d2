"""Tasks as a list shows them: the columns, the filters, and ids and rows from the service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.i18n import N_, _, format_day
from app.models.due_items import DueState
from app.models.due_words import rule_words
from app.services import deadlines
from app.services.deadlines import ALL, LATER, MINE, OVERDUE, READY, TODAY, WEEK, TaskLine, TaskQuery
from app.ui import presenting
from app.ui.presenting import Said
from app.ui.table import Column, Query
from app.ui.theme import Tone
from app.ui.workplace import Workplace

WHOSE = ((MINE, N_("My tasks")), (ALL, N_("Everybody's")))
WHEN = (
    (READY, N_("All that is to be done")), (OVERDUE, N_("Overdue")), (TODAY, N_("Today")), (WEEK, N_("Within a week")),
    (LATER, N_("Later")),
)  # fmt: skip
_STATES = {
    DueState.DRAFT: Said(N_("Later")), DueState.READY: Said(N_("To be done"), Tone.INFO),
    DueState.DONE: Said(N_("Done"), Tone.GOOD, "check"), DueState.CANCELLED: Said(N_("Does not apply")),
    DueState.FAILED: Said(N_("Too late"), Tone.DANGER, "cross"),
}  # fmt: skip


def task_query(query: Query) -> TaskQuery:
    """What a list's query means to the service."""
    filters = dict(query.filters)
    return TaskQuery(
        filters.get("whose", MINE), filters.get("when", READY), filters.get("rule", ""), query.sort or "due",
        query.descending,
    )  # fmt: skip


class TaskSource:
    """Keys are numbers of derived rows."""

    def __init__(self, place: Workplace) -> None:
        self._desk = place.desk

    def ids(self, query: Query) -> Sequence[int]:
        """All keys, in order."""
        return deadlines.ids(self._desk, task_query(query))

    def rows(self, ids: Sequence[int]) -> Sequence[TaskLine | None]:
        """One line per key; None for one that is gone."""
        found = {line.key: line for line in deadlines.rows(self._desk, list(ids))}
        return [found.get(key) for key in ids]


def due_said(line: TaskLine, now: datetime) -> Said:
    """'Terlambat 2 hari', 'Hari ini 16.00', '26 Nov': the hour only where a rule counts hours."""
    item = line.item
    if not item.has_day:
        return Said(presenting.NOTHING)
    if item.ended:
        return Said(format_day(item.due, now.astimezone(item.due_at.tzinfo).date()))
    by_hour = (item.due_at.hour, item.due_at.minute) != (23, 59)
    if by_hour:
        return presenting.due_moment(item.due_at, now)
    return presenting.due(item.due.isoformat(), now.astimezone(item.due_at.tzinfo).date())


def state_said(line: TaskLine) -> Said:
    """'Terlambat', 'Selesai'; a state in words."""
    if line.is_overdue and line.state is DueState.READY:
        return Said(_("Overdue"), Tone.DANGER, "warning")
    said = _STATES[line.state]
    return Said(_(said.words), said.tone, said.mark)


def rule_choices(found: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    """(rule, words with how many) for a filter."""
    return [(rule, f"{_('Task') if rule == 'task' else rule_words(rule)} ({n})") for rule, n in found]


def task_columns(place: Workplace) -> tuple[Column, ...]:
    """The columns of the list."""

    def said(line: TaskLine) -> Said:
        return due_said(line, place.now())

    return (
        Column("title", N_("What"), 280, style="strong", stretch=True),
        Column(
            "due", N_("Due"), 156, whole_row=True, text=lambda line: said(line).words,
            tone=lambda line: said(line).tone if said(line).tone != Tone.NEUTRAL else None,
            mark=lambda line: said(line).mark,
        ),
        Column("case_number", N_("Case"), 132, text=lambda words: words or presenting.NOTHING),
        Column("victims", N_("Victim"), 98, text=presenting.victims, sortable=False),
        Column("law", N_("Law"), 132, style="muted", sortable=False),
        Column("who", N_("For"), 120, style="muted", hidden=True),
    )  # fmt: skip
