"""What a sync does for the lease: the centre's signed moments, never the laptop's own."""

from __future__ import annotations

from app import context as contexts
from app.models.contact import Contact, read_contact
from app.services.lease import Stage
from tests.sync.country import Country, new_case
from tests.sync.laptops import Laptop


def contact(laptop: Laptop) -> Contact | None:
    """What is kept."""
    with laptop.session() as session:
        return read_contact(session)


def test_it_begins_with_the_enrolment(country: Country, laptop: Laptop) -> None:
    new_case(laptop)
    assert contact(laptop) is None
    enrolled = country.laptop("a1")
    found = contact(enrolled)
    assert found is not None
    assert found.proven == country.clock()


def test_every_receipt_renews_it_and_nothing_else_does(country: Country) -> None:
    laptop = country.laptop("a1")
    began = country.clock()
    country.clock.forward(hours=30)
    country.centre.stop()
    assert country.sync(laptop, url="http://127.0.0.1:9").problem is not None
    found = contact(laptop)
    assert found is not None
    assert found.proven == began
    country.centre.start()
    assert country.sync(laptop).green
    found = contact(laptop)
    assert found is not None
    assert found.proven == country.clock()


def test_though_nothing_changed_a_signed_word_is_asked_for_once_a_day(country: Country) -> None:
    laptop = country.laptop("a1")
    country.settle(laptop)
    country.clock.forward(hours=23)
    assert country.sync(laptop).requests == 3
    country.clock.forward(hours=2)
    report = country.sync(laptop)
    assert report.green
    assert report.requests == 2  # hello, and the signed word: there is nothing to read
    found = contact(laptop)
    assert found is not None
    assert found.proven == country.clock()
    assert country.sync(laptop).requests == 1


def test_the_centres_clock_counts_not_the_laptops(country: Country) -> None:
    laptop = country.laptop("a1")
    there = country.clock()
    laptop.clock = lambda: there.replace(year=2036)  # type: ignore[assignment]
    new_case(laptop)  # audited under the wrong date
    assert country.sync(laptop).green
    found = contact(laptop)
    assert found is not None
    assert (found.proven, found.seen) == (there, there)


def test_a_locked_laptop_sends_what_it_holds_and_is_open_again(country: Country) -> None:
    laptop = country.laptop("a1")
    case = new_case(laptop)
    country.clock.forward(days=61)
    context = contexts.Context(laptop.workspace, laptop.desk, laptop.clock)
    assert context.lease.lease().stage is Stage.LOCKED
    report = country.sync(laptop)
    context.synced(report)
    assert report.green
    assert context.lease.lease().stage is Stage.GOOD
    assert any(record == case for _kind, record in laptop.contents())
