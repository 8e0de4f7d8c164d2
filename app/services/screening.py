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
from app.models.person import Person, estimated_on
from app.models.screening import Elements, Screening, weigh
from app.services.desk import Desk, Saved
from app.services.entries import get
from app.services.part_rule import Coming
from app.services.validate import cleaned


def suggest(desk: Desk, person: Mapping[str, Any], elements: Mapping[str, Any]) -> Elements:
    """What the elements add up to for this person, while the form is being filled in."""
    child = bool(is_child(person.get("birth_date"), person.get("age"), desk.today(), on=estimated_on(person)))
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
    clean = cleaned(Screening, {**values, "person_id": person_id}, complete=False)
    coming = Coming(session, desk, case_id, Screening, clean)
    rule(coming)
    screening = Screening(case_id=case_id, **cleaned(Screening, coming.values))
    session.add(screening)
    session.flush()
    return screening, tuple(coming.warnings)


def rule(coming: Coming) -> None:
    """A conclusion that goes beyond the elements says why; whether it is a child is worked out, never typed."""
    coming.default("concluded_at", coming.desk.now())
    if coming["person_id"] is None:
        coming.about_victim()
    person = get(coming.session, Person, coming["person_id"])
    on = estimated_on({"age_on": person.age_on, "made_at": person.made_at})
    child = is_child(person.birth_date, person.age, coming.desk.today(), on=on)
    if coming.is_new:
        coming.values["child"] = child
    held = {name: bool(coming[name]) for name in ("process", "means", "purpose")}
    elements = weigh(**held, child=bool(child))
    if coming["conclusion"] in ("PRESUMED", "CONFIRMED") and elements.missing and not coming["reasoning"]:
        message = _("Not every element is shown. Write down why you conclude so all the same.")
        raise Invalid(message, [("reasoning", message)])
    if elements.warning:
        coming.warnings.append(_(elements.warning))
