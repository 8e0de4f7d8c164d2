"""Conflicts settled on laptops: the choice travels, both offices see it, and two different choices are heard."""

from __future__ import annotations

from typing import Any

import pytest

from app.models.all import Case, Conflict
from app.services import cases, conflicts, disputes
from app.sync.loop import items
from tests.sync.country import Country, new_case, of_scope, refer
from tests.sync.laptops import Laptop

WIDE = ("OPEN", "CASE", "IDENTIFYING", "NARRATIVE")


def meet(country: Country, one: Laptop, two: Laptop, case_id: str) -> str:
    """Both write the risk, neither knowing of the other; returns the conflict that everybody has then."""
    cases.change_case(one.desk, case_id, {"risk": "LOW"})
    cases.change_case(two.desk, case_id, {"risk": "MEDIUM"})
    country.sync(one)
    assert country.sync(two).outcomes == {"conflict": 1}
    country.settle(one, two)
    [dispute] = disputes.queue(two.desk)
    assert disputes.queue(one.desk) == (dispute,)
    return dispute.entries[0].id


def risk_of(laptop: Laptop, case_id: str) -> Any:
    case = laptop.get(Case, case_id)
    assert case is not None
    return case.risk


@pytest.fixture
def case(country: Country) -> tuple[Laptop, Laptop, str]:
    """A case that two laptops of one office know."""
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    country.settle(one, two)
    return one, two, case_id


def test_a_choice_travels_and_is_the_same_everywhere(country: Country, case: tuple[Laptop, Laptop, str]) -> None:
    one, two, case_id = case
    conflict = meet(country, one, two, case_id)
    conflicts.settle(two.desk, conflict, conflicts.OTHER)
    country.settle(two, one)
    assert risk_of(one, case_id) == risk_of(two, case_id) == "MEDIUM"
    assert disputes.queue(one.desk) == () and disputes.count(two.desk) == 0
    assert of_scope(one, one.actor.office) == of_scope(two, two.actor.office)


def test_the_same_choice_made_twice_is_one_choice(country: Country, case: tuple[Laptop, Laptop, str]) -> None:
    one, two, case_id = case
    conflict = meet(country, one, two, case_id)
    for laptop in (one, two):
        conflicts.settle(laptop.desk, conflict, conflicts.OTHER)
    country.settle(one, two)
    assert risk_of(one, case_id) == "MEDIUM" and disputes.queue(one.desk) == disputes.queue(two.desk) == ()
    assert one.count(Conflict) == 1


def test_two_different_choices_become_a_conflict_over_the_field_not_over_the_choice(
    country: Country, case: tuple[Laptop, Laptop, str]
) -> None:
    one, two, case_id = case
    conflict = meet(country, one, two, case_id)
    conflicts.settle(one.desk, conflict, conflicts.EDITED, value="HIGH")
    conflicts.settle(two.desk, conflict, conflicts.OTHER)
    country.settle(one, two)
    [dispute] = disputes.queue(two.desk)
    assert (dispute.kind, [entry["about_field"] for entry in dispute.entries]) == ("case", ["risk"])
    [sides] = [conflicts.sides_of(entry) for entry in dispute.entries]
    assert (sides.kept, sides.other) == ("HIGH", "MEDIUM") and disputes.queue(one.desk) == (dispute,)
    told = {item.code for item in items(two.setup) if item.kind == "conflict"}
    assert told == {"settled_before"}


def test_one_keeps_and_the_other_changes(country: Country, case: tuple[Laptop, Laptop, str]) -> None:
    """Whoever keeps writes nothing: the colleague's value stands, and nobody is asked about the choice itself."""
    one, two, case_id = case
    conflict = meet(country, one, two, case_id)
    conflicts.settle(one.desk, conflict, conflicts.KEPT)
    conflicts.settle(two.desk, conflict, conflicts.OTHER)
    country.settle(one, two)
    assert risk_of(one, case_id) == risk_of(two, case_id) == "MEDIUM"
    assert disputes.queue(one.desk) == disputes.queue(two.desk) == ()


def test_what_was_taken_back_waits_on_every_laptop(country: Country, case: tuple[Laptop, Laptop, str]) -> None:
    one, two, case_id = case
    conflict = meet(country, one, two, case_id)
    settled = conflicts.settle_all(two.desk, {conflict: conflicts.Choice(conflicts.OTHER)})
    country.settle(two, one)
    conflicts.undo(two.desk, settled)
    country.settle(two, one)
    assert risk_of(one, case_id) == "LOW"
    assert [dispute.entries[0].id for dispute in disputes.queue(one.desk)] == [conflict]


def test_the_receiving_office_sees_the_conflict_and_may_settle_it(country: Country) -> None:
    a, b = country.laptop("a1"), country.laptop("b1", office="B")
    country.sync(a)
    case_id = new_case(a, consent={"purpose": "SHARE", "given_by": "BOTH", "tiers": list(WIDE)})
    refer(a, case_id, "Kantor B", *WIDE)
    country.settle(a, b)
    conflict = meet(country, a, b, case_id)
    conflicts.settle(b.desk, conflict, conflicts.OTHER)
    country.settle(b, a)
    assert risk_of(a, case_id) == risk_of(b, case_id) == "MEDIUM"
    assert disputes.queue(a.desk) == disputes.queue(b.desk) == ()
    told = [laptop.get(Conflict, conflict) for laptop in (a, b)]
    assert [(each.settled, each.settled_by) for each in told if each] == [("OTHER", "Petugas b1")] * 2
