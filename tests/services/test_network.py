"""Who is connected with whom: one recruiter in several cases, shared telephones and accounts, nobody else's data."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import NotFound
from app.models.ids import new_id
from app.services import parties, person_merge
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.intake import take
from app.services.network import CASE, MOST, PERSON, Finding, findings, network_of, network_of_case
from tests.worlds import GIRL, intake


def victim_of(desk: Desk, case_id: str) -> str:
    return open_page(desk, case_id).victims[0].person.id


def add(desk: Desk, case_id: str, person: Any, role: str) -> str:
    parties.add_party(desk, case_id, person, role=role)
    return open_page(desk, case_id).parties[-1].person.id if isinstance(person, dict) else person


@pytest.fixture
def ships(desk: Desk) -> tuple[str, list[str], list[str]]:
    """Three crew members of one ship, each in a case of their own, with one recruiter; the recruiter's id first."""
    made = [take(desk, intake(victim={**GIRL, "name": name, "sex": "L"})).id for name in ("Budi", "Joko", "Made")]
    recruiter = add(desk, made[0], {"name": "Herman", "sex": "L", "phone": "+6281234567890"}, "SUSPECT")
    for case_id in made[1:]:
        add(desk, case_id, recruiter, "SUSPECT")
    return recruiter, made, [victim_of(desk, case_id) for case_id in made]


def test_a_recruiter_of_three_cases_connects_their_victims(desk: Desk, ships: tuple[str, list[str], list[str]]) -> None:
    recruiter, cases, victims = ships
    around = [network_of(desk, recruiter), network_of(desk, victims[1]), network_of_case(desk, cases[1])]
    for network, start in zip(around, (recruiter, victims[1], cases[1]), strict=True):
        assert {n.id for n in network.nodes if n.kind == CASE} == set(cases)
        assert network.nodes[0].id == network.centre == start
        assert {n.id for n in network.nodes if n.kind == PERSON} >= {recruiter, *victims}
        again, together = findings(network)[:2]
        assert (again.kind, again.count, len(again.cases)) == ("SUSPECT_AGAIN", 3, 3)
        assert together == Finding(recruiter, "Herman", "CO_VICTIMS", 3)


def test_two_entries_for_one_recruiter_are_one(desk: Desk, ships: tuple[str, list[str], list[str]]) -> None:
    recruiter, cases, victims = ships
    other = take(desk, intake(victim={**GIRL, "name": "Rina", "account": "@lowongan"})).id
    again = add(desk, other, {"name": "Hermann", "sex": "L", "account": "@lowongan"}, "SUSPECT")
    saved = person_merge.merge(desk, again, recruiter, {})
    for start in (recruiter, again, victims[0]):
        network = network_of(desk, start)
        assert {n.id for n in network.nodes if n.kind == CASE} == {*cases, other}
        assert not {n.id for n in network.nodes} & {recruiter}, "shown as the entry that stays"
        assert findings(network)[0] == Finding(again, "Hermann", "SUSPECT_AGAIN", 4, _numbers(desk, [*cases, other]))
        assert {n.cases for n in network.nodes if n.id == again} == {4}
    shared = [(tie.first, tie.second) for tie in network_of(desk, again).ties if tie.label]
    rina = victim_of(desk, other)
    assert shared == [(min(again, rina), max(again, rina))]
    person_merge.undo(desk, saved.id)
    assert {n.id for n in network_of(desk, recruiter).nodes if n.kind == CASE} == set(cases)


def _numbers(desk: Desk, cases: list[str]) -> tuple[str, ...]:
    return tuple(sorted(open_page(desk, case_id).row.number for case_id in cases))


def test_a_shared_number_leads_to_somebody_in_no_common_case(
    desk: Desk, ships: tuple[str, list[str], list[str]]
) -> None:
    recruiter, _cases, _victims = ships
    other = take(desk, intake(victim={**GIRL, "name": "Sari", "other_phone": "+6281234567890"})).id
    sari = victim_of(desk, other)
    ties = [tie for tie in network_of(desk, recruiter).ties if tie.label]
    assert [(tie.first, tie.second, tie.value) for tie in ties] == [(recruiter, sari, "+6281234567890")]
    assert {n.id: n.steps for n in network_of(desk, recruiter).nodes}[sari] == 1
    said = [f for f in findings(network_of(desk, recruiter)) if f.kind == "SHARED"]
    assert said == [Finding(recruiter, "Herman", "SHARED", 1, (), (sari,), "Telephone")]
    assert [tie.second for tie in network_of(desk, sari).ties if tie.label] == [recruiter]
    parties.change_person(desk, sari, {"other_phone": None, "account": "@herman"})
    assert [tie for tie in network_of(desk, recruiter).ties if tie.label] == []


def test_a_number_that_everybody_gives_connects_nobody(desk: Desk) -> None:
    shop = {**GIRL, "phone": "+62227654321"}
    made = take(desk, intake(victim={**shop, "name": "Pertama"})).id
    for n in range(20):
        add(desk, made, {"name": f"Orang {n}", "sex": "P", "phone": "+62227654321"}, "WITNESS")
    assert [tie for tie in network_of(desk, victim_of(desk, made)).ties if tie.label] == []


def test_what_there_is_no_room_for_is_counted(desk: Desk, case_id: str) -> None:
    start = victim_of(desk, case_id)
    before = len(network_of(desk, start).nodes)
    for n in range(MOST):
        parties.add_party(desk, case_id, {"name": f"Saksi {n}", "sex": "L"}, role="WITNESS")
    network = network_of(desk, start)
    assert (len(network.nodes), network.left_out) == (MOST, before)
    ids = {node.id for node in network.nodes}
    assert all({tie.first, tie.second} <= ids for tie in network.ties)


def test_nobody_of_that_name(desk: Desk) -> None:
    with pytest.raises(NotFound):
        network_of(desk, new_id())
