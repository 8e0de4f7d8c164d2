"""The search box as a way in: whatever is typed finds or finds nothing, and never becomes a query of its own."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.models.search_text import fts_query
from app.services import case_list
from app.services.case_list import CaseQuery
from app.services.desk import Desk
from app.services.intake import take
from tests.attack.fuzz import strings
from tests.attacks import Survived, Tries
from tests.worlds import GIRL, intake

RAW = text("SELECT rowid FROM case_fts WHERE case_fts MATCH :typed")


@pytest.fixture
def cases(desk: Desk, case_id: str) -> list[int]:
    """The girl's case and two more."""
    for name in ("Bambang", "Dewi Ⅷ é"):
        take(desk, intake(victim={**GIRL, "name": name}))
    return case_list.ids(desk, CaseQuery())


def is_taken_raw(desk: Desk, typed: str) -> bool:
    """Whether the search engine itself takes this for a query, unguarded."""
    try:
        with desk.read() as session:
            session.execute(RAW, {"typed": typed}).all()
    except (DBAPIError, UnicodeEncodeError):
        return False
    return True


def test_no_string_breaks_the_search_or_becomes_a_query(
    desk: Desk, cases: list[int], tries: Tries, survived: Survived
) -> None:
    count = tries(ci=2_000, full=100_000)
    held = 0
    sorts = [*case_list.SORTS, "no such column", "number; DROP TABLE case_row"]
    for n, typed in enumerate(strings(count)):
        query = CaseQuery(text=typed, sort=sorts[n % len(sorts)], descending=n % 2 == 0)
        found = case_list.ids(desk, query)
        words = [part for part in fts_query(typed).split() if part.strip('"*')]
        held += set(found) <= set(cases) and (bool(words) or len(found) == len(cases))
    assert case_list.ids(desk, CaseQuery()) == cases
    assert len(case_list.ids(desk, CaseQuery(text="dewi"))) == 1, "a name that is there is found"
    broken = sum(not is_taken_raw(desk, typed) for typed in strings(400))
    assert broken > 100
    survived(held, of=count, control=f"given to the engine as typed, {broken} of 400 are errors")
