"""Links that break: everywhere, again and again, and just after the centre had understood."""

from __future__ import annotations

import os
import random

import pytest

from app.errors import NetworkDown
from app.models.local import PartialSegment
from app.services import care, cases
from app.services.case_page import open_page
from tests.attacks import Survived, Tries
from tests.sync.country import Country, new_case, of_scope
from tests.sync.laptops import Laptop
from tests.sync.proxy import link_to


def write(laptop: Laptop, case_id: str, size: int = 1_500) -> None:
    """A note that does not compress."""
    text = os.urandom(size).hex()
    care.add_note(laptop.desk, case_id, {"note_kind": "VISIT", "at": laptop.clock(), "text": text})


def agree(country: Country, *laptops: Laptop) -> None:
    """Everybody holds the same, the centre included, and every operation was applied exactly once."""
    country.settle(*laptops)
    first = of_scope(laptops[0], laptops[0].actor.office)
    assert all(of_scope(laptop, laptop.actor.office) == first for laptop in laptops)
    made = sum(len(laptop.operations()) for laptop in laptops)
    assert country.operations_at_the_centre() == made
    assert all(op.result == "accepted" for laptop in laptops for op in laptop.operations())


def test_cuts_at_random_bytes_lose_nothing_and_double_nothing(
    country: Country, tries: Tries, survived: Survived
) -> None:
    chance = random.Random(2)
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    country.settle(one, two)
    cuts, turns = 0, tries(ci=100, full=600)
    with link_to(country.centre.base_url) as link:
        for turn in range(turns):
            for laptop in (one, two):
                if turn % 2 == 0:
                    write(laptop, case_id)
                link.mend(cut_at=chance.randrange(9_000 if laptop is one else 12_000))
                report = country.sync(laptop, url=link.url)
                assert report.problem is None or isinstance(report.problem, NetworkDown)
                cuts += link.broken
            country.clock.forward(seconds=20)
    assert cuts > turns
    agree(country, one, two)
    survived(cuts, of=cuts, control=f"{2 * turns - cuts} of {2 * turns} syncs were short enough to go through uncut")


@pytest.mark.parametrize("every", [8_192, 4_096])
def test_a_link_cut_every_few_kilobytes_still_carries_everything_over_in_one_go(country: Country, every: int) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    country.settle(one, two)
    write(one, case_id, size=48_000)
    write(one, case_id, size=48_000)
    with link_to(country.centre.base_url, cut_every=every) as link:
        report = country.sync(one, url=link.url)
        assert report.problem is None
        assert report.green
        assert link.cuts > 96_000 // every
        assert link.up < 2 * 110_000
        country.clock.forward(minutes=5)
        link.mend()
        received = country.sync(two, url=link.url)
        assert received.green
        assert link.down < 2 * 110_000
    assert len(open_page(two.desk, case_id).notes) == 2
    agree(country, one, two)


def test_the_half_of_a_segment_survives_a_restart(country: Country) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    country.settle(one, two)
    write(one, case_id, size=48_000)
    country.sync(one)
    with link_to(country.centre.base_url, cut_at=40_000) as link:
        assert isinstance(country.sync(two, url=link.url).problem, NetworkDown)
        assert two.count(PartialSegment) == 1
        two = country.reopened("a2")
        link.mend()
        assert country.sync(two, url=link.url).green
        assert link.down < 40_000
    assert two.count(PartialSegment) == 0
    agree(country, one, two)


def test_a_reply_lost_after_the_centre_applied_the_batch_is_fetched_not_repeated(country: Country) -> None:
    one = country.laptop("a1")
    case_id = new_case(one)
    with link_to(country.centre.base_url, swallow=b"PUT ") as link:
        report = country.sync(one, url=link.url)
        assert isinstance(report.problem, NetworkDown)
        assert link.cuts > 2
    assert [batch.state for batch in one.batches()] == ["PARTIAL"]
    assert country.operations_at_the_centre() == len(one.operations())
    assert all(op.result is None for op in one.operations())
    cases.change_case(one.desk, case_id, {"risk": "LOW"})
    again = country.sync(one)
    assert again.green
    assert again.bytes_up < 4_000  # the first batch did not travel a second time
    assert {batch.state for batch in one.batches()} == {"PROVEN"}
    agree(country, one)


def test_a_cancelled_sync_goes_on_where_it_stopped(country: Country) -> None:
    one = country.laptop("a1")
    case_id = new_case(one)
    write(one, case_id, size=49_000)
    write(one, case_id, size=49_000)
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    report = country.sync(one, cancelled=cancelled)
    assert report.cancelled
    assert not report.green
    [batch] = one.batches()
    assert batch.state == "PARTIAL"
    moved = []
    again = country.sync(one, progress=lambda at: moved.append((at.step, at.done, at.total)))
    assert again.green
    assert again.bytes_up < len(batch.data)
    assert {step for step, _done, _total in moved} == {"hello", "push", "pull", "prove"}
    pushed = [(done, total) for step, done, total in moved if step == "push"]
    assert pushed == sorted(pushed)
    agree(country, one)


def test_without_a_link_everything_waits(country: Country) -> None:
    one = country.laptop("a1")
    new_case(one)
    country.centre.stop()
    report = country.sync(one, url="http://127.0.0.1:9")
    assert isinstance(report.problem, NetworkDown)
    assert {batch.state for batch in one.batches()} == {"FROZEN"}
    country.centre.start()
    agree(country, one)
