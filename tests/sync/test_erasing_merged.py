"""Somebody who was entered twice is erased whole: every entry, what was decided of them, and nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.models.all import Case, Erasure, Person, PersonMatch
from app.models.keyring import KeyGrant
from app.services import care, duplicates, parties, person_merge
from app.services.case_page import open_page
from tests.sync.country import Country, new_case
from tests.sync.graves import in_files, tables_with
from tests.sync.laptops import Laptop
from tests.sync.test_erasing import NEEDLE, at_the_centre, erase, keep_quiet, world

__all__ = ["world"]


def merged(laptop: Laptop) -> tuple[list[str], list[str]]:
    """Three cases of one girl who was entered three times; the entry of the second stands for that of the first.

    What the decision keeps of before, and the entry of the second, hold the needle.
    """
    names = ({"name": "Rina Wati"}, {"name": NEEDLE, "alias": NEEDLE + " lama"}, {"name": "Rinna Wati"})
    found = [new_case(laptop, victim={"sex": "P", "birth_date": "2009-08-15", **name}) for name in names]
    people = [open_page(laptop.desk, case).victims[0].person.id for case in found]
    person_merge.merge(laptop.desk, people[1], people[0], {"alias": "Lain"})
    care.add_service(laptop.desk, found[0], {"service_type": "H.VISUM", "goal": NEEDLE, "person_id": people[1]})
    while duplicates.look_further(laptop.desk):
        pass
    return found, people


@pytest.mark.parametrize("sent", [True, False])
def test_a_person_goes_with_every_entry_and_with_what_was_decided_of_them(
    world: tuple[Country, Laptop, Laptop, Laptop], tmp_path: Path, sent: bool
) -> None:
    country, a, a2, _b = world
    found, people = merged(a)
    if sent:
        keep_quiet(country, a, a2)
        late = person_merge.merge(a2.desk, people[1], people[2], {"village": NEEDLE}).id
        parties.change_person(a2.desk, people[1], {"village": "Sukamaju"})
        assert {"person_match", "person", "operation"} <= set(tables_with(a2, NEEDLE))
        assert {"batch", "feed", "record"} <= set(at_the_centre(country))
    erase(a, people[1], kind="person")
    assert (a.get(Person, people[0]), a.get(Person, people[1]), a.count(PersonMatch)) == (None, None, 0)
    keep_quiet(country, a, a2, a)
    for laptop in (a, a2):
        assert (laptop.count(PersonMatch), laptop.count(Person), laptop.count(Erasure)) == (0, 1, 2)
        assert laptop.get(Person, people[2]) is not None, "nobody had said yet that it is she"
        assert tables_with(laptop, NEEDLE) == []
        assert tables_with(laptop, NEEDLE.lower()) == []
        assert in_files(laptop, NEEDLE, scratch=tmp_path / "pages") == []
        assert all(laptop.get(Case, case) is not None for case in found)
    assert at_the_centre(country) == []
    if sent:
        assert a2.get(PersonMatch, late) is None


def test_a_case_leaves_who_stands_for_somebody_in_another_case(
    world: tuple[Country, Laptop, Laptop, Laptop], tmp_path: Path
) -> None:
    country, a, a2, _b = world
    found, people = merged(a)
    keep_quiet(country, a, a2)
    erase(a, found[1])
    keep_quiet(country, a, a2)
    for laptop in (a, a2):
        [victim] = open_page(laptop.desk, found[0]).victims
        assert (victim.person.id, laptop.count(PersonMatch)) == (people[1], 1)
    erase(a2, found[0])  # now she is in no case, nor is the other entry
    keep_quiet(country, a2, a)
    for laptop in (a, a2):
        assert (laptop.count(PersonMatch), laptop.count(Person)) == (0, 1)
        assert tables_with(laptop, NEEDLE) == tables_with(laptop, NEEDLE.lower()) == []
        assert in_files(laptop, NEEDLE, scratch=tmp_path / "pages") == []
    assert at_the_centre(country) == []


def test_who_stays_keeps_keys_and_merges(world: tuple[Country, Laptop, Laptop, Laptop]) -> None:
    """The laptop that erased knew of no other case, and let go of what hangs on her alone: all of it comes again."""
    country, a, a2, _b = world
    first = new_case(a, victim={"name": "Rina", "sex": "P", "health": "Asma."})
    girl = open_page(a.desk, first).victims[0].person.id
    third = new_case(a, victim={"name": "Rinna", "sex": "P"})
    other = open_page(a.desk, third).victims[0].person.id
    person_merge.different(a.desk, girl, other)
    keep_quiet(country, a, a2)
    parties.add_party(a2.desk, new_case(a2, victim={"name": "Wati", "sex": "P"}), girl, role="WITNESS")
    keep_quiet(country, a2)
    keys = a2.count(KeyGrant)
    erase(a, first)
    keep_quiet(country, a, a2, a)
    for laptop in (a, a2):
        assert laptop.get(Person, girl) is not None
        assert (laptop.count(PersonMatch), laptop.count(KeyGrant)) == (1, keys)
