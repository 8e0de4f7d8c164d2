"""What a JSON entry looks like and becomes: a whole intake, or one referral."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.cli.reading import Reading
from app.errors import Invalid
from app.i18n import N_, _
from app.models.case import Case
from app.models.consent import Consent
from app.models.ids import is_id
from app.models.person import Party, Person
from app.models.referral import Referral
from app.models.screening import Screening
from app.services import directory
from app.services.desk import Desk
from app.services.intake import Intake

_INTAKE = """\
  {"case":      {"channel": "SAPA129", "risk": "HIGH", "summary": "...", ...},
   "victim":    {"name": "...", "sex": "P", "birth_date": "2009-08-??", ...},
   "part":      {"trafficking_status": "ACTUAL"},
   "others":    [{"person": {"name": "...", "sex": "L"}, "part": {"role": "SUSPECT"}}],
   "screening": {"process": ["ACT.RECRUIT"], "means": [], "purpose": [...], "conclusion": "POSSIBLE"},
   "consent":   {"purpose": "SHARE", "given_by": "BOTH", "tiers": ["OPEN", "CASE", "IDENTIFYING"]},
   "referral":  {"to_agency": "Unit PPA ...", "reason": "LEGAL", "urgency": "DAY1", "tiers": ["OPEN", "CASE"]}}"""
_REFERRAL = """\
  {"to_agency": "Unit PPA ...", "reason": "LEGAL", "urgency": "DAY1", "tiers": ["OPEN", "CASE", "IDENTIFYING"],
   "services": ["L.REPORT"], "message": "...", "person_id": "...", "consent_id": "..."}"""
_RULES = N_(
    """Keys are the fields of the records, values their codes. Days are 2009-08-17, 2009-08-?? or 2009-??-??; moments
carry their zone: 2026-11-23T08:30:00+07:00. `to_agency` is the id or the name of an agency in the directory.
A key that nobody knows, or a value of the wrong kind, is refused with its place; then nothing is saved."""
)
_PARTS = ("case", "victim", "part", "others", "screening", "consent", "referral")


def intake_shape() -> str:
    """What the JSON of an intake looks like, for --help."""
    first = _("The JSON object. Only `case` is required; `victim` and a `person` may be the id of somebody known:")
    return f"{first}\n\n{_INTAKE}\n\n{_(_RULES)}"


def referral_shape() -> str:
    """What the JSON of a referral looks like, for --help."""
    first = _("The JSON object. Without `person_id` and `consent_id`: the only victim, the latest usable consent:")
    return f"{first}\n\n{_REFERRAL}\n\n{_(_RULES)}"


def intake_from(desk: Desk, found: Mapping[str, Any]) -> Intake:
    """An intake from a JSON object. Invalid, listing every problem with its place."""
    reading = Reading()
    reading.keys(found, known=_PARTS)
    now = desk.now()
    case = reading.record(found.get("case"), Case, at="case", given={"reported_at": now, "number": None})
    victim = _person(reading, found["victim"], at="victim") if found.get("victim") is not None else None
    part = reading.record(found.get("part", {}), Party, at="part", given={"role": "VICTIM"})
    others = _others(reading, found.get("others", []))
    screening = _optional(reading, found, Screening, given={"concluded_at": now}, at="screening")
    consent = _optional(reading, found, Consent, given={"decided_at": now, "decision": "GIVEN"}, at="consent")
    referral = None
    if found.get("referral") is not None:
        referral = referral_from(desk, found["referral"], reading=reading, at="referral")
    for needy in ("part", "screening", "consent", "referral"):
        if found.get(needy) and victim is None:
            reading.problems.append((needy, _("This needs a victim.")))
    reading.finish()
    return Intake(case, victim, part, others, screening, consent, referral)


def referral_from(desk: Desk, value: Any, *, reading: Reading, at: str = "") -> dict[str, Any]:
    """The values of a referral; the agency may be named."""
    given: dict[str, Any] = {"due_at": desk.now(), "person_id": None, "consent_id": None}
    if isinstance(value, dict) and isinstance(value.get("to_agency"), str):
        agency = _agency(desk, value["to_agency"])
        if agency is None:
            words = _("No agency of this name is in the directory, or several are: give the whole name or the id.")
            reading.problems.append((f"{at}.to_agency" if at else "to_agency", words))
        value = {**value, "to_agency": agency}
    found = reading.record(value, Referral, at=at, given=given)
    found.pop("to_office", None)  # it follows from the agency
    return found


def find_agency(desk: Desk, name: str) -> str:
    """The id of the agency with this id or name. Invalid if it cannot be told."""
    agency = _agency(desk, name)
    if agency is None:
        words = _("No agency of this name is in the directory, or several are: give the whole name or the id.")
        raise Invalid(words, [(name, words)])
    return agency


def _agency(desk: Desk, name: str) -> str | None:
    entries = directory.recipients(desk)
    if is_id(name):
        return next((agency.id for agency in entries if agency.id == name), None)
    exact = [agency.id for agency in entries if agency["name"] == name]
    near = exact or [agency.id for agency in entries if name.casefold() in (agency["name"] or "").casefold()]
    return near[0] if len(near) == 1 else None


def _person(reading: Reading, value: Any, *, at: str) -> Any:
    if isinstance(value, str):
        if not is_id(value):
            reading.problems.append((at, _("This must be the id of a known person, or an object: {...}.")))
        return value
    return reading.record(value, Person, at=at)


def _others(reading: Reading, value: Any) -> list[tuple[Any, dict[str, Any]]]:
    if not isinstance(value, list):
        reading.problems.append(("others", _("This must be a list of objects: [{...}].")))
        return []
    found = []
    for n, other in enumerate(value):
        at = f"others[{n}]"
        if not isinstance(other, dict):
            reading.problems.append((at, _("This must be an object: {...}.")))
            continue
        reading.keys(other, known=("person", "part"), at=at)
        person = _person(reading, other.get("person"), at=f"{at}.person")
        found.append((person, reading.record(other.get("part"), Party, at=f"{at}.part")))
    return found


def _optional(
    reading: Reading, found: Mapping[str, Any], record: type[Any], *, given: Mapping[str, Any], at: str
) -> dict[str, Any] | None:
    if found.get(at) is None:
        return None
    return reading.record(found[at], record, at=at, given=given)
