"""Referrals from the command line, to an agency that answers on paper."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import INTAKE, Terminal

ASKED = {"to_agency": "RSUD", "reason": "HEALTH", "urgency": "DAY1", "tiers": ["OPEN", "CASE"]}


@pytest.fixture
def case(naungan: Terminal) -> str:
    """The number of a case with consent to share."""
    number: str = naungan.enter()["number"]
    return number


def send(naungan: Terminal, case: str, **changes: Any) -> Any:
    """Refer its victim."""
    return naungan("referral", "send", case, "--from", "-", "--json", text=json.dumps({**ASKED, **changes}))


def test_a_referral_goes_its_whole_way_on_paper(naungan: Terminal, case: str) -> None:
    sent = send(naungan, case)
    assert sent.code == 0, sent.err
    listed = naungan("referral", "list", "--outbox", "--json").json["referrals"]
    assert [(r["case"], r["state"], r["other"], r["sent"]) for r in listed] == [
        (case, "SENT", "RSUD Kota Bandung", False)
    ]
    short = sent.json["id"][-8:]
    assert naungan("referral", "accept", short, "--on-paper").code == 0
    assert naungan("referral", "start", short, "--on-paper").code == 0
    done = naungan("referral", "complete", short, "--on-paper", "--outcome", "FULL", "--feedback", "Selesai.")
    assert done.code == 0
    assert naungan("referral", "list", "--open", "--json").json == {"referrals": []}
    assert "Need met" not in naungan("referral", "list", "--inbox").out
    assert naungan("referral", "list").out.endswith("1 referral\n")


def test_a_step_has_its_side_its_order_and_its_reason(naungan: Terminal, case: str) -> None:
    referral = send(naungan, case).json["id"]
    refused = naungan("referral", "accept", referral)
    assert (refused.code, "not possible now" in refused.err) == (2, True)
    assert naungan("referral", "decline", referral, "--on-paper").code == 2
    assert naungan("referral", "decline", referral, "--on-paper", "--reason", "NONSENSE").code == 2
    assert naungan("referral", "withdraw", referral).code == 0
    late = naungan("referral", "accept", referral, "--on-paper")
    assert (late.code, "moved on" in late.err) == (2, True)


def test_a_referral_is_named_by_any_clear_part_of_its_id(naungan: Terminal, case: str) -> None:
    first, second = send(naungan, case).json["id"], send(naungan, case).json["id"]
    together = next(n for n in range(32, 0, -1) if first[:n] == second[:n])
    unclear = naungan("referral", "withdraw", first[:together])
    assert (unclear.code, "Several referrals match" in unclear.err) == (2, True)
    assert naungan("referral", "withdraw", first[-10:]).code == 0
    assert "There is no referral" in naungan("referral", "withdraw", "ffffffffffff").err


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"to_agency": "RSUD Tak Ada"}, "to_agency: No agency of this name"),
        ({"tiers": ["OPEN", "SENSITIVE"]}, "consent does not cover"),
        ({"urgency": None}, "urgency: Please fill in"),
        ({"person": "x"}, "person: There is no such key"),
        ({"consent_id": "00" * 16}, "consent does not cover"),
    ],
)
def test_a_referral_that_cannot_be_sent_is_refused(
    naungan: Terminal, case: str, changes: dict[str, Any], says: str
) -> None:
    said = send(naungan, case, **changes)
    assert said.code == 2
    assert says in said.err
    assert naungan("referral", "list", "--json").json == {"referrals": []}


def test_an_intake_may_hold_the_referral(naungan: Terminal) -> None:
    made = naungan("case", "new", "--from", "-", text=json.dumps({**INTAKE, "referral": ASKED}))
    assert made.code == 0, made.err
    assert len(naungan("referral", "list", "--json").json["referrals"]) == 1
