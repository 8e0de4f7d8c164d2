"""Law, restitution and empowerment: what a rule refuses, what it only says, and what adds up."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import Invalid
from app.i18n import speaking
from app.services import legal, parties, restitution
from app.services.case_page import open_page
from app.services.case_parts import add_part, change_part
from app.services.cases import change_case
from app.services.desk import Desk
from app.services.intake import take
from tests.worlds import intake

TODAY, AHEAD = "2026-11-20", "2027-01-05"
STEP = {"stage": "LP", "day": TODAY, "articles": ["UU21-4"]}
HEARING = {"hearing_kind": "TRIAL"}
RIGHT = {"right_code": "RESTITUTION", "state": "TOLD"}
PAID = {"step": "PAID", "day": TODAY, "amount": 5_000_000}
OFFER = {"opportunity": "TRAINING", "answer": "ACCEPTED", "offered_on": "2026-02-01", "started_on": "2026-02-09"}


REFUSED: tuple[tuple[str, dict[str, Any], dict[str, Any], str], ...] = (
    ("legal_step", STEP, {"day": AHEAD}, "day"),
    ("legal_step", STEP, {"stage": "NO_SUCH"}, "stage"),
    ("legal_step", STEP, {"day": None}, "day"),
    ("legal_step", STEP, {"told_at": AHEAD}, "told_at"),
    ("hearing", HEARING, {"at": "later", "result": "Postponed"}, "result"),
    ("victim_right", RIGHT, {"state": "DENIED"}, "note"),
    ("victim_right", RIGHT, {"day": AHEAD}, "day"),
    ("restitution", PAID, {"amount": None}, "amount"),
    ("restitution", PAID, {"amount": 0}, "amount"),
    ("restitution", PAID, {"step": "ORDERED", "copy_on": "2026-01-01"}, "copy_on"),
    ("empowerment", OFFER, {"answer": "DECLINED"}, "started_on"),
    ("empowerment", OFFER, {"answered_on": "2026-01-01"}, "answered_on"),
    ("empowerment", OFFER, {"ended_on": "2026-02-01"}, "ended_on"),
    ("empowerment", OFFER, {"started_on": None, "outcome": "EMPLOYED"}, "outcome"),
)


def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_saved(desk: Desk, case_id: str) -> None:
    later = desk.now().replace(year=desk.now().year + 1)
    for kind, good, bad, field in REFUSED:
        changed = {**good, **bad, **({"at": later} if bad.get("at") else {})}
        with pytest.raises(Invalid) as refused:
            add_part(desk, case_id, kind, changed)
        assert [at for at, _said in refused.value.problems] == [field], (kind, bad)
    page = open_page(desk, case_id)
    for kind, good in {kind: good for kind, good, _bad, _field in REFUSED}.items():
        assert page.parts[kind] == ()
        assert add_part(desk, case_id, kind, good).id


def test_somebody_who_is_no_suspect_here_is_refused_as_one(desk: Desk, case_id: str) -> None:
    (victim,) = open_page(desk, case_id).victims
    with pytest.raises(Invalid) as refused:
        add_part(desk, case_id, "legal_step", {**STEP, "person_id": victim.person.id})
    assert refused.value.problems[0][0] == "person_id"
    parties.add_party(desk, case_id, {"name": "Rudi", "sex": "L"}, role="SUSPECT")
    suspect = next(p for p in open_page(desk, case_id).parties if p.party["role"] == "SUSPECT")
    assert add_part(desk, case_id, "legal_step", {**STEP, "person_id": suspect.person.id}).warnings == ()


def test_an_article_that_was_replaced_is_said_and_saved(desk: Desk, case_id: str) -> None:
    change_case(desk, case_id, {"freed_on": "2026-03-??"})
    with speaking("en"):
        saved = add_part(desk, case_id, "legal_step", {**STEP, "articles": ["UU21-2"]})
        assert "Art. 455" in saved.warnings[0]
        assert change_part(desk, "legal_step", saved.id, {"institution": "Polda"}).warnings == ()
        change_case(desk, case_id, {"freed_on": "2025-12-??"})
        assert add_part(desk, case_id, "legal_step", {**STEP, "articles": ["UU21-2"]}).warnings == ()


def test_the_latest_entry_about_a_right_counts_and_the_earlier_ones_stay(desk: Desk, case_id: str) -> None:
    add_part(desk, case_id, "victim_right", {**RIGHT, "day": "2026-03-01"})
    add_part(desk, case_id, "victim_right", {**RIGHT, "state": "GIVEN", "day": "2026-06-01"})
    add_part(desk, case_id, "victim_right", {**RIGHT, "state": "DENIED", "day": "2026-05-01", "note": "No LPSK here"})
    page = open_page(desk, case_id)
    states = {s.code: s for s in legal.checklist(page.parts["victim_right"], page.victims[0].person.id)}
    told = states["RESTITUTION"]
    assert told.latest is not None
    assert [told.latest["state"], *(e["state"] for e in told.earlier)] == ["GIVEN", "DENIED", "TOLD"]
    assert states["SHELTER"].latest is None


def test_the_ledger_of_a_victim_adds_up_and_a_surplus_is_said(desk: Desk, case_id: str) -> None:
    for values in (
        {"step": "CLAIMED", "day": "2026-01-05", "amount": 120_000_000},
        {"step": "ORDERED", "day": "2026-05-02", "amount": 12_000_000, "copy_on": "2026-05-09"},
        PAID,
    ):
        assert add_part(desk, case_id, "restitution", values).warnings == ()
    page = open_page(desk, case_id)
    victim = page.victims[0].person.id
    found = restitution.ledger(page.parts["restitution"], victim)
    assert (found.claimed, found.demanded, found.ordered, found.paid) == (120_000_000, None, 12_000_000, 5_000_000)
    assert found.shortfall == 7_000_000
    with speaking("en"):
        (said,) = add_part(desk, case_id, "restitution", {**PAID, "amount": 8_000_000}).warnings
        assert "Rp\u00a01,000,000" in said


def test_a_victim_who_is_a_suspect_elsewhere_is_shown_until_somebody_looked(desk: Desk, case_id: str) -> None:
    (victim,) = open_page(desk, case_id).victims
    other = take(desk, intake()).id
    parties.add_party(desk, other, victim.person.id, role="SUSPECT")
    assert legal.accused_victims(desk, case_id) == (victim.person.id,)
    assert legal.accused_victims(desk, other) == ()
    parties.change_party(desk, victim.party.id, {"forced_offence": "RAISED"})
    assert legal.accused_victims(desk, case_id) == ()


def test_an_outcome_soon_after_the_end_is_said_to_be_early(desk: Desk, case_id: str) -> None:
    saved = add_part(desk, case_id, "empowerment", {**OFFER, "ended_on": "2026-08-01"})
    assert change_part(desk, "empowerment", saved.id, {"outcome": "EMPLOYED"}).warnings
    again = add_part(desk, case_id, "empowerment", {**OFFER, "ended_on": "2026-03-01"})
    assert change_part(desk, "empowerment", again.id, {"outcome": "EMPLOYED"}).warnings == ()
