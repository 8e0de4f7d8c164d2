"""Two values of one field: a person chooses, once; the choice and the value are saved together."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.errors import Conflicted, Forbidden, Invalid
from app.models.conflict import Conflict
from app.models.journal import Journal
from app.models.local import Operation
from app.services import cases, conflicts, disputes
from app.services.case_page import open_page
from app.services.conflicts import Choice
from app.services.desk import Desk

Make = Callable[..., str]


@pytest.fixture
def conflict(desk: Desk, case_id: str) -> Make:
    """Enters a conflict as the sync does; returns its id."""

    def make(field: str = "risk", kept: Any = "HIGH", other: Any = "LOW", kind: str = "case") -> str:
        with Session(desk.engine) as session:
            session.info["journal"] = Journal(desk.actor, desk.now, applying=True)
            made = Conflict(
                case_id=case_id, about_kind=kind, about_id=case_id, about_field=field,
                kept=json.dumps(kept), other=json.dumps(other), kept_by="Ratna", other_by="Siti",
            )  # fmt: skip
            session.add(made)
            session.commit()
            return made.id

    return make


def operations(desk: Desk) -> int:
    with Session(desk.engine) as session:
        return session.query(Operation).count()


@pytest.mark.parametrize(
    ("choice", "value", "risk"), [("KEPT", None, "HIGH"), ("OTHER", None, "LOW"), ("EDITED", "MEDIUM", "MEDIUM")]
)
def test_the_choice_and_the_value_are_saved_together(
    desk: Desk, case_id: str, conflict: Make, choice: str, value: Any, risk: str
) -> None:
    found, before = conflict(), operations(desk)
    saved = conflicts.settle(desk, found, choice, value=value)
    page = open_page(desk, case_id)
    assert page.case["risk"] == risk and page.conflicts == ()
    assert case_id in saved.changes.cases
    assert operations(desk) - before == (1 if choice == "KEPT" else 2)


def test_a_conflict_over_a_person_is_settled_in_the_cases_of_that_person(desk: Desk, case_id: str) -> None:
    person = open_page(desk, case_id).victims[0].person
    with Session(desk.engine) as session:
        session.info["journal"] = Journal(desk.actor, desk.now, applying=True)
        made = Conflict(
            case_id=None, about_kind="person", about_id=person.id, about_field="alias",
            kept=json.dumps("Mina"), other=json.dumps("Mela"), kept_by="Ratna", other_by="Siti",
        )  # fmt: skip
        session.add(made)
        session.commit()
    [shown] = open_page(desk, case_id).conflicts
    assert conflicts.unsettled_about(desk, person.id) == (shown,)
    conflicts.settle(desk, shown.id, "OTHER")
    page = open_page(desk, case_id)
    assert page.victims[0].person["alias"] == "Mela" and page.conflicts == ()
    assert conflicts.unsettled_about(desk, person.id) == ()


def test_it_is_settled_once(desk: Desk, conflict: Make) -> None:
    found = conflict()
    conflicts.settle(desk, found, "OTHER")
    with pytest.raises(Conflicted):
        conflicts.settle(desk, found, "KEPT")


@pytest.mark.parametrize(
    ("choice", "value", "error"),
    [("BOTH", "MEDIUM", Invalid), ("EDITED", "NONSENSE", Invalid), ("EDITED", None, Invalid)],
)
def test_nonsense_changes_nothing(
    desk: Desk, case_id: str, conflict: Make, choice: str, value: Any, error: type[Exception]
) -> None:
    found, before = conflict(), operations(desk)
    with pytest.raises(error):
        conflicts.settle(desk, found, choice, value=value)
    page = open_page(desk, case_id)
    assert page.case["risk"] == "HIGH" and len(page.conflicts) == 1 and operations(desk) == before


def test_a_field_of_a_newer_program_can_be_left_as_it_is_but_not_changed(desk: Desk, conflict: Make) -> None:
    found = conflict("colour", "red", "blue")
    with pytest.raises(Conflicted):
        conflicts.settle(desk, found, "OTHER")
    conflicts.settle(desk, found, "KEPT")


def test_who_may_not_write_may_not_settle(desk: Desk, conflict: Make, as_role: Callable[[str], Desk]) -> None:
    with pytest.raises(Forbidden):
        conflicts.settle(as_role("SECRETARY"), conflict(), "KEPT")


def test_both_sides_can_be_read_with_their_kinds(desk: Desk, case_id: str, conflict: Make) -> None:
    conflict("exploitation", ["SEX.PROST"], [])
    sides = conflicts.sides_of(open_page(desk, case_id).conflicts[0])
    assert (sides.kept, sides.other) == (("SEX.PROST",), ()) and (sides.kept_by, sides.other_by) == ("Ratna", "Siti")
    assert conflicts.value_of(None, "[broken") == "[broken"


def test_several_are_settled_together_or_none(desk: Desk, case_id: str, conflict: Make) -> None:
    risk, gone = conflict(), conflict("transit", "Batam", "Dumai")
    conflicts.settle(desk, gone, "KEPT")
    with pytest.raises(Conflicted):
        conflicts.settle_all(desk, {risk: Choice("OTHER"), gone: Choice("OTHER")})
    assert open_page(desk, case_id).case["risk"] == "HIGH"


def test_what_was_settled_is_taken_back_whole(desk: Desk, case_id: str, conflict: Make) -> None:
    settled = conflicts.settle_all(
        desk, {conflict(): Choice("OTHER"), conflict("transit", "Batam", "Dumai"): Choice("EDITED", "Siak")}
    )
    assert (open_page(desk, case_id).case["risk"], open_page(desk, case_id).case["transit"]) == ("LOW", "Siak")
    conflicts.undo(desk, settled)
    page = open_page(desk, case_id)
    assert (page.case["risk"], page.case["transit"], len(page.conflicts)) == ("HIGH", None, 2)


def test_what_was_changed_since_is_not_taken_back(desk: Desk, case_id: str, conflict: Make) -> None:
    settled = conflicts.settle_all(
        desk, {conflict(): Choice("OTHER"), conflict("transit", "Batam", "Dumai"): Choice("OTHER")}
    )
    cases.change_case(desk, case_id, {"transit": "Siak"})
    with pytest.raises(Conflicted):
        conflicts.undo(desk, settled)
    assert open_page(desk, case_id).case["risk"] == "LOW" and open_page(desk, case_id).conflicts == ()


def test_a_settled_one_waits_again(desk: Desk, case_id: str, conflict: Make) -> None:
    found = conflict()
    conflicts.settle(desk, found, "OTHER")
    conflicts.reopen(desk, found)
    assert open_page(desk, case_id).case["risk"] == "LOW" and len(open_page(desk, case_id).conflicts) == 1
    with pytest.raises(Conflicted):
        conflicts.reopen(desk, found)


def test_the_queue_groups_by_record_and_leads_to_a_case(desk: Desk, case_id: str, conflict: Make) -> None:
    conflict()
    conflict("transit", "Batam", "Dumai")
    person = open_page(desk, case_id).victims[0].person
    with Session(desk.engine) as session:
        session.info["journal"] = Journal(desk.actor, desk.now, applying=True)
        session.add(
            Conflict(
                case_id=None, about_kind="person", about_id=person.id, about_field="alias",
                kept=json.dumps("Mina"), other=json.dumps("Mela"), kept_by="Ratna", other_by="Siti",
            )
        )  # fmt: skip
        session.commit()
    number = open_page(desk, case_id).row.number
    told = [(d.kind, d.case_id, d.case_number, [e["about_field"] for e in d.entries]) for d in disputes.queue(desk)]
    assert told == [("person", case_id, number, ["alias"]), ("case", case_id, number, ["risk", "transit"])]
    assert disputes.count(desk) == 2 and disputes.queue(desk, settled=True) == ()
