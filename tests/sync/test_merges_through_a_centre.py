"""Merges of two laptops of one office through a real centre: both show one person, and no other office hears of it."""

from __future__ import annotations

from typing import Any

from app.models.person_match import PersonMatch
from app.services import person_merge
from app.services.laptops import approve
from tests.sync.country import Country, new_case, refer
from tests.sync.test_sealed import CONSENT, HEALTH, TIERS, Place, place

AGAIN = "Asma berat"


def test_a_merge_with_sealed_values_goes_to_the_office_and_back_and_no_further(country: Country) -> None:
    a, a2, b = place(country, "a1"), place(country, "a2"), place(country, "b1", office="B")
    for each in (a, a2, b, a):
        each.sync()
    approve(a.desk, a2.id)
    cases, people = _two(a)
    refer(a, cases[1], "Kantor B", *TIERS)  # the entry that goes is shown to another office
    merge = person_merge.merge(a.desk, *people, {"health": AGAIN}).id
    for each in (a, a2, b, a2):
        each.sync()
    for each in (a, a2):
        assert [_seen(each, case) for case in cases] == [(people[0], AGAIN)] * 2
    assert (_seen(b, cases[1]), b.laptop.count(PersonMatch)) == ((people[1], HEALTH), 0)
    scopes = country.centre.sql("SELECT DISTINCT scope FROM feed WHERE kind = 'person_match'")
    assert [scope.hex for (scope,) in scopes] == [a.desk.actor.office]
    held = country.centre.sql("SELECT content FROM feed WHERE kind = 'person_match'")
    assert not any(word.encode() in bytes(content) for (content,) in held for word in (AGAIN, HEALTH)), "tokens only"
    person_merge.undo(a2.desk, merge)
    for each in (a2, a, b):
        each.sync()
    for each in (a, a2):
        assert [_seen(each, case) for case in cases] == [(people[0], HEALTH), (people[1], HEALTH)]


def _two(at: Place) -> tuple[list[str], list[str]]:
    girls: list[dict[str, Any]] = [{"name": name, "sex": "P", "health": HEALTH} for name in ("Siti A.", "Sitti A.")]
    cases = [new_case(at, victim=girl, consent=CONSENT) for girl in girls]
    return cases, [at.victim(case).id for case in cases]


def _seen(at: Place, case_id: str) -> tuple[str, Any]:
    person = at.victim(case_id)
    return person.id, person["health"]
