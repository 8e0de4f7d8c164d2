"""One derived row per open deadline and task, so that "My tasks" reads no case: made anew whenever a case changes.

What depends on the hour (ready, overdue, too late) is no part of a row: it is computed when it is read. Rows hold no
words: titles of tasks stay in their records.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import i18n
from app.models.among import among
from app.models.base import Base
from app.models.conditions import File
from app.models.deadline_rules import Limit, rules_with
from app.models.due_items import DueItem, RuleBook, due_items, free_tasks
from app.models.field import Moment
from app.models.task import DeadlineLimit, Holiday, Task
from app.models.workdays import calendar_with

_BY_CODE = ("SERVICE_DUE", "REFERRAL_ANSWER")  # what a case's next step is called by; the rest, by the rule


class DueRow(Base):
    """What the list of tasks shows of something that is not ended. `case_id` is '' for a task of the office."""

    __tablename__ = "due_row"

    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    rule: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(32))
    person_id: Mapped[str] = mapped_column(String(32))
    due: Mapped[str] = mapped_column(String(10))  # ISO day; 9999-12-30: none was given
    due_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ready_from: Mapped[str] = mapped_column(String(10))  # '' = at once
    fails_after: Mapped[str] = mapped_column(String(10))  # '' = never
    who: Mapped[str] = mapped_column(String(80), index=True)
    office: Mapped[str] = mapped_column(String(32))
    to_office: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(40))


def rule_book(session: Session) -> RuleBook:
    """The rules, working days and zone of the office as the workspace holds them now."""
    own = session.execute(select(Holiday.day, Holiday.cancelled).order_by(Holiday.id)).all()
    said = select(DeadlineLimit.rule, DeadlineLimit.amount, DeadlineLimit.unit, DeadlineLimit.active)
    rows = session.execute(said.order_by(DeadlineLimit.id))
    limits = [Limit(rule or "", amount, unit, active) for rule, amount, unit, active in rows]
    return RuleBook(rules_with(limits), calendar_with((day, bool(off)) for day, off in own), i18n.zone())


def stamp_of(book: RuleBook) -> str:
    """What tells one rule book from another: rows made under another one are made anew."""
    said = (book.rules, sorted(book.calendar.holidays), str(book.zone))
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def refresh(session: Session, files: Mapping[str, File]) -> dict[str, tuple[str, str, str]]:
    """Make the rows of these cases anew; returns (kind, code, ISO day) of what is due first, by case.

    A file holds all records of a case by kind; one without any loses its rows.
    """
    book = rule_book(session)
    session.execute(delete(DueRow).where(among(DueRow.case_id, sorted(files))))
    firsts: dict[str, tuple[str, str, str]] = {}
    rows: list[dict[str, Any]] = []
    for case_id, file in files.items():
        open_items = [item for item in due_items(file, book) if not item.ended]
        rows += map(_row, open_items)
        if open_items:
            firsts[case_id] = _first(open_items[0])
    if rows:
        session.execute(insert(DueRow), rows)
    return firsts


def refresh_office(session: Session, *, always: bool = False) -> None:
    """Make the rows of the tasks that belong to no case anew, if a task was touched in this session."""
    if not always and Task.kind not in session.info["journal"].kinds:
        return
    tasks = session.execute(
        select(*Task.__table__.columns).where(
            Task.case_id.is_(None), Task.done_at.is_(None), Task.cancelled_at.is_(None)
        )
    ).all()
    session.execute(delete(DueRow).where(DueRow.case_id == ""))
    rows = [_row(item) for item in free_tasks(tasks, rule_book(session))]
    if rows:
        session.execute(insert(DueRow), rows)


def _first(item: DueItem) -> tuple[str, str, str]:
    """What a list says of a case's next step: a service and a referral by what they are, the rest by their rule."""
    if item.rule in _BY_CODE:
        return item.kind, item.code, _day(item)
    return "rule", item.rule, _day(item)


def _day(item: DueItem) -> str:
    return item.due.isoformat() if item.has_day else ""


def _row(item: DueItem) -> dict[str, Any]:
    return {
        "case_id": item.case_id, "rule": item.rule, "kind": item.kind, "source": item.source,
        "person_id": item.person_id, "due": item.due.isoformat(), "due_at": item.due_at,
        "ready_from": item.ready_from.isoformat() if item.ready_from else "",
        "fails_after": item.fails_after.isoformat() if item.fails_after else "",
        "who": item.who, "office": item.office, "to_office": item.to_office, "code": item.code,
    }  # fmt: skip
