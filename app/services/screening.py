"""Screening: the three elements for one victim, weighed; a person concludes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.errors import Invalid
from app.i18n import _
from app.models.case import Case
from app.models.dates import is_child
from app.models.permission import Permission
from app.models.person import Person
from app.models.screening import Elements, Screening, weigh
from app.services.desk import Desk, Saved
from app.services.entries import get
from app.services.validate import cleaned


def suggest(desk: Desk, person: Mapping[str, Any], elements: Mapping[str, Any]) -> Elements:
    """What the elements add up to for this person, while the form is being filled in."""
    child = bool(is_child(person.get("birth_date"), person.get("age"), desk.today()))
    held = {name: bool(elements.get(name)) for name in ("process", "means", "purpose")}
    return weigh(**held, child=child)


def screen(desk: Desk, case_id: str, person_id: str, values: Mapping[str, Any]) -> Saved:
    """Record a screening. An earlier one stays as it was."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        get(session, Case, case_id)
        screening, warnings = add_screening(session, desk, case_id, person_id, values)
    return Saved(screening.id, unit.changes, warnings)


def add_screening(
    session: Session, desk: Desk, case_id: str, person_id: str, values: Mapping[str, Any]
) -> tuple[Screening, tuple[str, ...]]:  # fmt: skip
    """Add a screening within a unit of work that does more."""
    clean = cleaned(Screening, {"concluded_at": desk.now(), **values})
    person = get(session, Person, person_id)
    child = is_child(person.birth_date, person.age, desk.today())
    held = {name: bool(clean.get(name)) for name in ("process", "means", "purpose")}
    elements = weigh(**held, child=bool(child))
    reasoned = clean.get("reasoning")
    if clean["conclusion"] in ("PRESUMED", "CONFIRMED") and elements.missing and not reasoned:
        message = _("Not every element is shown. Write down why you conclude so all the same.")
        raise Invalid(message, [("reasoning", message)])
    screening = Screening(case_id=case_id, person_id=person_id, **{**clean, "child": child})
    session.add(screening)
    session.flush()
    return screening, (_(elements.warning),) if elements.warning else ()
