"""What the referral dialog shows before is what the recipient has afterwards: the same records, the same fields."""

from __future__ import annotations

import pytest

from app.services import care, directory, parties, referrals
from app.services.case_page import open_page
from tests.sync.country import Country, new_case, refer
from tests.sync.laptops import Laptop

TIERS = ("OPEN", "CASE", "IDENTIFYING", "NARRATIVE")
CONSENT = {"purpose": "SHARE", "given_by": "BOTH", "tiers": TIERS}
_NOT_OF_THE_CASE = (
    "referral", "referral_event", "key_grant", "office", "agency", "office_key", "user", "device",
)  # fmt: skip


def previewed(laptop: Laptop, case_id: str, *tiers: str) -> dict[tuple[str, str], set[str]]:
    """What the dialog says would leave: record -> fields."""
    page = open_page(laptop.desk, case_id)
    agency = next(agency.id for agency in directory.recipients(laptop.desk) if "Kantor B" in agency["name"])
    wish = {
        "to_agency": agency, "reason": "SERVICE", "urgency": "DAY1", "tiers": list(tiers),
        "consent_id": page.consents[0].id, "person_id": page.victims[0].person.id,
    }  # fmt: skip
    shown = referrals.preview(laptop.desk, case_id, wish)
    return {
        (entry.kind, entry.id): {key for key, value in entry.values.items() if value not in (None, "", ())}
        for entry in shown
        if entry.kind not in _NOT_OF_THE_CASE
    }


def arrived(laptop: Laptop) -> dict[tuple[str, str], set[str]]:
    """What stands there of the one case it was ever shown: record -> fields."""
    return {key: set(content) for key, (_rev, content) in laptop.contents().items() if key[0] not in _NOT_OF_THE_CASE}


@pytest.mark.parametrize("tiers", [TIERS, TIERS[:2], ("OPEN", "CASE", "IDENTIFYING")], ids=len)
def test_the_dialog_shows_exactly_what_arrives(country: Country, tiers: tuple[str, ...]) -> None:
    a, a2, b = country.laptop("a1"), country.laptop("a2"), country.laptop("b1", office="B")
    country.settle(a, b)
    case_id = new_case(a, consent=CONSENT)
    parties.add_party(a.desk, case_id, {"name": "Calo", "sex": "L"}, role="SUSPECT")
    care.add_note(a.desk, case_id, {"text": "Dijemput di terminal.", "note_kind": "VISIT", "at": a.clock()})
    country.settle(a, a2)
    girl = open_page(a.desk, case_id).victims[0].person.id
    for laptop, alias in ((a, "Ayu"), (a2, "Rini")):  # a conflict about her goes where she goes
        parties.change_person(laptop.desk, girl, {"alias": alias})
    country.settle(a, a2)
    shown = previewed(a, case_id, *tiers)
    assert ("person", girl) in shown
    refer(a, case_id, "Kantor B", *tiers)
    country.settle(a, b)
    assert arrived(b) == shown
    assert any(kind == "conflict" for kind, _record in shown) == ("IDENTIFYING" in tiers)
