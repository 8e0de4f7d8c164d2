"""The list of cases: ids from one SQL, rows by page, exact counts. Made for 100,000 cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select, text

from app.i18n import _
from app.models.case_index import CaseRow
from app.models.codelist import label
from app.models.office import Agency
from app.models.search_text import fts_query
from app.services.desk import Desk

ACTIVE = "ACTIVE"  # the filter for everything that is not closed
QUIET_DAYS = 14
HANDFUL = 1000  # keys fetched at a time: a hundred thousand rows at once leave their memory with the process


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """What the list shows: typed words, filters, order. Hashable, so that a screen can tell whether it changed."""

    text: str = ""
    status: str = ""  # a case_status code, ACTIVE or ''
    risk: str = ""
    overdue: bool = False
    quiet: bool = False  # nothing entered for 14 days
    shared: bool = False  # only cases of other offices
    sort: str = "due"  # a key of SORTS
    descending: bool = False


@dataclass(frozen=True, slots=True)
class CaseItem:
    """One row of the list."""

    id: str
    number: str
    victims: str  # 'A.N.|P|16;S.W.|P|31'
    child: bool
    risk: str
    status: str
    next_step: str  # label in the running language
    due: str  # ISO date or ''
    lead: str
    office: str
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Counters for Home and for the head of the list."""

    total: int = 0
    active: int = 0
    high: int = 0
    due_today: int = 0
    overdue: int = 0
    quiet: int = 0
    by_status: dict[str, int] = field(default_factory=dict)


# '' sorts after every date: what has no due date comes last.
_BY_DUE: tuple[ColumnElement[Any], ...] = (literal_column("case_row.due = ''"), literal_column("case_row.due"))
SORTS: dict[str, Sequence[ColumnElement[Any]]] = {
    "due": (*_BY_DUE, literal_column("case_row.risk_order")),
    "number": (literal_column("case_row.number"),),
    "risk": (
        literal_column("case_row.risk_order"),
        literal_column("case_row.due = ''"),
        literal_column("case_row.due"),
    ),
    "status": (literal_column("case_row.status"),),
    "reported": (literal_column("case_row.reported_at"),),
    "victims": (literal_column("case_row.victims"),),
}


def ids(desk: Desk, query: CaseQuery) -> list[int]:
    """The keys of all matching rows, in order: one SQL, also for 100,000."""
    columns = SORTS.get(query.sort, SORTS["due"])
    order = [column.desc() if query.descending else column for column in columns]
    statement = _filtered(select(CaseRow.n), query, desk).order_by(*order, CaseRow.n.desc())
    with desk.read() as session:
        return list(session.scalars(statement.execution_options(yield_per=HANDFUL)))


def rows(desk: Desk, keys: Sequence[int]) -> list[CaseItem]:
    """The rows for these keys, in their order. A key that is gone is left out."""
    with desk.read() as session:
        found = {row.n: row for row in session.scalars(select(CaseRow).where(CaseRow.n.in_(keys)))}
        agencies = {row.next_code for row in found.values() if row.next_kind == "referral"}
        named = session.scalars(select(Agency).where(Agency.id.in_(agencies))) if agencies else ()
        names = {agency.id: agency.name for agency in named}
        return [_item(found[key], names) for key in keys if key in found]


def row_of(desk: Desk, case_id: str) -> CaseItem | None:
    """The row of one case."""
    with desk.read() as session:
        key = session.scalar(select(CaseRow.n).where(CaseRow.case_id == case_id))
    return next(iter(rows(desk, [key])), None) if key is not None else None


def counts(desk: Desk) -> CaseCounts:
    """All counters in one pass."""
    today = desk.today().isoformat()
    active = CaseRow.status != "CLOSED"
    statement = select(
        func.count(),
        func.count().filter(active),
        func.count().filter(active, CaseRow.risk == "HIGH"),
        func.count().filter(active, CaseRow.due == today),
        func.count().filter(active, CaseRow.due != "", CaseRow.due < today),
        func.count().filter(active, CaseRow.last_at < desk.now() - timedelta(days=QUIET_DAYS)),
    ).select_from(CaseRow)
    with desk.read() as session:
        numbers = session.execute(statement).one()
        by_status = dict(session.execute(select(CaseRow.status, func.count()).group_by(CaseRow.status)).all())
    return replace(CaseCounts(*numbers), by_status=by_status)


def _filtered(statement: Select[Any], query: CaseQuery, desk: Desk) -> Select[Any]:
    if match := fts_query(query.text):
        hits = text("SELECT rowid FROM case_fts WHERE case_fts MATCH :match").bindparams(match=match)
        plain = CaseRow.n.in_(hits.columns(literal_column("rowid")))
        sealed = desk.search.find(match) if desk.search is not None else ()
        statement = statement.where(or_(plain, CaseRow.case_id.in_(sealed)) if sealed else plain)
    if query.status == ACTIVE or query.overdue or query.quiet:
        statement = statement.where(CaseRow.status != "CLOSED")
    elif query.status:
        statement = statement.where(CaseRow.status == query.status)
    if query.risk:
        statement = statement.where(CaseRow.risk == query.risk)
    if query.overdue:
        statement = statement.where(CaseRow.due != "", CaseRow.due < desk.today().isoformat())
    if query.quiet:
        statement = statement.where(CaseRow.last_at < desk.now() - timedelta(days=QUIET_DAYS))
    if query.shared:
        statement = statement.where(CaseRow.office != desk.actor.office)
    return statement


def _item(row: CaseRow, agencies: dict[str, str | None]) -> CaseItem:
    if row.next_kind == "service":
        step = label("service_type", row.next_code)
    else:
        agency = agencies.get(row.next_code) or ""
        step = _("Answer of {agency}").format(agency=agency) if agency else ""
    return CaseItem(
        row.case_id, row.number, row.victims, row.child, row.risk, row.status, step, row.due, row.lead, row.office,
        row.reported_at,
    )  # fmt: skip
