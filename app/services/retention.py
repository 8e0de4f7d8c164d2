"""How long a kind of file is kept, and which cases are past it. Computed every time, never typed.

No source names a period; the table holds the office's own proposal, and an office may set other ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.i18n import _, language, zone
from app.models import settings
from app.models.case import Case
from app.models.case_index import CaseRow
from app.models.dates import months_after
from app.models.erasure import OF_CASE, Erasure
from app.models.journal import audit
from app.models.permission import Permission
from app.models.screening import Screening
from app.paths import table
from app.services.desk import Desk
from app.services.holds import holds, may_be_held

SETTING = "retention:"  # retention:CASE -> months, where the office decided otherwise
LONGEST = 1200  # months


@dataclass(frozen=True, slots=True)
class Period:
    """How many months after its closing a kind of file is kept. `own`: the office set it itself."""

    code: str
    label_id: str
    label_en: str
    months: int
    basis: str
    source: str
    own: bool = False

    @property
    def label(self) -> str:
        """In the language of the running code."""
        return self.label_en if language() == "en" else self.label_id


@dataclass(frozen=True, slots=True)
class DueCase:
    """A case past its period: since when, by which rule, and what stands in the way all the same."""

    case_id: str
    number: str
    closed: date
    due: date
    period: Period
    holds: tuple[str, ...]


@lru_cache
def _table() -> tuple[Period, ...]:
    return tuple(
        Period(row["code"], row["label_id"], row["label_en"], int(row["months"]), row["basis"], row["source"])
        for row in table("facts", "retention.csv")
    )


def periods(desk: Desk) -> tuple[Period, ...]:
    """The periods that count in this office."""
    with desk.read() as session:
        return _periods(session)


def set_period(desk: Desk, code: str, months: int) -> None:
    """Keep a kind of file so many months; audited. Invalid for a number that is no period."""
    desk.require(Permission.DECIDE_ERASURE)
    if code not in {period.code for period in _table()} or not 1 <= months <= LONGEST:
        said = _("A period has between 1 and {n} months.").format(n=LONGEST)
        raise Invalid(said, [("months", said)])
    with desk.note(Permission.DECIDE_ERASURE) as session:
        settings.put(session, SETTING + code, months)
        audit(session, "retention", "setting", code, ("months",))


def due(desk: Desk) -> tuple[DueCase, ...]:
    """The closed cases of this office whose period is over and for which nobody has asked yet, the oldest first."""
    with desk.read() as session:
        rules, today = {period.code: period for period in _periods(session)}, desk.today()
        asked = select(Erasure.subject).where(Erasure.executed_at.is_(None), Erasure.decision.is_(None))
        query = select(Case, CaseRow.child).join(CaseRow, CaseRow.case_id == Case.id).where(
            CaseRow.office == desk.actor.office, CaseRow.status == "CLOSED", Case.closed_at.is_not(None),
            Case.id.not_in(asked.where(Erasure.subject.is_not(None))),
        )  # fmt: skip
        found, conclusions, doubtful = [], _conclusions(session), may_be_held(session)
        for case, child in session.execute(query):
            rule = rules[_kind_of(conclusions.get(case.id, set()), child=bool(child))]
            closed = _day(case.closed_at)
            ends = months_after(closed, rule.months)
            if ends <= today:
                stands = holds(session, OF_CASE, case.id) if case.id in doubtful else ()
                found.append(DueCase(case.id, case.number or "", closed, ends, rule, stands))
        return tuple(sorted(found, key=lambda each: (each.due, each.number)))


def _conclusions(session: Session) -> dict[str, set[str | None]]:
    """What the screenings of each closed case concluded: read at once, as most cases of an office are closed."""
    closed = select(CaseRow.case_id).where(CaseRow.status == "CLOSED")
    found: dict[str, set[str | None]] = {}
    for case_id, conclusion in session.execute(
        select(Screening.case_id, Screening.conclusion).where(Screening.case_id.in_(closed))
    ):
        found.setdefault(case_id or "", set()).add(conclusion)
    return found


def _kind_of(conclusions: set[str | None], *, child: bool) -> str:
    """The first rule that fits: no screening saw more than nothing; a victim is a child; anything else."""
    if conclusions == {"NOT_INDICATED"}:
        return "NOT_INDICATED"
    return "CHILD" if child else "CASE"


def _periods(session: Session) -> tuple[Period, ...]:
    found = []
    for period in _table():
        months = settings.get(session, SETTING + period.code)
        found.append(replace(period, months=int(months), own=True) if months else period)
    return tuple(found)


def _day(moment: datetime | None) -> date:
    assert moment is not None  # asked for in the query
    return moment.astimezone(zone()).date()
