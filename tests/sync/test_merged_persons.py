"""Merges that arrive: another laptop sees one person too, also when two laptops merged against each other."""

from __future__ import annotations

from typing import Any

import pytest

from app.models.case_index import CaseRow
from app.models.ids import new_id
from app.services import case_page, duplicates, person_merge
from app.wire.messages import FeedRow
from tests.sync.alone import enrolled, feed, full
from tests.sync.laptops import Laptop

CASE = {"number": "3273-26-XYZ-0001", "channel": "SAPA129", "risk": "HIGH"}


@pytest.mark.parametrize("late_first", [False, True])
def test_two_laptops_that_merged_against_each_other_show_the_earlier_one(laptop: Laptop, late_first: bool) -> None:
    office = enrolled(laptop)
    ann, bea = _two(laptop, office)
    early, late = sorted((new_id(), new_id()))
    merges = [_merge(20, early, kept=ann, gone=bea), _merge(21, late, kept=bea, gone=ann)]
    if late_first:
        merges = [_merge(20, late, kept=bea, gone=ann), _merge(21, early, kept=ann, gone=bea)]
    feed(laptop, *merges, scope=office)
    pages = [case_page.open_page(laptop.desk, case) for case in _cases(laptop)]
    assert [page.victims[0].person.id for page in pages] == [ann, ann]
    assert {page.row.victims[:4] for page in pages} == {"A.S."}
    assert duplicates.waiting(laptop.desk) == 0
    person_merge.undo(laptop.desk, early)  # the other decision still holds
    assert {case_page.open_page(laptop.desk, case).victims[0].person.id for case in _cases(laptop)} == {bea}
    person_merge.undo(laptop.desk, late)
    assert {case_page.open_page(laptop.desk, case).victims[0].person.id for case in _cases(laptop)} == {ann, bea}


def _two(laptop: Laptop, office: str) -> tuple[str, str]:
    rows, people = [], []
    for at, name in ((1, "Anna Sari"), (5, "Bea Sari")):
        case, person = new_id(), new_id()
        people.append(person)
        rows += [
            full(at, "case", case, {**CASE, "number": f"3273-26-XYZ-{at:04}"}),
            full(at + 1, "person", person, {"name": name, "sex": "P", "birth_date": "2001-02-03"}),
            full(at + 2, "party", new_id(), {"case_id": case, "person_id": person, "role": "VICTIM"}),
        ]
    feed(laptop, *rows, scope=office)
    return people[0], people[1]


def _merge(at: int, record: str, **ends: Any) -> FeedRow:
    return full(at, "person_match", record, {"decision": "MERGED", **ends})


def _cases(laptop: Laptop) -> list[str]:
    with laptop.desk.read() as session:
        return [row.case_id for row in session.query(CaseRow).order_by(CaseRow.number)]
