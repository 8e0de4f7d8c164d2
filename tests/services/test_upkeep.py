"""A file of an older version: its persons come into the index and its cases into the search, piece by piece."""

from __future__ import annotations

from sqlalchemy import text

from app.services import case_list, duplicates, upkeep
from app.services.case_list import CaseQuery
from app.services.desk import Desk
from app.services.intake import take
from tests.worlds import GIRL, intake


def test_a_file_without_the_derived_rows_gets_them(desk: Desk, case_id: str) -> None:
    second = take(desk, intake()).id
    assert upkeep.is_whole(desk)
    with desk.engine.begin() as connection:
        for table in ("case_fts", "person_fts", "person_row", "person_key"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("UPDATE person SET name_key = 'of an older version'"))
        connection.execute(text("DELETE FROM setting WHERE name = 'derived'"))
    assert case_list.ids(desk, CaseQuery(text="sitti")) == []
    assert not upkeep.is_whole(desk)
    steps = 0
    while upkeep.piece(desk):
        steps += 1
    assert 3 < steps < 20
    assert upkeep.is_whole(desk)
    found = case_list.rows(desk, case_list.ids(desk, CaseQuery(text="siti aminah")))
    assert {row.id for row in found} == {case_id, second}
    assert len(duplicates.candidates(desk, GIRL)) == 2
    assert duplicates.waiting(desk) == 0, "a name and the month of a birth are not enough for the queue"
