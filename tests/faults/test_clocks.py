"""A laptop whose clock is ten years ahead, and one whose clock is ten years behind: nothing is decided by a clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.services import cases
from app.services.audit_check import verify
from tests.conftest import Clock
from tests.sync.country import Country, new_case, of_scope
from tests.sync.laptops import Laptop
from tests.sync.test_broken_links import write


def lives_elsewhere(country: Country, laptop: Laptop, *, years: int) -> Laptop:
    """The same laptop with its clock put forward (or back); it is opened anew, as in the morning."""
    clock = Clock(country.clock() + timedelta(days=365 * years))
    name = laptop.workspace.directory.name
    country.laptops[name] = Laptop(laptop.workspace, clock)
    return country.laptops[name]


@pytest.mark.parametrize("years", [10, -10])
def test_a_clock_ten_years_off_decides_nothing_and_loses_nothing(country: Country, years: int) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(two)
    country.settle(one, two)
    one = lives_elsewhere(country, one, years=years)
    cases.change_case(one.desk, case_id, {"transit": "yang jamnya salah"})
    cases.change_case(two.desk, case_id, {"transit": "yang jamnya benar"})
    write(one, case_id)
    assert country.sync(two).green
    report = country.sync(one)
    assert report.problem is None, report.problem
    assert report.outcomes == {"accepted": 1, "conflict": 1}, (
        "who comes second has the conflict, whatever the clock says"
    )
    country.sync(two)
    assert of_scope(one, one.actor.office) == of_scope(two, two.actor.office)
    assert verify(one.desk) == ()
