"""The list of cases: words find in spite of typing, say where, and filters combine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app import i18n
from app.models.permission import Permission
from app.models.referral import ReferralEvent
from app.models.search_text import OPEN, SHUT
from app.services import care, case_list, case_page, cases, directory, parties, referrals
from app.services.case_list import CaseQuery
from app.services.case_parts import add_part
from app.services.desk import Desk
from app.services.intake import take
from tests.worlds import REPORT, intake

MAN = {"name": "Bambang Wijaya", "sex": "L", "birth_date": "1990-05-17", "nationality": "ID", "region": "3515"}


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.use("en", "WIB")


@pytest.fixture
def his(desk: Desk, case_id: str) -> str:
    """A man's case beside the girl's."""
    case = {**REPORT, "risk": "LOW", "exploitation": ["SEX.PROST"]}
    return take(desk, intake(case=case, victim=MAN, consent=None)).id


def _cases(desk: Desk, **query: Any) -> list[str]:
    return [row.id for row in case_list.rows(desk, case_list.ids(desk, CaseQuery(**query)))]


@pytest.mark.parametrize(
    "typed", ["Sitti Aminah", "Siti Aminah", "siti amin", "Siti Amniah", "aminah siti", "S. Aminnah", "Mina", "Meina"]
)
def test_a_name_is_found_in_spite_of_how_it_is_typed(desk: Desk, case_id: str, his: str, typed: str) -> None:
    assert _cases(desk, text=typed) == [case_id]


def test_nobody_is_found_by_what_only_looks_a_little_alike(desk: Desk, case_id: str, his: str) -> None:
    assert _cases(desk, text="Siti Rohani") == _cases(desk, text="99-12345") == _cases(desk, text="budi") == []


def test_a_row_says_where_the_words_were_found_and_names_nobody(desk: Desk, case_id: str) -> None:
    care.add_note(desk, case_id, {"text": "Ibunya menelepon dari Surabaya dan menangis lama sekali di telepon."})
    keys = case_list.ids(desk, CaseQuery(text="suraba"))
    (row,) = case_list.rows(desk, keys, words="suraba")
    assert f"{OPEN}Surabaya{SHUT}" in row.found
    (row,) = case_list.rows(desk, keys, words="sitti")
    assert row.found == "a name or number"
    (row,) = case_list.rows(desk, keys, words="amniah")
    assert "sounds alike" in row.found


def test_sealed_words_are_in_no_snippet(desk: Desk, case_id: str) -> None:
    parties.add_party(desk, case_id, {"name": "Rina", "sex": "P", "health": "tuberkulosis"}, role="WITNESS")
    keys = case_list.ids(desk, CaseQuery())
    for word in ("tuberkulosis", "rina", "kerja"):
        assert all("tuberkulosis" not in row.found for row in case_list.rows(desk, keys, words=word))


@pytest.mark.parametrize(
    "query",
    [
        {"child": True}, {"flagged": True}, {"my_tasks": True}, {"risk": "HIGH", "child": True},
        {"text": "sitti", "flagged": True}, {"until": "2026-11-01"},
    ],
)  # fmt: skip
def test_filters_combine_and_leave_the_other_out(desk: Desk, case_id: str, his: str, query: dict[str, Any]) -> None:
    cases.change_case(desk, case_id, {"reported_at": desk.now() - timedelta(days=60)})
    add_part(desk, case_id, "flag", {"reason": "OTHER", "text": "Diancam."})
    add_part(desk, case_id, "task", {"title": "Telepon ibunya", "assignee": desk.actor.user})
    assert _cases(desk, **query) == [case_id]
    assert set(_cases(desk)) == {case_id, his}


@pytest.mark.parametrize(
    "query", [{"region": "35"}, {"region": "3515"}, {"exploitation": "SEX"}, {"since": "2026-11-20"}, {"mine": True}]
)
def test_more_filters_that_combine(desk: Desk, case_id: str, his: str, query: dict[str, Any]) -> None:
    cases.change_case(desk, case_id, {"reported_at": desk.now() - timedelta(days=60)})
    cases.change_case(desk, his, {"lead_worker": desk.actor.name})
    cases.change_case(desk, case_id, {"lead_worker": "Orang Lain"})
    assert _cases(desk, **query) == [his]


def test_a_step_that_was_not_possible_closes_no_referral(desk: Desk, case_id: str, his: str) -> None:
    page, open_ones = case_page.open_page(desk, case_id), CaseQuery(referred=True)
    referral = referrals.refer(desk, case_id, {
        "to_agency": next(a.id for a in directory.recipients(desk) if a["office_id"]), "reason": "LEGAL",
        "urgency": "DAY1", "tiers": ["OPEN"], "consent_id": page.consents[0].id,
        "person_id": page.victims[0].person.id,
    }).id  # fmt: skip
    assert len(case_list.ids(desk, open_ones)) == 1
    with desk.write(Permission.REFER) as session:  # only the other office can say so
        session.add(ReferralEvent(case_id=case_id, referral_id=referral, step="COMPLETED", at=desk.now()))
    assert len(case_list.ids(desk, open_ones)) == 1
    referrals.take_step(desk, referral, "WITHDRAWN")
    assert not case_list.ids(desk, open_ones)
