"""Exports: on whose consent a paper leaves, what the register keeps, who may."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from sqlalchemy import select

from app.errors import Forbidden, Invalid
from app.i18n import speaking
from app.models.all import Agency, Consent
from app.models.local import AuditEntry, Export
from app.services import exports
from app.services.consents import record_consent, withdraw
from app.services.desk import Desk
from app.services.exports import Order


def police(desk: Desk) -> str:
    """The directory's entry of the police unit."""
    with desk.read() as session:
        return session.scalars(select(Agency.id).where(Agency.agency_type == "POLRES_PPA")).one()


def consent_ids(desk: Desk) -> list[str]:
    """Every consent, oldest first."""
    with desk.read() as session:
        return list(session.scalars(select(Consent.id).order_by(Consent.id)))


def test_a_paper_is_registered_and_audited_before_it_is_handed_out(desk: Desk, case_id: str) -> None:
    made = exports.export_case(desk, case_id, Order(profile="POLICE", agency=police(desk), purpose="laporan"))
    with desk.read() as session:
        entry = session.scalars(select(Export)).one()
        link = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert (entry.recipient, entry.profile, entry.record) == ("Unit PPA Polrestabes Bandung", "POLICE", case_id)
    assert entry.sha256 == made.sha256
    assert set(entry.fields.split(",")) == set(made.fields)
    assert link is not None
    assert (link.action, link.record) == ("export", case_id)
    assert entry.id in link.fields
    with pikepdf.open(io.BytesIO(made.pdf), password=made.password) as pdf:
        assert len(pdf.pages) == made.pages


def test_a_preview_leaves_no_trace_and_no_password(desk: Desk, case_id: str) -> None:
    seen = exports.preview(desk, case_id, Order(profile="INTERNAL"))
    assert seen.password == ""
    with pikepdf.open(io.BytesIO(seen.pdf)) as pdf:
        assert len(pdf.pages) == seen.pages
    with desk.read() as session:
        assert session.scalars(select(Export)).all() == []


@pytest.mark.parametrize("profile", ["POLICE", "COURT", "PARTNER_SERVICE"])
def test_outside_the_office_consent_decides(desk: Desk, case_id: str, profile: str) -> None:
    order = Order(profile=profile, agency=police(desk))
    assert exports.export_case(desk, case_id, order).pages
    withdraw(desk, consent_ids(desk)[0])
    with pytest.raises(Invalid) as refused:
        exports.export_case(desk, case_id, order)
    assert refused.value.problems[0][0] == "consent_id"
    assert exports.export_case(desk, case_id, Order(profile="STATISTICS")).pages


def test_a_consent_for_somebody_else_opens_nothing(desk: Desk, case_id: str) -> None:
    with desk.read() as session:
        person = session.scalars(select(Consent.person_id)).one()
    withdraw(desk, consent_ids(desk)[0])
    values = {"purpose": "SHARE", "given_by": "BOTH", "tiers": ["OPEN", "CASE"], "recipient": "ab" * 16}
    elsewhere = record_consent(desk, case_id, str(person), values).id
    for order in (
        Order(profile="POLICE", agency=police(desk)),
        Order(profile="POLICE", agency=police(desk), consent_id=elsewhere),
        Order(profile="POLICE", recipient="siapa saja"),
    ):
        with pytest.raises(Invalid):
            exports.export_case(desk, case_id, order)
    assert exports.usable_consents(desk, case_id, agency=police(desk)) == ()


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (Order(profile="EVERYBODY"), "profile"),
        (Order(profile="INTERNAL", language="fr"), "language"),
        (Order(profile="COURT"), "recipient"),
    ],
)
def test_an_order_that_makes_no_sense_names_its_field(desk: Desk, case_id: str, order: Order, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        exports.export_case(desk, case_id, order)
    assert refused.value.problems[0][0] == field


def test_who_may_not_export_does_not(as_role: Callable[[str], Desk], case_id: str) -> None:
    for work in (exports.export_case, exports.preview):
        with pytest.raises(Forbidden):
            work(as_role("SECRETARY"), case_id, Order(profile="INTERNAL"))


def test_the_paper_speaks_its_own_language(desk: Desk, case_id: str) -> None:
    with speaking("id"):
        made: Any = exports.export_case(desk, case_id, Order(profile="INTERNAL", language="en", password=None))
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf, pdf.open_outline() as outline:
        assert "What happened" in [item.title for item in outline.root]
