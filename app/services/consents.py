"""Consent: given, refused, withdrawn; each a new entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflicted, Invalid
from app.i18n import _
from app.models.case import Case
from app.models.consent import Consent, ConsentEntry, may_leave
from app.models.content import content_of
from app.models.dates import is_child
from app.models.permission import Permission
from app.models.person import Person, estimated_on
from app.services.desk import Desk, Saved
from app.services.entries import Entry, entry_of, get, of_case
from app.services.validate import cleaned


def record_consent(desk: Desk, case_id: str, person_id: str, values: Mapping[str, Any]) -> Saved:
    """Record what a person, or who decides for a child, agreed to or refused."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        get(session, Case, case_id)
        consent, warnings = add_consent(session, desk, case_id, person_id, values)
    return Saved(consent.id, unit.changes, warnings)


def add_consent(
    session: Session, desk: Desk, case_id: str, person_id: str, values: Mapping[str, Any]
) -> tuple[Consent, tuple[str, ...]]:  # fmt: skip
    """Add a consent within a unit of work that does more."""
    clean = cleaned(Consent, {"decided_at": desk.now(), "decision": "GIVEN", **values})
    if clean["purpose"] == "SHARE" and clean["decision"] == "GIVEN" and not clean.get("tiers"):
        message = _("Say what may be shared: choose at least one kind of information.")
        raise Invalid(message, [("tiers", message)])
    consent = Consent(case_id=case_id, person_id=person_id, **clean)
    session.add(consent)
    session.flush()
    person = get(session, Person, person_id)
    on = estimated_on({"age_on": person.age_on, "made_at": person.made_at})
    if clean["given_by"] == "VICTIM" and is_child(person.birth_date, person.age, desk.today(), on=on):
        return consent, (_("A child: a parent or guardian decides too, never one who is under suspicion."),)
    return consent, ()


def withdraw(desk: Desk, consent_id: str, *, note: str | None = None) -> Saved:
    """Withdraw a consent. What was shared on it leaves the recipients' laptops at their next sync."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        entry = add_withdrawal(session, desk, consent_id, note=note)
    return Saved(entry.id, unit.changes)


def add_withdrawal(session: Session, desk: Desk, consent_id: str, *, note: str | None = None) -> Consent:
    """Withdraw a consent within a unit of work that does more."""
    given = get(session, Consent, consent_id)
    if given.decision != "GIVEN":
        raise Conflicted(_("Only a given consent can be withdrawn."))
    if consent_id in withdrawn(session, given.case_id or ""):
        raise Conflicted(_("This consent is withdrawn already."))
    entry = Consent(
        case_id=given.case_id, person_id=given.person_id, purpose=given.purpose, recipient=given.recipient,
        decision="WITHDRAWN", given_by=given.given_by, decided_at=desk.now(), withdraws=consent_id, note=note,
    )  # fmt: skip
    session.add(entry)
    return entry


def withdrawn(session: Session, case_id: str) -> frozenset[str]:
    """Ids of the consents of a case that were withdrawn."""
    found = session.scalars(select(Consent.withdraws).where(Consent.case_id == case_id, Consent.withdraws.is_not(None)))
    return frozenset(consent_id for consent_id in found if consent_id)


def covered(
    session: Session, desk: Desk, case_id: str, consent_id: str | None, recipient: str | None, *,
    ground: str | None = None,
) -> frozenset[str]:  # fmt: skip
    """The tiers that may go to this recipient on this consent today; asked by referral, export and preview.

    `ground`: a ground in law on which a referral goes beyond it.
    """
    today = desk.today().isoformat()
    return may_leave(consent_id, entries_in(session, case_id), recipient=recipient, today=today, ground=ground)


def entries_in(session: Session, case_id: str) -> list[ConsentEntry]:
    """The consents of a case, as the rule reads them."""
    return [ConsentEntry.of(c.id, content_of(c)) for c in of_case(session, Consent, case_id)]


def usable(desk: Desk, case_id: str, recipient: str | None) -> tuple[Entry, ...]:
    """The consents of a case on which something may go to this recipient today."""
    with desk.read() as session:
        return tuple(
            entry_of(c) for c in of_case(session, Consent, case_id) if covered(session, desk, case_id, c.id, recipient)
        )
