"""When a laptop synchronises by itself, and how long it waits after a failure: tables, and no clock that runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from app.sync.auto import AFTER_FIRST, LONGEST, SHORTEST, Auto, Conditions, pause

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
EIGHT = 8 * 3600


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def after_saves(moments: Sequence[float]) -> Auto:
    auto = Auto()
    for moment in moments:
        auto = auto.changed(at(moment))
    return auto


@pytest.mark.parametrize(
    ("saves", "due"),
    [
        ([], None),
        ([0], 1),
        ([0, 0.5, 1.2], 2.2),
        ([n * 0.9 for n in range(100)], 60),  # somebody who never stops is not waited for
        ([0, 59.5], 60),
        ([0, 70], 60),
    ],
)
def test_a_second_after_the_last_save_and_a_minute_after_the_first(saves: list[float], due: float | None) -> None:
    found = after_saves(saves).due(Conditions(on=True), now=at(max(saves, default=0)))
    assert found == (None if due is None else at(due))


@pytest.mark.parametrize(
    ("conditions", "goes"),
    [
        (Conditions(), False),
        (Conditions(urgent=True), False),  # the office did not turn it on: nothing is urgent enough
        (Conditions(on=True), True),
        (Conditions(on=True, running=True), False),
        (Conditions(on=True, metered=True), False),
        (Conditions(on=True, metered=True, urgent=True), True),
        (Conditions(on=True, metered=True, slot=EIGHT), False),
    ],
)
def test_what_else_has_to_be_so(conditions: Conditions, goes: bool) -> None:
    assert (after_saves([0]).due(conditions, now=at(5)) is not None) is goes


def test_not_while_a_form_is_being_saved() -> None:
    auto, now = after_saves([0]), at(600)
    assert auto.due(Conditions(on=True, saving=True), now=now) > now  # type: ignore[operator]
    assert auto.due(Conditions(on=True), now=now) == at(1)


def test_a_sync_that_went_well_leaves_nothing_to_do_and_one_that_failed_is_tried_again_later() -> None:
    auto = after_saves([0, 3])
    assert auto.succeeded(at(10)).due(Conditions(on=True), now=at(11)) is None
    again = auto.failed(at(10))
    assert again.due(Conditions(on=True), now=at(11)) == at(10) + SHORTEST
    later = again.failed(at(20)).failed(at(40))
    assert later.due(Conditions(on=True), now=at(41)) == at(40) + 4 * SHORTEST
    assert later.changed(at(42)).due(Conditions(on=True), now=at(42)) == at(40) + 4 * SHORTEST, (
        "a save does not hurry it"
    )
    asked = auto.failed(at(10), retry_after=900)
    assert asked.due(Conditions(on=True), now=at(11)) >= at(910)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("good", "now", "due"),
    [
        (None, NOON, NOON.replace(hour=8)),  # never yet, and eight has passed
        (NOON.replace(hour=8, minute=5), NOON, NOON.replace(day=25, hour=8)),
        (NOON - timedelta(days=1), NOON, NOON.replace(hour=8)),
        (NOON - timedelta(days=1), NOON.replace(hour=7), NOON.replace(hour=8)),
        (NOON - timedelta(days=9), NOON.replace(hour=7), NOON.replace(day=23, hour=8)),
    ],
)
def test_once_a_day_at_the_time_the_centre_named(good: datetime | None, now: datetime, due: datetime) -> None:
    assert Auto(good=good).due(Conditions(on=True, slot=EIGHT), now=now) == due


def test_pauses_grow_are_never_the_same_and_obey_the_centre() -> None:
    middle = [pause(failures).total_seconds() for failures in range(12)]
    assert middle[:4] == [5, 10, 20, 40]
    assert middle == sorted(middle)
    assert middle[-1] == LONGEST.total_seconds()
    assert pause(3, chance=lambda: 0.0) < pause(3, chance=lambda: 1.0)
    for chance in (0.0, 0.5, 1.0):
        assert pause(0, retry_after=120, chance=lambda chance=chance: chance) >= timedelta(seconds=120)
    assert pause(10**9) <= LONGEST
    assert pause(0, retry_after=10**9) <= timedelta(days=1.25)


def test_whoever_types_all_day_is_carried_every_minute() -> None:
    auto, begun, now = Auto(), [], at(0)
    while now < at(600):
        auto = auto.changed(now)
        due = auto.due(Conditions(on=True), now=now)
        if due is not None and due <= now:
            begun.append(now)
            auto = auto.succeeded(now)
        now += timedelta(seconds=0.7)
    gaps = [later - earlier for earlier, later in pairwise(begun)]
    assert gaps
    assert all(AFTER_FIRST <= gap <= AFTER_FIRST + timedelta(seconds=2) for gap in gaps)


def test_what_another_sync_carried_calls_for_none() -> None:
    auto = Auto().changed(at(0)).nothing_waits()
    assert auto.due(Conditions(on=True), now=at(300)) is None
