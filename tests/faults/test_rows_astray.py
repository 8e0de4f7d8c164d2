"""A row that changed on the laptop's disk while there is nothing to do: the digest is recomputed, so it is found."""

from __future__ import annotations

from app.models.all import Case
from app.services import cases
from tests.sync.country import Country, new_case
from tests.sync.test_broken_links import agree


def test_a_damaged_row_is_found_and_mended_although_there_is_nothing_to_do(country: Country) -> None:
    one = country.laptop("a1")
    case_id = new_case(one)
    cases.change_case(one.desk, case_id, {"transit": "Pelabuhan Merak"})
    country.settle(one)
    assert country.sync(one).pulled == {}, "nothing to do"
    with one.workspace.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {Case.__tablename__} SET transit = 'rusak' WHERE id = '{case_id}'")
    report = country.sync(one)
    assert report.green, report.problem
    mended = one.get(Case, case_id)
    assert isinstance(mended, Case)
    assert mended.transit == "Pelabuhan Merak"
    agree(country, one)
