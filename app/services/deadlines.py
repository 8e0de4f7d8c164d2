"""What is due: over the whole workspace from the derived rows, in one case from its records. Made for 100,000 cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app import i18n
from app.models import case_index, due_index, settings
from app.models.among import among
from app.models.base import KINDS
from app.models.case import Case
from app.models.case_index import CaseRow
from app.models.case_parts import PARTS
from app.models.deadline_rules import shipped_rules
from app.models.due_index import DueRow
from app.models.due_items import TASK, DueItem, DueState, due_items
from app.models.due_words import due_words
from app.models.office import Agency, Office, User
from app.models.permission import Permission
from app.models.task import Task
from app.services.desk import Desk
from app.services.tasks import BY_RECORD

MINE, ALL = "mine", "all"
READY, OVERDUE, TODAY, WEEK, LATER = "", "overdue", "today", "week", "later"
WEEK_DAYS = 7
_STAMP = "due_index"  # the rule book the rows were made under, and the last case that was made anew


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """What the list shows. Hashable, so that a screen can tell whether it changed."""

    whose: str = MINE
    when: str = READY  # READY: all whose window has begun
    rule: str = ""  # a code of the rules, or TASK
    sort: str = "due"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One thing due, in words of the running language."""

    key: int  # 0 on the page of a case
    item: DueItem
    title: str
    law: str  # the citation, '' where no law says it
    state: DueState
    is_overdue: bool
    case_number: str
    victims: str  # 'A.N.|P|16;S.W.|P|31'
    who: str
    tab: str  # of the case page, where it is done
    task_id: str = ""  # the record that holds a person's word on it
    result: str = ""

    @property
    def can_be_ended(self) -> bool:
        """Whether a person may say here that it is done or does not apply."""
        return self.item.rule not in BY_RECORD


@dataclass(frozen=True, slots=True)
class DueCounts:
    """How many things are due, for one whose."""

    ready: int = 0
    today: int = 0  # due today and not over yet
    overdue: int = 0
    week: int = 0


SORTS: dict[str, Sequence[Any]] = {
    "due": (DueRow.due, DueRow.due_at),
    "title": (DueRow.rule, DueRow.code),
    "case_number": (CaseRow.number,),
    "who": (DueRow.who,),
}


def ids(desk: Desk, query: TaskQuery) -> list[int]:
    """The keys of all rows that match, in order: one SQL."""
    order = [column.desc() if query.descending else column for column in SORTS.get(query.sort, SORTS["due"])]
    statement = select(DueRow.n)
    if query.sort == "case_number":
        statement = statement.outerjoin(CaseRow, CaseRow.case_id == DueRow.case_id)
    statement = statement.where(*_matching(desk, query)).order_by(*order, DueRow.n)
    with desk.read() as session:
        return list(session.scalars(statement))


def rows(desk: Desk, keys: Sequence[int]) -> list[TaskLine]:
    """The lines for these keys, in their order. A key that is gone is left out."""
    with desk.read() as session:
        found = {row.n: row for row in session.scalars(select(DueRow).where(among(DueRow.n, keys)))}
        items = {key: _item(found[key]) for key in keys if key in found}
        return _lines(session, desk, items)


def counts(desk: Desk, *, whose: str = MINE) -> DueCounts:
    """All counters in one pass."""
    now, today = desk.now(), desk.today().isoformat()
    week = (desk.today() + timedelta(days=WEEK_DAYS)).isoformat()
    statement = select(
        func.count(),
        func.count().filter(DueRow.due == today, DueRow.due_at >= now),
        func.count().filter(DueRow.due_at < now),
        func.count().filter(DueRow.due <= week),
    ).where(*_matching(desk, TaskQuery(whose=whose)))
    with desk.read() as session:
        return DueCounts(*session.execute(statement).one())


def rules_in_use(desk: Desk) -> tuple[tuple[str, int], ...]:
    """(rule, how many are open) for the filter, the most frequent first."""
    n = func.count()
    statement = select(DueRow.rule, n).where(*_matching(desk, TaskQuery(whose=ALL))).group_by(DueRow.rule)
    with desk.read() as session:
        return tuple((rule, count) for rule, count in session.execute(statement.order_by(n.desc(), DueRow.rule)))


def of_case(desk: Desk, case_id: str) -> tuple[TaskLine, ...]:
    """Everything due in a case, from its records: open first, then what is over, each by its day."""
    with desk.read() as session:
        file: dict[str, list[Any]] = {"case": list(session.scalars(select(Case).where(Case.id == case_id)))}
        for part in PARTS:
            kind: Any = KINDS[part.kind]
            found = select(*kind.__table__.columns).where(kind.case_id == case_id).order_by(kind.id)
            file[part.kind] = list(session.execute(found))
        items = dict(enumerate(due_items(file, due_index.rule_book(session))))
        said = {(task.rule, task.source): task for task in file["task"]} | {
            (TASK, task.id): task for task in file["task"]
        }
        lines = _lines(session, desk, items, said=said)
    return tuple(sorted(lines, key=lambda line: bool(line.item.ended)))


def settle(desk: Desk, *, at_most: int = 500) -> bool:
    """Make some rows anew that were made under other rules, holidays or another zone; whether more are left.

    Call it until it says no: each call is one short transaction, and one that was cut off goes on where it stopped.
    """
    with desk.read(Permission.SYNC) as session:
        stamp = due_index.stamp_of(due_index.rule_book(session))
        held = settings.get(session, _STAMP) or {}
        after = held.get("after") if held.get("stamp") == stamp else ""
        if after is None:
            return False
        found = list(session.scalars(select(Case.id).where(Case.id > after).order_by(Case.id).limit(at_most)))
    with desk.note(Permission.SYNC) as session:
        if not after:
            due_index.refresh_office(session, always=True)
        case_index.refresh(session, found)
        more = len(found) == at_most
        settings.put(session, _STAMP, {"stamp": stamp, "after": found[-1] if more else None})
    return more


def _matching(desk: Desk, query: TaskQuery) -> list[ColumnElement[bool]]:
    now, today = desk.now(), desk.today().isoformat()
    office = desk.actor.office
    wanted: list[ColumnElement[bool]] = [or_(DueRow.office == office, DueRow.to_office == office)]
    if query.whose == MINE:
        wanted.append(DueRow.who.in_((desk.actor.user, desk.actor.name)))
    if query.rule:
        wanted.append(DueRow.rule == query.rule)
    if query.when == LATER:
        return [*wanted, DueRow.ready_from > today]
    wanted.append(DueRow.ready_from <= today)
    if query.when == OVERDUE:
        wanted.append(DueRow.due_at < now)
    if query.when == TODAY:
        wanted += [DueRow.due == today]
    if query.when == WEEK:
        wanted.append(DueRow.due <= (desk.today() + timedelta(days=WEEK_DAYS)).isoformat())
    return wanted


def _item(row: DueRow) -> DueItem:
    day = date.fromisoformat
    return DueItem(
        row.rule, row.kind, row.source, row.case_id, row.person_id, day(row.due), row.due_at.astimezone(i18n.zone()),
        day(row.ready_from) if row.ready_from else None, day(row.fails_after) if row.fails_after else None, "",
        row.who, row.office, row.to_office, row.code,
    )  # fmt: skip


def _lines(
    session: Session, desk: Desk, items: dict[int, DueItem], *, said: dict[tuple[Any, Any], Any] | None = None
) -> list[TaskLine]:
    """Items in words: what they are called, of which case, for whom; each read once for all of them."""
    cases = {row.case_id: row for row in _among(session, CaseRow, CaseRow.case_id, (i.case_id for i in items.values()))}
    tasks = {
        task.id: task for task in _among(session, Task, Task.id, (i.source for i in items.values() if i.rule == TASK))
    }
    agencies = _names(session, (i.code for i in items.values() if i.rule == "REFERRAL_ANSWER"))
    users = {user.id: user.name or "" for user in _among(session, User, User.id, (i.who for i in items.values()))}
    now, found = desk.now(), []
    for key, item in items.items():
        rule, case, task = shipped_rules().get(item.rule), cases.get(item.case_id), tasks.get(item.source)
        word = (said or {}).get((item.rule, item.source))
        title = due_words(
            item.rule, item.code, agency=agencies.get(item.code, ""), title=(task.title or "") if task else ""
        )
        found.append(
            TaskLine(
                key if said is None else 0, item, title, rule.law if rule else "", item.state(now),
                item.is_overdue(now), case.number if case else "", case.victims if case else "",
                users.get(item.who, item.who), rule.tab if rule else "tasks", word.id if word else "",
                (word.result or "") if word else "",
            )
        )  # fmt: skip
    return found


def _among(session: Session, kind: Any, column: Any, values: Any) -> Sequence[Any]:
    wanted = {value for value in values if value}
    return session.scalars(select(kind).where(among(column, sorted(wanted)))).all() if wanted else ()


def _names(session: Session, codes: Any) -> dict[str, str]:
    """Agencies and offices by id: a referral goes to either."""
    wanted = sorted({code for code in codes if code})
    found: dict[str, str] = {}
    for kind in (Office, Agency):
        found |= {one.id: one.name or "" for one in _among(session, kind, kind.id, wanted)}
    return found
