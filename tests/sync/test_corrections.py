"""What the real centre refused, corrected by a person: one new operation, the old one settled, followers go along."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from app.errors import Conflicted, Invalid
from app.models.all import Note, Person
from app.models.local import Operation
from app.models.permission import Permission
from app.services import care, case_page
from app.services.corrections import correct, correctable
from app.services.intake import take
from app.sync.items import item_ids, item_rows
from app.sync.pending import changes_of
from app.sync.report import SyncItem
from app.sync.settle import settle_all
from tests.sync.country import Country
from tests.sync.laptops import Laptop
from tests.worlds import GIRL, intake

WRONG = "0812"


@pytest.fixture
def laptop(country: Country) -> Laptop:
    """A laptop in step with the centre."""
    made = country.laptop("a1")
    country.settle(made)
    return made


def new_person(laptop: Laptop) -> tuple[str, str]:
    """(case, person) of a whole intake."""
    case_id = take(laptop.desk, intake(victim={**GIRL, "nik": None})).id
    return case_id, case_page.open_page(laptop.desk, case_id).victims[0].person.id


def unchecked(laptop: Laptop, person: str, **values: object) -> None:
    """As an older program without the check would save it."""
    with laptop.desk.write(Permission.WRITE_CASE) as session:
        for key, value in values.items():
            setattr(session.get_one(Person, person), key, value)


def standing(laptop: Laptop, states: str = "problem") -> list[SyncItem]:
    with laptop.session() as session:
        return item_rows(session, item_ids(session, states=states))


def test_a_wrong_value_is_corrected_and_what_else_it_wanted_goes_along(country: Country, laptop: Laptop) -> None:
    _case, person = new_person(laptop)
    country.settle(laptop)
    unchecked(laptop, person, phone=WRONG, occupation="Penjahit", disability=("SENS_SIGHT",))
    country.sync(laptop)
    [item] = standing(laptop)
    assert (item.state, item.code, item.field) == ("refused", "phone_shape", "phone")
    found = correctable(laptop.desk, item.seq)
    assert found is not None
    assert set(found.keys) == {"phone", "occupation", "disability"}
    assert found.field == "phone"
    assert found.values["phone"] == WRONG
    with pytest.raises(Invalid):
        correct(laptop.desk, item.seq, {"phone": "0813"})
    assert len(standing(laptop)) == 1, "a correction that is none changes nothing"
    correct(laptop.desk, item.seq, {"phone": "+6281234567890", "disability": ("SENS_HEARING",)})
    assert correctable(laptop.desk, item.seq) is None
    with pytest.raises(Conflicted):
        correct(laptop.desk, item.seq, {"phone": None})
    assert country.sync(laptop).outcomes == {"accepted": 1}
    assert not standing(laptop)
    second = country.laptop("a2")
    country.settle(second)
    with second.session() as session:
        there = session.get_one(Person, person)
        assert (there.phone, there.occupation) == ("+6281234567890", "Penjahit")
        with laptop.session() as here:
            assert there.disability == here.get_one(Person, person).disability
        assert len(there.disability) == 1


def test_a_case_refused_at_first_comes_whole_and_all_that_waited_for_it_too(country: Country, laptop: Laptop) -> None:
    case_id, _person = new_person(laptop)
    with laptop.setup.write() as session:  # as an older program without the check would have made it
        made = session.scalars(select(Operation).where(Operation.record == case_id).order_by(Operation.seq)).first()
        assert made is not None
        made.changes = msgspec.msgpack.encode(changes_of(made) | {"summary": "bel\x07"})
    care.add_note(laptop.desk, case_id, {"note_kind": "OBSERVATION", "at": laptop.clock(), "text": "Berkunjung."})
    country.sync(laptop)
    stopped = standing(laptop)
    assert len(stopped) > 3, "the case, and what hangs on it"
    [creation] = [item for item in stopped if item.code == "controls"]
    assert creation.new
    correct(laptop.desk, creation.seq, {"summary": "Ditelepon dari bel."})
    assert not standing(laptop), "those that waited for it go along"
    country.settle(laptop)
    assert not standing(laptop)
    second = country.laptop("a2")
    country.settle(second)
    assert case_page.open_page(second.desk, case_id).case["summary"] == "Ditelepon dari bel."
    with second.session() as session:
        assert session.scalars(select(Note)).one().text == "Berkunjung."


def test_all_that_one_rule_refused_is_settled_at_once(country: Country, laptop: Laptop) -> None:
    people = [new_person(laptop)[1] for _ in range(3)]
    country.settle(laptop)
    for person in people:
        unchecked(laptop, person, phone=WRONG)
    country.sync(laptop)
    assert [item.code for item in standing(laptop, "refused")] == ["phone_shape"] * 3
    setup = laptop.setup
    settle_all(setup, "phone_shape", how="again")
    assert len(standing(laptop, "waiting")) == 3
    country.sync(laptop)
    assert len(standing(laptop, "refused")) == 3, "the rule is still the rule"
    settle_all(setup, "phone_shape", how="discard")
    assert not standing(laptop)
    with laptop.session() as session:
        assert WRONG not in {session.get_one(Person, person).phone for person in people}


def test_ten_thousand_entries_are_found_by_state_and_number(country: Country, laptop: Laptop) -> None:
    case_id, _person = new_person(laptop)
    country.settle(laptop)
    number = case_page.open_page(laptop.desk, case_id).case["number"]
    other, _person = new_person(laptop)
    with laptop.session() as session:
        assert item_ids(session, states="waiting", words=number) == []
        mine = item_ids(session, words=number[-4:])
        assert {row.case_id for row in item_rows(session, mine)} == {case_id}
        waiting = item_rows(session, item_ids(session, states="waiting"))
        assert {row.case_id for row in waiting if row.case_id} == {other}
        assert item_ids(session, words="%") == []
        assert item_ids(session) == item_ids(session, states="waiting") + item_ids(session, states="proven")
