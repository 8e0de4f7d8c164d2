"""Whether two entries are one person: candidates with reasons, the queue, merging and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import i18n
from app.errors import Forbidden, Invalid
from app.models.local import Operation
from app.models.matches import canonical
from app.models.person import Person
from app.services import care, case_list, case_page, duplicates, parties, person_merge
from app.services.case_list import CaseQuery
from app.services.desk import Desk
from app.services.intake import take
from tests.worlds import intake

NIK = "3273025508090000"
HERS = {
    "name": "Siti Aminah", "sex": "P", "birth_date": "2009-08-15", "village": "Sukamaju", "nationality": "ID",
    "phone": "+6281234567890", "account": "@siti.aminah", "health": "Asma.",
}  # fmt: skip


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.use("en", "WIB")  # the reasons are words


@pytest.fixture
def hers(desk: Desk, case_id: str) -> tuple[str, str]:
    """(the girl of case_id, the same girl entered again in a second case)."""
    again = take(desk, intake(victim={**HERS, "nik": NIK})).id
    return tuple(_victim(desk, case) for case in (case_id, again))  # type: ignore[return-value]


def _victim(desk: Desk, case_id: str) -> str:
    return case_page.open_page(desk, case_id).victims[0].person.id


def _found(desk: Desk, **values: Any) -> dict[str, tuple[str, ...]]:
    return {one.person["name"]: one.reasons for one in duplicates.candidates(desk, values)}


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"name": "Sitti Aminah", "birth_date": "2009-??-??", "village": "Suka Maju"}, "Sitti Aminah ~ Siti Aminah"),
        ({"name": "Siti Amniah"}, "Siti Amniah ~ Siti Aminah"),
        ({"name": "Orang", "nik": NIK}, "same NIK"),
        ({"name": "Orang", "other_phone": "+6281234567890"}, "same telephone"),
        ({"name": "Orang", "account": "Siti.Aminah"}, "same account"),
        ({"name": "Siti A.", "birth_date": "2009-08-15"}, "same date of birth"),
        ({"name": "SITI AMINAH", "birth_date": "2009-03-??"}, "same birth year"),
    ],
)
def test_who_is_being_typed_in_is_found_with_a_reason(desk: Desk, typed: dict[str, Any], reason: str) -> None:
    take(desk, intake(victim={**HERS, "nik": NIK}))
    assert reason in _found(desk, **typed)["Siti Aminah"]


@pytest.mark.parametrize(
    "typed",
    [{"name": "Siti Rohani"}, {"name": "Siti Aminah", "birth_date": "1971-??-??"}, {"name": "Si"}, {"name": ""}],
)
def test_a_stranger_is_not_asked_about(desk: Desk, typed: dict[str, Any]) -> None:
    take(desk, intake(victim=HERS))
    assert _found(desk, **typed) == {}


def test_a_merge_shows_one_person_everywhere_and_rewrites_nobody(desk: Desk, hers: tuple[str, str]) -> None:
    old, new = hers
    before = len(_operations(desk))
    both = person_merge.compare(desk, old, new)
    assert both.problem == ""
    assert {f.key for f in both.fields} >= {"name", "birth_date", "nik", "village"}
    assert "nationality" not in {f.key for f in both.fields}, "what is the same is not asked"
    person_merge.merge(desk, old, new, {**both.result, "name": "Siti Aminah"})
    written = _operations(desk)[before:]
    assert {op.kind for op in written} == {"key_grant", "person", "person_match"}  # a key: her health is sealed for her
    assert new not in {op.record for op in written}
    pages = [case_page.open_page(desk, item.id) for item in case_list.rows(desk, case_list.ids(desk, CaseQuery()))]
    assert [page.victims[0].person.id for page in pages] == [old, old]
    assert all(len(page.victims[0].other_cases) == 1 for page in pages)
    assert [page.victims[0].person["nik"] for page in pages] == [NIK, NIK]
    assert {page.row.victims for page in pages} == {"S.A.|P|17"}
    assert len(case_list.ids(desk, CaseQuery(text="mina"))) == 2, "both are found by what either was called"
    assert [c.person.id for c in duplicates.candidates(desk, HERS)] == [old], "who was merged is no candidate"


def test_undoing_brings_both_back_as_they_were(desk: Desk, hers: tuple[str, str]) -> None:
    old, new = hers
    was = _values(desk, old), _values(desk, new)
    health = person_merge.compare(desk, old, new).gone["health"]
    merged = person_merge.merge(desk, old, new, {"nik": NIK, "name": "Siti Aminah", "health": "Asma berat."})
    assert _values(desk, new) == was[1]
    assert health == "Asma."
    parties.change_person(desk, old, {"name": "Siti Aminah Putri"})  # somebody works on
    said = person_merge.undo(desk, merged.id)
    assert len(said.warnings) == 1
    assert _values(desk, old) == {**was[0], "name": "Siti Aminah Putri"}
    with desk.read() as session:
        assert canonical(session, new) == new
    assert person_merge.undo(desk, merged.id).changes.records == frozenset(), "twice is once"


def test_sealed_values_stay_sealed_in_what_a_merge_keeps(desk: Desk, hers: tuple[str, str]) -> None:
    old, new = hers
    person_merge.merge(desk, old, new, {"health": "Asma."})
    with desk.read() as session:
        kept = session.execute(text("SELECT chosen FROM person_match")).scalar_one()
        assert "Asma" not in kept
        assert "Asma" not in str(session.execute(select(Person.health)).all())


def test_the_queue_asks_about_each_pair_once(desk: Desk, hers: tuple[str, str]) -> None:
    old, new = hers
    parties.change_person(desk, old, {"phone": "+6281234567890"})
    take(desk, intake(victim={"name": "Bambang", "sex": "L", "birth_date": "1990-??-??"}))
    _look_through(desk)
    (pair,) = duplicates.pairs(desk)
    assert {pair.a.id, pair.b.id} == {old, new}
    assert pair.cases[0] and pair.cases[1] and pair.cases[0] != pair.cases[1]
    said = person_merge.different(desk, old, new)
    assert duplicates.pairs(desk) == ()
    parties.change_person(desk, old, {"village": "Sukamaju"})
    _look_through(desk)
    assert duplicates.waiting(desk) == 0, "nobody asks again"
    person_merge.undo(desk, said.id)
    _look_through(desk)
    assert duplicates.waiting(desk) == 1


def test_an_entry_of_another_office_is_not_merged_here(desk: Desk, hers: tuple[str, str]) -> None:
    old, new = hers
    with Session(desk.engine) as session:
        session.execute(text("UPDATE person SET scope = :o WHERE id = :p"), {"o": "e" * 32, "p": new})
        session.commit()
    with pytest.raises(Invalid, match="another office"):
        person_merge.merge(desk, old, new, {})


def test_what_is_about_an_entry_that_was_merged_is_about_the_one_it_stands_for(
    desk: Desk, case_id: str, hers: tuple[str, str]
) -> None:
    old, new = hers
    care.add_service(desk, case_id, {"service_type": "H.VISUM", "person_id": old})
    person_merge.merge(desk, new, old, {})
    page = case_page.open_page(desk, case_id)
    assert {page.services[0]["person_id"], page.consents[0]["person_id"], page.victims[0].person.id} == {new}


def test_who_may_not_write_may_not_merge(hers: tuple[str, str], as_role: Callable[[str], Desk]) -> None:
    with pytest.raises(Forbidden):
        person_merge.merge(as_role("SECRETARY"), *hers, {})


def _look_through(desk: Desk) -> None:
    while duplicates.look_further(desk, most=2):
        pass


def _values(desk: Desk, person_id: str) -> dict[str, Any]:
    return dict(person_merge.compare(desk, person_id, person_id).kept.values)


def _operations(desk: Desk) -> list[Operation]:
    with desk.read() as session:
        return list(session.scalars(select(Operation).order_by(Operation.seq)))
