"""Every way a service says no: with a sentence, and with nothing saved."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Conflicted, Forbidden, Invalid, NotFound, UserError
from app.models.all import Case, Person
from app.models.permission import ROLES
from app.services import care, cases, consents, directory, drafts, parties, referrals, screening
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.intake import take
from tests.worlds import GIRL, REPORT, intake


def police(desk: Desk) -> str:
    return next(a.id for a in directory.recipients(desk) if "Polrestabes" in a["name"])


def ask(desk: Desk, case_id: str, **changes: Any) -> dict[str, Any]:
    page = open_page(desk, case_id)
    return {
        "to_agency": police(desk), "reason": "SERVICE", "urgency": "DAY1", "tiers": ["OPEN", "CASE"],
        "consent_id": page.consents[0].id, "person_id": page.victims[0].person.id, **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("person", "field"),
    [
        ({"name": ""}, "name"),
        ({"sex": None}, "sex"),
        ({"sex": "X9"}, "sex"),
        ({"nik": "327302550809000"}, "nik"),
        ({"nik": "3273025513090000"}, "nik"),
        ({"name": "a\x07b"}, "name"),
        ({"name": "x" * 2_001}, "name"),
        ({"birth_date": "2009-13-01"}, "birth_date"),
        ({"phone": "08123"}, "phone"),
        ({"region": "999999"}, "region"),
        ({"shoe_size": 40}, "shoe_size"),
    ],
)
def test_an_intake_with_a_wrong_value_saves_nothing(desk: Desk, person: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        take(desk, intake(victim={**GIRL, **person}))
    assert field in [key for key, _ in refused.value.problems]
    with Session(desk.engine) as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0
        assert session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize(
    "name", ["<b>Siti</b>", 'Ana & "Bob"', "O'Neil", "سارة\u200f", "Ŝiti\u0301", "Y" * 2_000, "😀 Ani"]
)
def test_odd_names_are_kept_as_they_are(desk: Desk, name: str) -> None:
    case_id = take(desk, intake(victim={**GIRL, "name": name})).id
    assert open_page(desk, case_id).victims[0].person["name"] == name


def test_a_nik_that_does_not_fit_is_saved_with_a_warning(desk: Desk) -> None:
    saved = take(desk, intake(victim={**GIRL, "nik": "3273021508090000"}))
    assert len(saved.warnings) == 1 + 1  # the NIK of a boy; the child rule of the screening


def test_numbers_count_up_and_never_repeat(desk: Desk) -> None:
    made = [cases.open_case(desk, REPORT).id for _ in range(3)]
    numbers = [open_page(desk, case_id).case["number"] for case_id in made]
    assert [n[-4:] for n in numbers] == ["0001", "0002", "0003"]
    assert len({n[:-4] for n in numbers}) == 1


def test_a_consent_that_does_not_cover_it_stops_a_referral(desk: Desk, case_id: str) -> None:
    for changes in ({"tiers": ["NARRATIVE"]}, {"consent_id": None}, {"consent_id": "f" * 32}):
        with pytest.raises(Invalid, match=r"[Pp]ersetujuan|consent"):
            referrals.refer(desk, case_id, ask(desk, case_id, **changes))
    consents.withdraw(desk, open_page(desk, case_id).consents[0].id)
    with pytest.raises(Invalid):
        referrals.refer(desk, case_id, ask(desk, case_id))
    assert referrals.outbox(desk) == ()


def test_a_consent_is_withdrawn_once(desk: Desk, case_id: str) -> None:
    consent = open_page(desk, case_id).consents[0].id
    withdrawal = consents.withdraw(desk, consent).id
    for again in (consent, withdrawal):
        with pytest.raises(Conflicted):
            consents.withdraw(desk, again)
    assert len(open_page(desk, case_id).consents) == 2


def test_sharing_consent_says_what(desk: Desk, case_id: str) -> None:
    person = open_page(desk, case_id).victims[0].person.id
    with pytest.raises(Invalid):
        consents.record_consent(desk, case_id, person, {"purpose": "SHARE", "given_by": "VICTIM"})
    saved = consents.record_consent(desk, case_id, person, {"purpose": "SERVICE", "given_by": "VICTIM"})
    assert saved.warnings  # a child alone


def test_steps_out_of_order_are_refused(desk: Desk, case_id: str) -> None:
    referral = referrals.refer(desk, case_id, ask(desk, case_id)).id
    for step in ("ACCEPTED", "COMPLETED", "DELIVERED"):
        with pytest.raises((Conflicted, Forbidden)):
            referrals.take_step(desk, referral, step)
    referrals.take_step(desk, referral, "WITHDRAWN")
    with pytest.raises(Conflicted):
        referrals.take_step(desk, referral, "WITHDRAWN")


def test_a_paper_answer_needs_a_partner_on_paper_and_a_reason(desk: Desk, case_id: str) -> None:
    hospital = next(a.id for a in directory.recipients(desk) if "RSUD" in a["name"])
    referral = referrals.refer(desk, case_id, ask(desk, case_id, to_agency=hospital)).id
    with pytest.raises(Invalid):
        referrals.take_step(desk, referral, "DECLINED", on_paper=True)
    referrals.take_step(desk, referral, "ACCEPTED", on_paper=True)
    referrals.take_step(desk, referral, "COMPLETED", on_paper=True, outcome="FULL", feedback="Visum selesai.")
    assert [item.state for item in referrals.outbox(desk)] == ["COMPLETED"]


def test_a_consent_for_a_partner_on_paper_names_its_entry(desk: Desk, case_id: str) -> None:
    hospital, other = (
        next(a.id for a in directory.recipients(desk) if n in a["name"]) for n in ("RSUD", "Polrestabes")
    )
    person = open_page(desk, case_id).victims[0].person.id
    consent = {"purpose": "SHARE", "given_by": "BOTH", "tiers": ["OPEN"], "recipient": hospital}
    consent_id = consents.record_consent(desk, case_id, person, consent).id
    with pytest.raises(Invalid):
        referrals.refer(desk, case_id, ask(desk, case_id, to_agency=other, tiers=["OPEN"], consent_id=consent_id))
    referrals.refer(desk, case_id, ask(desk, case_id, to_agency=hospital, tiers=["OPEN"], consent_id=consent_id))
    assert len(referrals.outbox(desk)) == 1


def test_mediation_with_a_suspect_is_blocked(desk: Desk, case_id: str) -> None:
    parties.add_party(desk, case_id, {"name": "Bos", "sex": "L"}, role="SUSPECT")
    with pytest.raises(Conflicted):
        care.add_service(desk, case_id, {"service_type": "UPTD.5"})
    service = care.add_service(desk, case_id, {"service_type": "H.VISUM", "due": "2026-11-24"}).id
    care.complete_service(desk, service)
    with pytest.raises(Conflicted):
        care.cancel_service(desk, service, why="tidak jadi")


def test_a_conclusion_beyond_the_elements_needs_reasons(desk: Desk, case_id: str) -> None:
    person = open_page(desk, case_id).victims[0].person.id
    bold = {"process": ["ACT.RECRUIT"], "conclusion": "CONFIRMED"}
    with pytest.raises(Invalid):
        screening.screen(desk, case_id, person, bold)
    screening.screen(desk, case_id, person, {**bold, "reasoning": "Putusan PN Bandung."})
    assert len(open_page(desk, case_id).screenings) == 2


def test_closing_twice_and_reopening_twice(desk: Desk, case_id: str) -> None:
    with pytest.raises(Conflicted):
        cases.reopen_case(desk, case_id)
    cases.close_case(desk, case_id, reason="GOALS_MET")
    with pytest.raises(Conflicted):
        cases.close_case(desk, case_id, reason="GOALS_MET")


def test_an_unknown_case_is_not_found(desk: Desk) -> None:
    for act in (
        lambda: open_page(desk, "f" * 32),
        lambda: cases.find_case(desk, "0000-00-XXX-0000"),
        lambda: care.add_note(desk, "f" * 32, {"text": "x"}),
    ):
        with pytest.raises(NotFound):
            act()


VERBS: dict[str, Callable[[Desk], object]] = {
    "write_case": lambda d: cases.open_case(d, REPORT),
    "close_case": lambda d: cases.close_case(d, "f" * 32, reason="GOALS_MET"),
    "refer": lambda d: referrals.refer(d, "f" * 32, {}),
    "answer_referral": lambda d: referrals.take_step(d, "f" * 32, "ACCEPTED"),
    "directory": lambda d: directory.add_agency(d, {"name": "LBH", "agency_type": "LBH"}),
    "read": lambda d: open_page(d, "f" * 32),
}


@pytest.mark.parametrize("role", [*ROLES, "NOBODY"])
@pytest.mark.parametrize("permission", VERBS)
def test_each_role_may_do_what_its_list_says(as_role: Callable[[str], Desk], role: str, permission: str) -> None:
    try:
        VERBS[permission](as_role(role))
        refused = False
    except Forbidden:
        refused = True
    except UserError:
        refused = False
    assert refused == (permission not in ROLES.get(role, frozenset()))


def test_drafts_are_private_to_their_author(desk: Desk, as_role: Callable[[str], Desk]) -> None:
    saved = drafts.save(desk, "intake", {"name": "Sitti"})
    drafts.save(desk, "intake", {"name": "Sitti A"}, draft_id=saved.id)
    assert [d.content for d in drafts.mine(desk)] == [{"name": "Sitti A"}]
    other = as_role("SUPERVISOR")
    assert drafts.mine(other) == ()
    drafts.discard(other, saved.id)
    assert len(drafts.mine(desk)) == 1
    drafts.discard(desk, saved.id)
    assert drafts.mine(desk) == ()
