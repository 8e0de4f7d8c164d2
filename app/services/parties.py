"""Persons and their parts in cases, and the question whether two records are one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.i18n import _
from app.models.case import Case
from app.models.names import likeness, name_key
from app.models.nik import warnings as nik_warnings
from app.models.permission import Permission
from app.models.person import Party, Person
from app.services.desk import Desk, Saved
from app.services.entries import Entry, entry_of, get
from app.services.validate import changed_only, cleaned

_ALIKE = 84  # of 100; measured on the spelling pairs of the tests: below it strangers come in


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be the same person: who, why, and in which case."""

    person: Entry
    likeness: int
    reasons: tuple[str, ...]
    case_number: str


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
    return nik_warnings(person.nik, sex=person.sex, birth_date=person.birth_date)


def similar(desk: Desk, values: Mapping[str, Any], *, limit: int = 5) -> tuple[Candidate, ...]:
    """Persons on this laptop who may be the one being typed in: by NIK, by sound of name or alias, by birth year."""
    key = name_key(str(values.get("name") or ""))
    alias = name_key(str(values.get("alias") or ""))
    nik = values.get("nik")
    if len(key) < 3 and not nik:
        return ()
    with desk.read() as session:
        found = [_compare(session, person, values, (key, alias)) for person in _near(session, key, nik)]
        best = sorted((c for c in found if c), key=lambda c: -c.likeness)[:limit]
        opens = desk.opener(session)
        people = [get(session, Person, one.person.id) for one in best]
        return tuple(replace(one, person=entry_of(who, opens=opens)) for one, who in zip(best, people, strict=True))


def _near(session: Session, key: str, nik: Any) -> list[Person]:
    """A coarse first cut: same NIK, or the same first two letters of any word of the name."""
    tests = [Person.nik == nik] if nik else []
    for word in key.split():
        tests += [Person.name_key.startswith(word[:2]), Person.name_key.contains(f" {word[:2]}")]
    return list(session.scalars(select(Person).where(or_(*tests)).limit(5000)))


def _compare(session: Session, person: Person, values: Mapping[str, Any], keys: tuple[str, str]) -> Candidate | None:
    score = likeness(keys[0], person.name_key or "")
    reasons = []
    if score >= _ALIKE:
        reasons.append(_("similar name {n}").format(n=score))
    their_alias = name_key(person.alias or "")
    if their_alias and their_alias in keys:
        reasons.append(_("same alias"))
        score = max(score, _ALIKE)
    if values.get("nik") and values.get("nik") == person.nik:
        reasons.append(_("same NIK"))
        score = 100
    if not reasons:
        return None
    year, theirs = str(values.get("birth_date") or "")[:4], (person.birth_date or "")[:4]
    if year and year == theirs:
        reasons.append(_("same year of birth"))
    elif year and theirs and abs(int(year) - int(theirs)) > 3 and score < 100:
        return None
    number = session.scalar(
        select(Case.number).join(Party, Party.case_id == Case.id).where(Party.person_id == person.id).limit(1)
    )
    return Candidate(entry_of(person), score, tuple(reasons), number or "")
