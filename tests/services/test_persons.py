"""The registry of persons: found in spite of typing, merged entries once, every case and every change of one."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import NotFound
from app.models.ids import new_id
from app.services import parties, person_merge, persons
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.intake import take
from app.services.person_page import open_person
from app.services.persons import PersonItem, PersonQuery
from tests.worlds import GIRL, intake


@pytest.fixture
def people(desk: Desk) -> dict[str, str]:
    """Name -> id: three victims, and one recruiter who is in two of their cases."""
    told: dict[str, dict[str, Any]] = {
        "Siti Aminah": {"sex": "P", "birth_date": "2009-??-??", "phone": "+6281234567890", "region": "327302"},
        "Budi": {"sex": "L", "birth_date": None, "age": 17, "age_on": "2024-03-03", "region": "1171"},
        "Soekarno Putra": {"sex": "L", "birth_date": "1980-01-01"},
    }
    cases = [take(desk, intake(victim={**GIRL, "name": name, **values})).id for name, values in told.items()]
    found = {name: open_page(desk, case).victims[0].person.id for name, case in zip(told, cases, strict=True)}
    parties.add_party(desk, cases[0], {"name": "Herman", "alias": "Om Joni", "sex": "L"}, role="SUSPECT")
    found["Herman"] = open_page(desk, cases[0]).parties[-1].person.id
    parties.add_party(desk, cases[1], found["Herman"], role="SUSPECT")
    return found


def found(desk: Desk, words: str = "", **asked: Any) -> list[str]:
    keys = persons.ids(desk, PersonQuery(words, **asked))
    return [item.id for item in persons.rows(desk, keys) if item is not None]


@pytest.mark.parametrize(
    ("typed", "name"),
    [("siti", "Siti Aminah"), ("am", "Siti Aminah"), ("Sitti Aminnah", "Siti Aminah"), ("sukarno", "Soekarno Putra"),
     ("jony", "Herman"), ("b", "Budi"), ("0812345", "Siti Aminah"), ("+62812345", "Siti Aminah")],
)  # fmt: skip
def test_somebody_is_found_in_spite_of_how_it_is_typed(
    desk: Desk, people: dict[str, str], typed: str, name: str
) -> None:
    assert found(desk, typed) == [people[name]]


def test_the_list_says_no_name_and_filters_combine(desk: Desk, people: dict[str, str]) -> None:
    rows = {item.id: item for item in persons.rows(desk, persons.ids(desk, PersonQuery())) if item is not None}
    assert rows[people["Budi"]] == PersonItem(people["Budi"], "B.", "L", "19\u201320", False, "1171", ("VICTIM",), 1), (
        "an age that was estimated in 2024 has grown"
    )
    assert rows[people["Herman"]].roles == ("SUSPECT",)
    assert rows[people["Herman"]].cases == 2
    assert found(desk, role="SUSPECT") == found(desk, repeated=True) == [people["Herman"]]
    assert found(desk, region="3273", sex="P", role="VICTIM") == [people["Siti Aminah"]]
    assert found(desk, "siti", sex="L") == []
    assert found(desk, sort="cases", descending=True)[0] == people["Herman"]
    assert persons.total(desk) == len(rows)


def test_a_merged_entry_is_shown_once_with_all_its_cases(desk: Desk, people: dict[str, str]) -> None:
    before = persons.total(desk)
    again = take(desk, intake(victim={**GIRL, "name": "Herrman Tua", "sex": "L"})).id
    twice = open_page(desk, again).victims[0].person.id
    saved = person_merge.merge(desk, people["Herman"], twice, {"village": "Sukamaju"})
    asked: tuple[dict[str, Any], ...] = (
        {"words": "tua"}, {"words": "herman"}, {"role": "SUSPECT"}, {"repeated": True},
    )  # fmt: skip
    for query in asked:
        assert found(desk, **query) == [people["Herman"]]
    assert people["Herman"] in found(desk, role="VICTIM")
    assert persons.total(desk) == before
    page = open_person(desk, twice)
    assert (page.person.id, [other.id for other in page.others]) == (people["Herman"], [twice])
    assert {(part.case_id, part.role) for part in page.parts} >= {(again, "VICTIM")}
    assert len(page.parts) == 3
    assert [change.what for change in page.changes[:2]] == ["MERGED", "CHANGED"]
    person_merge.undo(desk, saved.id)
    assert persons.total(desk) == before + 1
    assert open_person(desk, twice).person.id == twice


def test_a_page_says_who_changed_what(desk: Desk, people: dict[str, str]) -> None:
    siti = people["Siti Aminah"]
    saved = parties.change_person(desk, siti, {"nik": "1171025508090000", "contact_safety": "DO_NOT_CONTACT"})
    assert saved.warnings, "a place that does not fit is said"
    page = open_person(desk, siti)
    assert page.warnings == saved.warnings
    assert page.person["birth_date"] == "2009-??-??", "nothing is taken over from the number"
    latest = page.changes[0]
    assert (latest.what, latest.by, latest.sent) == ("CHANGED", "Siti Rahma", False)
    assert {label: (before, after) for label, before, after in latest.fields}["NIK"] == ("", "1171025508090000")
    assert page.changes[-1].what == "NEW"
    with pytest.raises(NotFound):
        open_person(desk, new_id())
