"""A whole intake in one transaction: report, victim, screening, consent, referral. All of it or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.models.permission import Permission
from app.models.person import Person
from app.services.cases import add_case
from app.services.consents import add_consent
from app.services.desk import Desk, Saved
from app.services.entries import get
from app.services.parties import join, person_warnings
from app.services.referrals import add_referral
from app.services.screening import add_screening

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Intake:
    """What was asked at the first meeting. `victim` is an id when the person is known already.

    A referral without `consent_id` stands on the consent given in this intake.
    """

    case: Values
    victim: Values | str | None = None
    part: Values = field(default_factory=dict)
    others: Sequence[tuple[Values, Values]] = ()  # (person, part)
    screening: Values | None = None
    consent: Values | None = None
    referral: Values | None = None


def take(desk: Desk, intake: Intake) -> Saved:
    """Save an intake. The id is that of the case."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        case = add_case(session, desk, intake.case)
        session.flush()
        warnings: tuple[str, ...] = ()
        person_id = None
        if intake.victim:
            person_id = join(session, case.id, intake.victim, {"role": "VICTIM", **intake.part}).person_id
            warnings += person_warnings(get(session, Person, person_id or ""))
        for person, part in intake.others:
            join(session, case.id, person, part)
        if intake.screening and person_id:
            warnings += add_screening(session, desk, case.id, person_id, intake.screening)[1]
        consent_id = None
        if intake.consent and person_id:
            consent, said = add_consent(session, desk, case.id, person_id, intake.consent)
            consent_id, warnings = consent.id, warnings + said
        if intake.referral:
            desk.require(Permission.REFER)
            add_referral(session, desk, case.id, {"consent_id": consent_id, "person_id": person_id, **intake.referral})
    return Saved(case.id, unit.changes, warnings)
