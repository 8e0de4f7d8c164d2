"""A session outlives its transport: the next sync does not sign in again, unless it has to."""

from __future__ import annotations

from app.sync.report import SyncReport
from tests.sync.country import Country, new_case
from tests.sync.laptops import Laptop


def signed_in(country: Country, laptop: Laptop) -> tuple[SyncReport, int]:
    """A sync over a transport of its own, and how many sessions the centre has of this device then."""
    report = country.sync(laptop)
    assert report.green, report.problem
    [(count,)] = country.centre.sql("SELECT count(*) FROM session WHERE device = %s", laptop.workspace.device.id)
    return report, count


def test_nothing_to_do_is_one_exchange_of_a_hundred_bytes_by_a_new_transport(country: Country) -> None:
    laptop = country.laptop("a1")
    new_case(laptop)
    country.settle(laptop)
    report, sessions = signed_in(country, laptop)
    assert (report.requests, sessions) == (1, 1)
    assert report.bytes_up + report.bytes_down <= 100


def test_a_session_that_the_centre_forgot_is_opened_anew(country: Country) -> None:
    laptop = country.laptop("a1")
    country.settle(laptop)
    country.centre.sql("DELETE FROM session")
    report, sessions = signed_in(country, laptop)
    assert (report.requests, sessions) == (4, 1)  # refused, two to sign in, hello


def test_a_session_that_ran_out_is_not_tried(country: Country) -> None:
    laptop = country.laptop("a1")
    country.settle(laptop)
    country.clock.forward(hours=13)
    report, sessions = signed_in(country, laptop)
    assert (report.requests, sessions) == (3, 1)
