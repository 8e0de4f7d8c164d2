"""Papers beside the summary: the letter holds the package and nothing else, forms and plan stay inside, sums add up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from app.errors import Forbidden, Invalid
from app.models.all import Agency, Consent, Person
from app.models.local import AuditEntry, Export
from app.reports.papers import Paper
from app.services import exports, referrals
from app.services.case_parts import add_part
from app.services.consents import withdraw
from app.services.desk import Desk
from app.services.export_order import Order
from tests.reports.pdf_reading import read

SEALED = "Jarum segel"


@dataclass(frozen=True)
class World:
    """A case with something for every paper."""

    desk: Desk
    case: str
    victim: str
    consent: str
    referral: str
    plan: str

    def text(self, order: Order) -> str:
        """All that can be read in the file, to the last byte."""
        return read(exports.export_case(self.desk, self.case, replace(order, password=None)).data).everything


@pytest.fixture
def world(desk: Desk, case_id: str) -> World:
    """The girl's case: referred to a hospital on paper, with a safety plan and an order of restitution."""
    with desk.read() as session:
        victim = session.scalars(select(Person.id)).one()
        consent = session.scalars(select(Consent.id)).one()
        hospital = session.scalars(select(Agency.id).where(Agency.agency_type == "RSUD")).one()
    values = {
        "person_id": victim, "to_agency": hospital, "reason": "HEALTH", "urgency": "DAY1", "services": ("H.VISUM",),
        "tiers": ("OPEN", "CASE", "IDENTIFYING"), "consent_id": consent, "message": "Mohon dokter perempuan.",
    }  # fmt: skip
    referral = referrals.refer(desk, case_id, values).id
    plan = {"person_id": victim, "dangers": SEALED, "steps": "Hubungi bibi", "take_along": "KTP, obat"}
    lines = (
        {"step": "CLAIMED", "day": "2026-09-01", "amount": 75_000_000, "note": "Jarum catatan"},
        {"step": "ORDERED", "day": "2026-11-16", "amount": 50_000_000, "copy_on": "2026-11-18", "sexual": True},
        {"step": "PAID", "day": "2026-11-20", "amount": 10_000_000},
    )
    for line in lines:
        add_part(desk, case_id, "restitution", {"person_id": victim, **line})
    saved = add_part(desk, case_id, "safety_plan", {**plan, "at": desk.now()})
    return World(desk, case_id, victim, consent, referral, saved.id)


def order(paper: Paper, about: str | None, **changed: str) -> Order:
    return Order(**{"profile": "INTERNAL", "language": "en", "paper": paper, "about": about, **changed})  # type: ignore[arg-type]


def test_the_letter_holds_exactly_the_package_and_a_form_for_the_answer(world: World) -> None:
    words = world.text(order(Paper.LETTER, world.referral))
    for there in ("RSUD Kota Bandung", "Sitti Aminah", "Mohon dokter perempuan.", "Tear off", "We decline", "Forensic"):
        assert there in words, there
    for gone in (SEALED, "Ditawari kerja", "Jarum catatan"):  # not of its tiers, not of its consent
        assert gone not in words, gone
    with world.desk.read() as session:
        entry = session.scalars(select(Export)).one()
        link = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert (entry.report, entry.recipient, entry.consent_id) == ("referral_letter", "RSUD Kota Bandung", world.consent)
    assert link is not None and (link.action, link.record) == ("export", world.case)
    assert "case.summary" not in entry.fields.split(",")


def test_there_is_no_letter_when_the_consent_is_gone(world: World) -> None:
    withdraw(world.desk, world.consent)
    with pytest.raises(Invalid):
        world.text(order(Paper.LETTER, world.referral))


def test_a_form_is_empty_or_filled_in_and_says_what_may_be_shared_in_plain_words(world: World) -> None:
    empty = world.text(order(Paper.CONSENT, None))
    filled = world.text(order(Paper.CONSENT, world.consent))
    assert "Who you are: your name" in empty and "Sitti" not in empty
    assert "Sitti Aminah" in filled and SEALED not in filled
    assert "I take this consent back" in world.text(order(Paper.WITHDRAWAL, world.consent))


def test_the_plan_names_nobody_and_only_who_is_cleared_prints_it(world: World) -> None:
    words = world.text(order(Paper.SAFETY, world.plan))
    assert SEALED in words and "KTP" in words
    for gone in ("Sitti", "UPTD", "Siti Rahma", "3273-", "trafficking"):
        assert gone not in words, gone
    with pytest.raises(Forbidden):
        exports.export_case(replace(world.desk, keyring=None), world.case, order(Paper.SAFETY, world.plan))


def test_the_restitution_sheet_adds_up_and_marks_the_shortest_of_three_deadlines(world: World) -> None:
    words = world.text(order(Paper.RESTITUTION, world.victim))
    for there in ("40,000,000", "UU 21/2007", "PP 7/2018", "UU 12/2022", "30 Nov 2026", "18 Dec 2026"):
        assert there in words, there
    assert words.count("THE SHORTEST") == 1
    assert SEALED not in words
    outside = order(Paper.RESTITUTION, world.victim, profile="COURT", recipient="Kejaksaan")
    assert "Jarum catatan" not in world.text(outside)  # free text leaves by hand only
    withdraw(world.desk, world.consent)
    with pytest.raises(Invalid):
        world.text(outside)


@pytest.mark.parametrize("paper", [paper for paper in Paper if paper is not Paper.SUMMARY])
def test_a_paper_is_a_pdf_with_a_password_and_whoever_may_not_export_gets_none(
    world: World, as_role: Callable[[str], Desk], paper: Paper
) -> None:
    about = {Paper.LETTER: world.referral, Paper.SAFETY: world.plan, Paper.RESTITUTION: world.victim}.get(paper)
    made = exports.export_case(world.desk, world.case, order(paper, about, language="id"))
    assert made.password and made.pages >= 1
    with pytest.raises(Invalid):
        exports.export_case(world.desk, world.case, order(paper, about, format="xlsx"))
    with pytest.raises(Forbidden):
        exports.export_case(as_role("SECRETARY"), world.case, order(paper, about))
    if paper not in (Paper.CONSENT, Paper.WITHDRAWAL):
        with pytest.raises(Invalid):
            exports.export_case(world.desk, world.case, order(paper, None))


def test_what_is_printed_stands_in_the_register_as_printed(world: World) -> None:
    made = exports.print_case(world.desk, world.case, Order(profile="INTERNAL"))
    assert made.password == ""
    with world.desk.read() as session:
        entry = session.scalars(select(Export)).one()
    assert entry.report == "case_summary.print" and entry.sha256 == made.sha256
