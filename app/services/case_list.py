"""The list of cases: ids from one SQL, rows by page, exact counts. Made for 100,000 cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_, select

from app.i18n import _
from app.models.among import among
from app.models.case_index import CaseRow
from app.models.codelist import label
from app.models.due_items import TASK
from app.models.due_words import rule_words
from app.models.office import Agency
from app.models.search_text import fts_query, snippets
from app.services.case_filter import ACTIVE, FEW, QUIET_DAYS, CaseQuery, cases_sounding_like, conditions, spoken
from app.services.desk import Desk

__all__ = ["ACTIVE", "QUIET_DAYS", "CaseCounts", "CaseItem", "CaseQuery", "counts", "ids", "row_of", "rows"]

HANDFUL = 1000  # keys fetched at a time: a hundred thousand rows at once leave their memory with the process


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
    found: str = ""  # where the typed words were found, a few words around them


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
    """The keys of all matching rows, in order: one SQL, also for 100,000.

    Where the words find few, persons whose names sound like them bring their cases, too.
    """
    columns = SORTS.get(query.sort, SORTS["due"])
    order = [column.desc() if query.descending else column for column in columns]
    narrowed = select(CaseRow.n).where(*conditions(desk, query)).order_by(*order, CaseRow.n.desc())
    with desk.read() as session:
        said = spoken(desk, query)
        statement = narrowed if said is None else narrowed.where(said)
        found = list(session.scalars(statement.execution_options(yield_per=HANDFUL)))
        if said is not None and len(found) < FEW and (alike := cases_sounding_like(session, query.text)):
            found = list(session.scalars(narrowed.where(or_(said, among(CaseRow.case_id, alike)))))
        return found


def rows(desk: Desk, keys: Sequence[int], *, words: str = "") -> list[CaseItem]:
    """The rows for these keys, in their order, and where these words were found. A key that is gone is left out."""
    with desk.read() as session:
        found = {row.n: row for row in session.scalars(select(CaseRow).where(CaseRow.n.in_(keys)))}
        agencies = {row.next_code for row in found.values() if row.next_kind == "referral"}
        named = session.scalars(select(Agency).where(Agency.id.in_(agencies))) if agencies else ()
        names = {agency.id: agency.name for agency in named}
        match = fts_query(words)
        places = snippets(session, match, list(found)) if match else {}
        items = [(key, _item(found[key], names)) for key in keys if key in found]
        return [replace(item, found=_place(places, key)) if match else item for key, item in items]


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


def _place(places: dict[int, str], key: int) -> str:
    if key not in places:
        return _("a name that sounds alike, or sealed words")
    return places[key] or _("a name or number")


def _item(row: CaseRow, agencies: dict[str, str | None]) -> CaseItem:
    if row.next_kind == "service":
        step = label("service_type", row.next_code)
    elif row.next_kind == "rule":
        step = _("Task") if row.next_code == TASK else rule_words(row.next_code)
    else:
        agency = agencies.get(row.next_code) or ""
        step = _("Answer of {agency}").format(agency=agency) if agency else ""
    return CaseItem(
        row.case_id, row.number, row.victims, row.child, row.risk, row.status, step, row.due, row.lead, row.office,
        row.reported_at,
    )  # fmt: skip
