"""What narrows the list of cases: typed words and filters that combine, each a condition of one SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, or_, select, text
from sqlalchemy.orm import Session

from app import i18n
from app.models.among import among
from app.models.case import Case
from app.models.case_index import CaseRow
from app.models.matches import same_people
from app.models.names import heard_as, name_key
from app.models.oversight import Flag
from app.models.person import Party, Person
from app.models.person_index import PersonRow, sounding_like
from app.models.search_text import fts_query
from app.models.task import Task
from app.services.desk import Desk

ACTIVE = "ACTIVE"  # the filter for everything that is not closed
QUIET_DAYS = 14
FEW = 20  # hits, below which names that only sound alike are looked for


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """What the list shows: typed words, filters, order. Hashable, so that a screen can tell whether it changed."""

    text: str = ""
    status: str = ""  # a case_status code, ACTIVE or ''
    risk: str = ""
    overdue: bool = False
    quiet: bool = False  # nothing entered for 14 days
    shared: bool = False  # only cases of other offices
    child: bool = False
    mine: bool = False  # the signed-in user is the lead worker
    referred: bool = False  # a referral of it is open
    my_tasks: bool = False  # a task in it waits for the signed-in user
    flagged: bool = False
    exploitation: str = ""  # a code
    region: str = ""  # a region code, or the beginning of one: origin of the case, or where somebody in it lives
    since: str = ""  # ISO dates of the report, both included
    until: str = ""
    sort: str = "due"  # a key of SORTS
    descending: bool = False


def conditions(desk: Desk, query: CaseQuery) -> list[ColumnElement[bool]]:
    """What every row must meet, but for the words."""
    return [*_of_the_row(desk, query), *_of_the_file(desk, query)]


def spoken(desk: Desk, query: CaseQuery) -> ColumnElement[bool] | None:
    """That a row holds the typed words, sealed ones included for who is cleared; None when none were typed."""
    match = fts_query(query.text)
    if not match:
        return None
    hits = text("SELECT rowid FROM case_fts WHERE case_fts MATCH :match").bindparams(match=match)
    plain = CaseRow.n.in_(hits.columns(literal_column("rowid")))
    sealed = desk.search.find(match) if desk.search is not None else ()
    return or_(plain, among(CaseRow.case_id, sealed)) if sealed else plain


def cases_sounding_like(session: Session, typed: str) -> list[str]:
    """The cases of persons whose names sound like what was typed; none for a number or less than a name."""
    key = name_key(typed)
    if len(key) < 4 or any(sign.isdigit() for sign in typed):
        return []
    columns = PersonRow.person_id, PersonRow.name_key, PersonRow.alias_key
    near = session.execute(select(*columns).where(among(PersonRow.n, sounding_like(session, [key]))))
    heard = [person for person, *theirs in near if any(one and heard_as(key, one) for one in theirs)]
    people = same_people(session, heard)
    return list(session.scalars(select(Party.case_id).where(among(Party.person_id, sorted(people))).distinct()))


def _of_the_row(desk: Desk, query: CaseQuery) -> list[ColumnElement[bool]]:
    active = query.status == ACTIVE or query.overdue or query.quiet
    told: list[tuple[Any, ColumnElement[bool]]] = [
        (active, CaseRow.status != "CLOSED"),
        (query.status and query.status != ACTIVE, CaseRow.status == query.status),
        (query.risk, CaseRow.risk == query.risk),
        (query.overdue, (CaseRow.due != "") & (CaseRow.due < desk.today().isoformat())),
        (query.quiet, CaseRow.last_at < desk.now() - timedelta(days=QUIET_DAYS)),
        (query.shared, CaseRow.office != desk.actor.office),
        (query.child, CaseRow.child.is_(True)),
        (query.referred, CaseRow.referred.is_(True)),
        (query.mine, CaseRow.lead == desk.actor.name),
        (query.exploitation, _exploited(query.exploitation)),
    ]
    found = [condition for wanted, condition in told if wanted]
    if first := _day(query.since):
        found.append(CaseRow.reported_at >= _midnight(first))
    if last := _day(query.until):
        found.append(CaseRow.reported_at < _midnight(last + timedelta(days=1)))
    return found


def _exploited(code: str) -> ColumnElement[bool]:
    """This code or a narrower one of its group."""
    ends = (CaseRow.exploitation.contains(f"|{code}{end}", autoescape=True) for end in ("|", "."))
    return or_(*ends)


def _of_the_file(desk: Desk, query: CaseQuery) -> list[ColumnElement[bool]]:
    found: list[Select[Any]] = []
    if query.my_tasks:
        waits = Task.assignee == desk.actor.user, Task.done_at.is_(None), Task.cancelled_at.is_(None)
        found.append(select(Task.case_id).where(*waits))
    if query.flagged:
        up = or_(Flag.until.is_(None), Flag.until >= desk.today().isoformat())
        found.append(select(Flag.case_id).where(Flag.lowered_at.is_(None), up))
    if query.region:
        lives = Person.region.startswith(query.region, autoescape=True)
        from_there = select(Case.id).where(Case.origin.startswith(query.region, autoescape=True))
        live_there = select(Party.case_id).join(Person, Person.id == Party.person_id).where(lives)
        return [*_among(found), or_(CaseRow.case_id.in_(from_there), CaseRow.case_id.in_(live_there))]
    return _among(found)


def _among(wanted: list[Select[Any]]) -> list[ColumnElement[bool]]:
    return [CaseRow.case_id.in_(cases) for cases in wanted]


def _day(iso: str) -> date | None:
    try:
        return date.fromisoformat(iso)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=i18n.zone())
