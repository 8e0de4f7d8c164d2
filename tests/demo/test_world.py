"""The plan of the sample world: its shape, its people, its days."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from random import Random

import pytest

from app.demo.course import ANSWERS, PARTNER
from app.demo.distributions import quota, weights
from app.demo.meetings import IN_CASES, RECRUITER, SHARED_PHONE
from app.demo.people import nik
from app.demo.plan import CasePlan
from app.demo.world import World
from app.models.dates import earliest, is_child
from app.models.names import name_key
from app.models.nik import shape_problem, warnings
from app.models.referral import COURSE, RECIPIENT, SENDER

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def plans() -> tuple[CasePlan, ...]:
    """The two hundred cases of the demo."""
    return World(NOW).cases(200)


def test_the_same_seed_gives_the_same_world_and_another_gives_another() -> None:
    assert World(NOW, seed=1).cases(20) == World(NOW, seed=1).cases(20)
    assert World(NOW, seed=1).cases(20) != World(NOW, seed=2).cases(20)


def test_victims_have_the_shares_of_the_sources(plans: tuple[CasePlan, ...]) -> None:
    victims = [victim.person for plan in plans for victim in plan.victims]
    assert 1.1 <= len(victims) / len(plans) <= 1.3
    groups = Counter((v["sex"], bool(is_child(v.get("birth_date"), v.get("age"), NOW.date()))) for v in victims)
    expected = weights("victim_group")
    for (sex, child), name in {
        ("P", True): "child_girl", ("L", True): "child_boy", ("P", False): "woman", ("L", False): "man",
    }.items():  # fmt: skip
        assert abs(100 * groups[sex, child] / len(victims) - expected[name]) < 4, name


def test_years_recruitment_and_modes_have_the_shape_of_the_sources(plans: tuple[CasePlan, ...]) -> None:
    years = Counter(plan.reported_at.year for plan in plans)
    assert [years[year] for year in range(2022, 2027)] == [34, 22, 23, 46, 75]
    online = sum(plan.values["recruitment_place"] in ("SOCNET",) for plan in plans)
    assert 70 <= online <= 90
    assert set(Counter(plan.mode for plan in plans)) == {"PMI", "SEX", "CHILD", "SCAM", "ABK", "OTHER"}


def test_nobody_is_real(plans: tuple[CasePlan, ...]) -> None:
    people = [part.person for plan in plans for part in plan.parts if not part.again]
    names = [person["name"] for person in people]
    assert len(set(names)) == len(names)
    assert sum(" " not in name for name in names) > len(names) / 12, "one word is an ordinary name"
    cards = [person["nik"] for person in people if "nik" in person]
    assert len(cards) > 60
    assert len(set(cards)) == len(cards)
    for person in people:
        if "nik" in person:
            assert person["nik"].endswith("0000")
            assert shape_problem(person["nik"]) == ""
            assert warnings(person["nik"], sex=person["sex"], birth_date=person["birth_date"]) == ()
            assert person["nik"].startswith(person["region"])


def test_a_card_counts_forty_to_the_day_of_a_woman() -> None:
    assert nik(district="3273", born=date(2009, 8, 17), sex="P") == "3273005708090000"
    assert nik(district="327302", born=date(2009, 8, 17), sex="L") == "3273021708090000"


def test_nothing_happens_before_its_report_or_after_today(plans: tuple[CasePlan, ...]) -> None:
    for plan in plans:
        moments = [plan.reported_at, *(event.at for event in plan.happenings)]
        assert moments == sorted(moments)
        assert moments[-1] < NOW


def test_work_is_due_before_today_today_and_after(plans: tuple[CasePlan, ...]) -> None:
    due = [earliest(event.values["due"]) for plan in plans for event in plan.happenings if "due" in event.values]
    days = Counter((day > NOW.date()) - (day < NOW.date()) for day in due)
    assert min(days[-1], days[0], days[1]) >= 10
    assert max(due) - NOW.date() <= timedelta(days=21)


def test_consent_comes_before_what_leaves_on_it(plans: tuple[CasePlan, ...]) -> None:
    for plan in plans:
        agreed: set[int] = set()
        for event in plan.happenings:
            if event.what == "consent" and event.values["purpose"] == "SHARE":
                agreed.add(event.values["victim"])
            if event.what == "refer":
                assert event.values["victim"] in agreed


def test_referrals_end_in_every_state(plans: tuple[CasePlan, ...]) -> None:
    events = list(chain.from_iterable(plan.happenings for plan in plans))
    steps = Counter(event.values["step"] for event in events if event.what == "step")
    assert set(steps) == {"ACCEPTED", "DECLINED", "IN_PROGRESS", "COMPLETED", "RETURNED", "WITHDRAWN"}
    wanted = Counter(event.values["answer"] for event in events if event.values.get("to") == PARTNER)
    assert set(wanted) == set(ANSWERS)
    for plan in plans:
        state = ""
        for event in plan.happenings:
            if event.what == "refer":
                state = "SENT"
            elif event.what == "step":
                side = RECIPIENT if event.values.get("on_paper") else SENDER
                assert COURSE.may_step(state, event.values["step"], side)
                state = event.values["step"]


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_a_small_world_has_a_referral_to_the_partner(count: int) -> None:
    plans = World(NOW).cases(count)
    assert len(plans) == count
    referred = [event for plan in plans for event in plan.happenings if event.values.get("to") == PARTNER]
    assert referred or count < 5


def test_a_quota_deals_out_exactly() -> None:
    dealt = Counter(quota(Random(1), {"a": 1, "b": 2, "c": 7}, count=10))
    assert dealt == {"a": 1, "b": 2, "c": 7}
    assert len(quota(Random(1), {"a": 1, "b": 1, "c": 1}, count=10)) == 10


@pytest.mark.parametrize("count", [12, 60])
def test_a_world_tells_every_part_of_a_file(count: int) -> None:
    plans = World(NOW).cases(count)
    parts = [event.values for plan in plans for event in plan.happenings if event.what == "part"]
    kinds = Counter(part["kind"] for part in parts)
    assert set(kinds) == {
        "assessment", "goal", "safety_plan", "conference", "task", "approval", "flag", "legal_step", "hearing",
        "victim_right", "restitution", "empowerment",
    }  # fmt: skip
    assert {part["step"] for part in parts if part["kind"] == "restitution"} == {
        "CLAIMED",
        "ASSESSED",
        "ORDERED",
        "PAID",
    }
    assert any(part.get("outcome") for part in parts if part["kind"] == "empowerment")
    assert kinds["restitution"] < kinds["legal_step"] / 2, "few cases come as far"


def test_somebody_recruits_in_three_cases_and_one_person_is_entered_twice() -> None:
    plans = World(NOW).cases(12)
    known = [part for plan in plans for part in plan.parts if part.again == RECRUITER]
    assert len(known) == IN_CASES
    assert len({part.person["name"] for part in known}) == 1
    partners = [part for plan in plans for part in plan.parts if part.person.get("other_phone") == SHARED_PHONE]
    assert len(partners) == 1
    people = [(name_key(part.person["name"]), part.person.get("birth_date", ""))
              for plan in plans for part in plan.parts if not part.again]  # fmt: skip
    assert [count for (_name, born), count in Counter(people).items() if born and count > 1] == [2]
