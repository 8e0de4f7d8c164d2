"""Who of a spreadsheet may be here already: looked up for hundreds of rows at once, and nobody is loaded whole.

Narrower than the search while a person types: the same number or account, the same sound of the name, the same day of
birth. Whoever sounds only alike turns up in the queue of duplicates afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.among import among
from app.models.matches import canonicals
from app.models.names import name_key
from app.models.permission import Permission
from app.models.person import Person
from app.models.person_index import KEYS, PersonKey, PersonRow, keys_of, year_of
from app.services.desk import Desk
from app.services.duplicates import case_numbers, evidence
from app.services.entries import Entry, entry_of

_MOST = 3  # per row: whoever decides looks at no more
_WEIGHED = 12
_YEARS = 3  # as in `duplicates`: further apart, a name alone makes nobody the same
_WEIGHS = ("id", "name", "alias", "sex", "birth_date", "age", "age_on", "region", "village", "other_phone", *KEYS)
_ALONE = frozenset({"nik", "passport"})  # beyond doubt
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Likely:
    """Somebody who may be the person of a row. `sure`: the same NIK."""

    id: str
    likeness: int
    reasons: tuple[str, ...]
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """The same, for a person to decide: with the entry and the number of a case."""

    likely: Likely
    person: Entry
    case_number: str


def likely(desk: Desk, people: Sequence[Values]) -> list[tuple[Likely, ...]]:
    """For each of these persons who may be the same, the likeliest first."""
    with desk.read() as session:
        near = [set(found) for found in _near(session, people)]
        stands = canonicals(session, sorted(set().union(*near)))
        near = [{stands[person] for person in found} for found in near]
        known = _weighable(session, set().union(*near))
    return [_best(one, [known[person] for person in sorted(found) if person in known])
            for one, found in zip(people, near, strict=True)]  # fmt: skip


def shown(desk: Desk, found: Sequence[Likely]) -> tuple[Shown, ...]:
    """What somebody needs to see of them."""
    ids = [one.id for one in found]
    with desk.read(Permission.IMPORT) as session:
        people = {person.id: person for person in session.scalars(select(Person).where(among(Person.id, ids)))}
        numbers = case_numbers(session, ids)
        opens = desk.opener(session)
        return tuple(
            Shown(one, entry_of(people[one.id], opens=opens), numbers.get(one.id, "")) for one in found
            if one.id in people
        )  # fmt: skip


def _near(session: Session, people: Sequence[Values]) -> list[Sequence[str]]:
    """The ids worth weighing, per person; the same number before the same name, and never more than a few."""
    told = [keys_of(one) for one in people]
    by_value = _by(session, PersonKey.value, {value for keys in told for _kind, value in keys})
    days = [str(one.get("birth_date") or "") for one in people]
    by_day = _by(session, PersonRow.birth_date, {day for day in days if len(day) == 10 and "?" not in day})
    found: list[Sequence[str]] = []
    heard: dict[tuple[str, int | None], list[str]] = {}
    for one, keys, day in zip(people, told, days, strict=True):
        alone = [person for kind, value in keys if kind in _ALONE for person, _year in by_value.get(value, ())]
        if alone:  # nobody has to guess any more
            found.append(alone[:_WEIGHED])
            continue
        same = [person for _kind, value in keys for person, _year in by_value.get(value, ())]
        named = name_key(str(one.get("name") or "")), year_of(one)
        if named not in heard:
            heard[named] = _named(session, *named)
        born = [person for person, _year in by_day.get(day, ())]
        found.append([*same[:_WEIGHED], *heard[named], *born[:_WEIGHED]])
    return found


def _named(session: Session, sound: str, year: int | None) -> list[str]:
    """Whose name sounds the same, the nearest in age first; a name that thousands have is read from its index."""
    if len(sound) < 3:
        return []
    named = select(PersonRow.person_id).where(PersonRow.name_key == sound).limit(_WEIGHED)
    if year is None:
        return list(session.scalars(named))
    near = PersonRow.birth_year.between(year - _YEARS, year + _YEARS)
    found = list(session.scalars(named.where(near).order_by(func.abs(PersonRow.birth_year - year))))
    return found or list(session.scalars(named.where(PersonRow.birth_year.is_(None))))


def _by(session: Session, column: Any, wanted: set[str]) -> dict[str, list[tuple[str, int | None]]]:
    """(person, year of birth) by what they share; one question to the file, answered by its index."""
    query = select(column, PersonRow.person_id, PersonRow.birth_year).where(among(column, sorted(wanted)))
    if column is PersonKey.value:
        query = query.join(PersonRow, PersonRow.person_id == PersonKey.person_id)
    found: dict[str, list[tuple[str, int | None]]] = {}
    for value, person, year in session.execute(query) if wanted else ():
        found.setdefault(value, []).append((person, year))
    return found


def _weighable(session: Session, ids: set[str]) -> dict[str, Values]:
    columns = [getattr(Person, key) for key in _WEIGHS]
    rows = session.execute(select(*columns).where(among(Person.id, sorted(ids)))).mappings() if ids else ()
    return {row["id"]: {str(key): row[key] for key in row} for row in rows}


def _best(one: Values, others: Sequence[Values]) -> tuple[Likely, ...]:
    weighed = []
    for other in others:
        said = evidence(one, other)
        if said.score:
            sure = bool(one.get("nik")) and one["nik"] == other["nik"]
            weighed.append(Likely(other["id"], said.score, said.reasons, sure))
    return tuple(sorted(weighed, key=lambda found: (not found.sure, -found.likeness, found.id))[:_MOST])
