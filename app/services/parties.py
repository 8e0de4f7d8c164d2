"""Persons and their parts in cases, and the question whether two records are one person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.i18n import _
from app.models.case import Case
from app.models.nik import warnings as nik_warnings
from app.models.permission import Permission
from app.models.person import Party, Person
from app.services.desk import Desk, Saved
from app.services.entries import get
from app.services.validate import changed_only, cleaned


def add_party(desk: Desk, case_id: str, person: Mapping[str, Any] | str, **part: Any) -> Saved:
    """Give a person a part in a case. `person` is an id, or the values of a new person; `part` holds Party's fields."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        get(session, Case, case_id)
        party = join(session, case_id, person, part)
        warnings = person_warnings(get(session, Person, str(party.person_id)))
    return Saved(party.id, unit.changes, warnings)


def join(session: Session, case_id: str, person: Mapping[str, Any] | str, part: Mapping[str, Any]) -> Party:
    """Add a party within a unit of work that does more."""
    if isinstance(person, str):
        person_id = get(session, Person, person).id
        _refuse_twice(session, case_id, person_id, part.get("role"))
    else:
        made = Person(entered_for=case_id, **cleaned(Person, person))
        session.add(made)
        session.flush()
        person_id = made.id
    party = Party(case_id=case_id, person_id=person_id, **cleaned(Party, part))
    session.add(party)
    session.flush()
    return party


def _refuse_twice(session: Session, case_id: str, person_id: str, role: Any) -> None:
    """One person may be a reporter and a guardian in one case, but not the same thing twice."""
    there = select(Party.id).where(Party.case_id == case_id, Party.person_id == person_id, Party.role == role)
    if role and session.scalar(there.limit(1)) is not None:
        said = _("This person has this part in the case already. Choose another part, or cancel.")
        raise Invalid(said, [("role", said)])


def change_person(desk: Desk, person_id: str, values: Mapping[str, Any]) -> Saved:
    """Change fields of a person; only what differs is journalled. An age is never overwritten from a NIK."""
    clean = changed_only(Person, values)
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        person = get(session, Person, person_id)
        for key, value in clean.items():
            setattr(person, key, value)
        warnings = person_warnings(person)
    return Saved(person_id, unit.changes, warnings)


def change_party(desk: Desk, party_id: str, values: Mapping[str, Any]) -> Saved:
    """Change a person's part in a case."""
    clean = changed_only(Party, values)
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        party = get(session, Party, party_id)
        for key, value in clean.items():
            setattr(party, key, value)
    return Saved(party_id, unit.changes)


def person_warnings(person: Person) -> tuple[str, ...]:
    """What does not fit together, and is saved all the same."""
    if not person.nik:
        return ()
    return nik_warnings(person.nik, sex=person.sex, birth_date=person.birth_date, region=person.region)
