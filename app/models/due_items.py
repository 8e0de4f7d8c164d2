"""What is due in a case, computed from its records: a pure function, nothing of it is kept as a fact.

Three sources: rules (of the law, of the office, of the program's own dates) and free tasks. That a rule's deadline
was met is seen from the records; a person may also say so, or cancel it with a reason: a Task with its rule and source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from app.models.case_parts import BY_KIND
from app.models.conditions import Condition, Ending, File
from app.models.dates import earliest
from app.models.deadline_rules import Rule
from app.models.due_checks import CHECKS, holders_in, same_person
from app.models.workdays import End, WorkCalendar, end_of_day, end_of_limit

TASK = "task"  # stands where a rule's code would: a free task
FAR = date(9999, 12, 30)  # a task without a day


class DueState(StrEnum):
    """Where something due stands. Overdue is no state: what is READY after its end is overdue."""

    DRAFT = "DRAFT"  # its window has not begun
    READY = "READY"
    DONE = "DONE"
    FAILED = "FAILED"  # too late to be done
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class RuleBook:
    """What counts in this office: its rules, its working days, its zone."""

    rules: tuple[Rule, ...]
    calendar: WorkCalendar
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class DueItem:
    """One thing that is, was or will be due. `source` is the record it follows from; a free task is its own."""

    rule: str  # a code of the rules, or TASK
    kind: str
    source: str
    case_id: str
    person_id: str
    due: date  # in the office's zone; FAR: no day was given
    due_at: datetime
    ready_from: date | None
    fails_after: date | None
    ended: str = ""  # '', DONE or CANCELLED
    who: str = ""  # a user's id (a task), or the name of the lead worker
    office: str = ""  # whose it is
    to_office: str = ""  # who has to answer a referral
    code: str = ""  # what it is about: a service_type, an agency's id, a needs_domain

    @property
    def has_day(self) -> bool:
        """Whether there is a day at all."""
        return self.due != FAR

    def state(self, now: datetime) -> DueState:
        """Where it stands at a moment."""
        today = now.astimezone(self.due_at.tzinfo).date()
        if self.ended:
            return DueState(self.ended)
        if self.fails_after and today > self.fails_after:
            return DueState.FAILED
        return DueState.DRAFT if self.ready_from and today < self.ready_from else DueState.READY

    def is_overdue(self, now: datetime) -> bool:
        """Whether its end has passed and nobody ended it."""
        return not self.ended and now > self.due_at


def due_items(file: File, book: RuleBook) -> tuple[DueItem, ...]:
    """Everything due in one case, what was done and cancelled included, the earliest first."""
    case = next(iter(file.get("case", ())), None)
    found = list(free_tasks(file.get("task", ()), book))
    if case is not None:
        found += _of_rules(case, file, book)
    found = _as_held(found, holders_in(file))
    return tuple(sorted(found, key=lambda item: (item.due_at, item.rule, item.source)))


def _as_held(items: list[DueItem], holders: Sequence[str | None]) -> list[DueItem]:
    """Of a case that was handed over, what the offices before had to do is the last one's to do."""
    if len(holders) < 2:
        return items
    return [replace(item, office=holders[-1] or "") if item.office in holders else item for item in items]


def free_tasks(tasks: Sequence[Any], book: RuleBook) -> Iterator[DueItem]:
    """The tasks that follow from no rule."""
    for task in tasks:
        if not task.rule:
            end = end_of_day(_day(task.due) or FAR, book.zone)
            yield DueItem(
                TASK, "task", task.id, task.case_id or "", task.person_id or "", end.day, end.at,
                _day(task.ready_from), _day(task.fails_after), _ended(task), task.assignee or "",
                task.made_office or "",
            )  # fmt: skip


def _of_rules(case: Any, file: File, book: RuleBook) -> Iterator[DueItem]:
    said = {(task.rule, task.source): _ended(task) for task in file.get("task", ()) if task.rule}
    closed = case.closed_at is not None and not (case.reopened_at and case.reopened_at > case.closed_at)
    for rule in book.rules:
        if closed and not rule.after_close:
            continue
        for source in file.get(rule.kind, ()):
            item = _item(rule, source, file=file, book=book)
            if item is not None:
                mark = said.get((rule.code, source.id), "")
                yield replace(item, ended=mark or item.ended, who=case.lead_worker or "", case_id=case.id)


def _item(rule: Rule, source: Any, *, file: File, book: RuleBook) -> DueItem | None:
    start = getattr(source, rule.at)
    if not start or (rule.when and not any(_all_hold(wanted, source, file) for wanted in rule.when)):
        return None
    end = _end(start, rule, book)
    ready = end.day - timedelta(days=rule.ready) if rule.ready is not None else None
    done = any(_is_met(ending, source, file=file, book=book, rule=rule) for ending in rule.done)
    return DueItem(
        rule.code, rule.kind, source.id, "", getattr(source, "person_id", None) or "", end.day, end.at, ready, None,
        DueState.DONE if done else "", office=source.made_office or "",
        to_office=getattr(source, "to_office", "") or "", code=_about(rule.kind, source),
    )  # fmt: skip


def _end(start: str | datetime, rule: Rule, book: RuleBook) -> End:
    """The end of the rule's limit, or the day the field names itself."""
    if rule.amount:
        begin = start if isinstance(start, datetime) else earliest(start)
        return end_of_limit(begin, rule.limit, calendar=book.calendar, zone=book.zone)
    if isinstance(start, datetime):
        moment = start.astimezone(book.zone)
        return End(moment.date(), moment)
    return end_of_day(earliest(start), book.zone)


def _is_met(ending: Ending, source: Any, *, file: File, book: RuleBook, rule: Rule) -> bool:
    if ending.check:
        return CHECKS[ending.check](source, file)
    if ending.kind == "self":
        return _all_hold(ending.wanted, source, file)
    return any(
        record.id != source.id
        and same_person(source, record)
        and _all_hold(ending.wanted, record, file)
        and (not ending.later or _is_later(record, ending.kind, source=source, rule=rule, zone=book.zone))
        for record in file.get(ending.kind, ())
    )


def _is_later(record: Any, kind: str, *, source: Any, rule: Rule, zone: tzinfo) -> bool:
    """Whether a record is dated on or after the beginning; one of the same kind, after the record that began it.

    Of two moments the later one is meant, of two days the same one will do.
    """
    at = _dated(record, kind)
    begun = _dated(source, kind) if kind == rule.kind else getattr(source, rule.at)
    if at is None or begun is None:
        return False
    if kind == rule.kind and isinstance(at, datetime) and isinstance(begun, datetime):
        return at > begun
    return _day_of(at, zone) >= _day_of(begun, zone)


def _dated(record: Any, kind: str) -> str | datetime | None:
    part = BY_KIND.get(kind)
    said: str | datetime | None = getattr(record, part.at) if part and part.at else getattr(record, "done_at", None)
    made: datetime | None = record.made_at
    return said or made


def _day_of(at: str | datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date() if isinstance(at, datetime) else earliest(at)


def _all_hold(wanted: Sequence[Condition], record: Any, file: File) -> bool:
    return all(CHECKS[one.key](record, file) if one.op == "()" else one.holds(record, file) for one in wanted)


def _ended(task: Any) -> str:
    """The later of the two words counts: a cancelled task may still be done, and the other way round."""
    if task.done_at and task.cancelled_at:
        return DueState.DONE if task.done_at >= task.cancelled_at else DueState.CANCELLED
    return DueState.DONE if task.done_at else DueState.CANCELLED if task.cancelled_at else ""


def _day(iso: str | None) -> date | None:
    return earliest(iso) if iso else None


_ABOUT = {"service": ("service_type",), "referral": ("to_agency", "to_office"), "goal": ("need",),
          "hearing": ("hearing_kind",), "flag": ("reason",), "approval": ("subject",), "consent": ("purpose",),
          "empowerment": ("opportunity",)}  # fmt: skip


def _about(kind: str, source: Any) -> str:
    return next((str(value) for key in _ABOUT.get(kind, ()) if (value := getattr(source, key))), "")
