"""Whether two entries are one person: who may be, why, and what somebody decided. The program never decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from app.i18n import N_, _
from app.models.among import among
from app.models.case import Case
from app.models.matches import canonicals, pair_decided
from app.models.names import likeness, name_key
from app.models.permission import Permission
from app.models.person import Party, Person
from app.models.person_index import LikelyPair, PersonRow, keys_of, neighbours, sharing, sounding_like, year_of
from app.services.desk import Desk
from app.services.entries import Entry, entry_of

ALIKE = 84  # of 100; measured on the spelling pairs of the tests: below it strangers come in
_NEAR, _WITH_NUMBER = 70, 60  # enough if the day of birth is the same, or a number or account
_YEARS = 3  # further apart, a name alone makes nobody the same
_WEIGHED = 60
_PIECE = 50
_SAID = {
    "nik": N_("same NIK"), "passport": N_("same passport"), "phone": N_("same telephone"),
    "account": N_("same account"), "bank_account": N_("same bank account"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for two being one: 0 to 100, and why, in words."""

    score: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be the same person: who, why, and in which case."""

    person: Entry
    likeness: int
    reasons: tuple[str, ...]
    case_number: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that may be one person."""

    a: Entry
    b: Entry
    score: int
    reasons: tuple[str, ...]
    cases: tuple[str, str]  # a case number of each, or ''

    @property
    def id(self) -> str:
        """What tells it from the other pairs."""
        return pair_id(self.a.id, self.b.id)


def pair_id(a: str, b: str) -> str:
    """The id of the pair of these two entries."""
    return f"{a} {b}"


def candidates(desk: Desk, values: Mapping[str, Any], *, limit: int = 5, besides: str = "") -> tuple[Candidate, ...]:
    """Persons on this laptop who may be the one being typed in, the likeliest first. `besides`: the entry itself."""
    key, told = name_key(str(values.get("name") or "")), keys_of(values)
    if len(key) < 3 and not told:
        return ()
    alias = name_key(str(values.get("alias") or ""))
    with desk.read() as session:
        near = _nearest(session, (key, alias), sharing(session, values))
        stands = canonicals(session, near)
        wanted = sorted({stands[person] for person in near} - {besides})
        people = list(session.scalars(select(Person).where(among(Person.id, wanted))))
        weighed = [(evidence(values, _values(person)), person) for person in people]
        best = sorted((one for one in weighed if one[0].score), key=lambda one: (-one[0].score, one[1].id))[:limit]
        opens, numbers = desk.opener(session), case_numbers(session, [person.id for _found, person in best])
        return tuple(
            Candidate(entry_of(person, opens=opens), found.score, found.reasons, numbers.get(person.id, ""))
            for found, person in best
        )


def evidence(one: Mapping[str, Any], other: Mapping[str, Any]) -> Evidence:
    """What speaks for these values being of one person; a score of 0 when it is not enough to ask."""
    name, called = _names(one, other)
    shared = sorted({kind for kind, _value in keys_of(one) & keys_of(other)}, key=list(_SAID).index)
    born, apart = _births(one, other)
    places = [
        said for said, key, sound in ((_("same village"), "village", name_key), (_("same district"), "region", str))
        if one.get(key) and sound(str(one[key])) == sound(str(other.get(key) or ""))
    ]  # fmt: skip
    if {"nik", "passport"} & set(shared):
        score = 100
    elif shared:
        score = max(name, 90) if name >= _WITH_NUMBER else 75
    elif name >= ALIKE and not apart:
        score = name
    elif name >= _NEAR and born == _("same date of birth"):
        score = ALIKE
    else:
        return Evidence()
    supports = len(places) + bool(born)
    if one.get("sex") and other.get("sex") and one["sex"] != other["sex"] and score < 100:
        score -= 15
    reasons = [_(_SAID[kind]) for kind in shared] + ([called] if called else []) + ([born] if born else []) + places[:1]
    return Evidence(min(100, score + 2 * supports) if score < 100 else 100, tuple(reasons))


def _names(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[int, str]:
    """How much the names sound alike, aliases included, and that in words."""
    sides = [[str(side.get(key) or "") for key in ("name", "alias")] for side in (one, other)]
    best = max(
        ((likeness(name_key(a), name_key(b)), a, b) for a in sides[0] for b in sides[1] if name_key(a) and name_key(b)),
        default=(0, "", ""),
    )
    score, a, b = best
    if score < _NEAR:
        return score, ""
    if a.casefold() != b.casefold():
        return score, f"{a} ~ {b}"
    named = (a, b) == (sides[0][0], sides[1][0])
    return score, _("same name") if named else _("same alias")


def _births(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, bool]:
    """('same date of birth' or year or '', whether they are years apart)."""
    days = [str(side.get("birth_date") or "") for side in (one, other)]
    years = [year_of(side) for side in (one, other)]
    if days[0] == days[1] and len(days[0]) == 10 and "?" not in days[0]:
        return _("same date of birth"), False
    if None in years:
        return "", False
    gap = abs((years[0] or 0) - (years[1] or 0))
    return (_("same birth year") if gap == 0 else ""), gap > _YEARS


# the queue


def look_further(desk: Desk, *, most: int = _PIECE) -> bool:
    """Look for others like some of the persons nobody has looked at since they changed; whether there are more."""
    unit = desk.note(Permission.READ)
    with unit as session:
        waiting = select(PersonRow).where(PersonRow.looked.is_(False)).order_by(PersonRow.n).limit(most)
        rows = list(session.scalars(waiting))
        for row in rows:
            _look(session, row)
            row.looked = True
    return len(rows) == most


def waiting(desk: Desk) -> int:
    """How many pairs wait for an answer."""
    with desk.read() as session:
        return session.scalar(select(func.count()).select_from(LikelyPair)) or 0


def pairs(desk: Desk, *, most: int = 100, after: int = 0) -> tuple[Pair, ...]:
    """Pairs that may be one person, the likeliest first; those where something changed meanwhile are left out."""
    with desk.read() as session:
        order = select(LikelyPair).order_by(LikelyPair.score.desc(), LikelyPair.a, LikelyPair.b)
        found = [(row.a, row.b) for row in session.scalars(order.offset(after).limit(most))]
        ids = sorted({person for pair in found for person in pair})
        people = {person.id: person for person in session.scalars(select(Person).where(among(Person.id, ids)))}
        opens, numbers = desk.opener(session), case_numbers(session, ids)
        shown = []
        for a, b in found:
            if a in people and b in people:
                said = evidence(_values(people[a]), _values(people[b]))
                sides = (entry_of(people[a], opens=opens), entry_of(people[b], opens=opens))
                cases = (numbers.get(a, ""), numbers.get(b, ""))
                shown.append(Pair(*sides, said.score, said.reasons, cases))
        return tuple(shown)


def _look(session: Session, row: PersonRow) -> None:
    me = session.get(Person, row.person_id)
    near = neighbours(session, row)
    mine = or_(LikelyPair.a == row.person_id, LikelyPair.b == row.person_id)
    session.execute(delete(LikelyPair).where(mine), execution_options={"synchronize_session": False})
    stands = canonicals(session, [row.person_id, *near])
    near = {person for person in near if stands[person] == person}
    if me is None or not near or stands[me.id] != me.id:
        return
    likely = []
    for person in session.scalars(select(Person).where(among(Person.id, sorted(near)))):
        found = evidence(_values(me), _values(person))
        if found.score >= ALIKE and not pair_decided(session, me.id, person.id):
            a, b = sorted((me.id, person.id))
            likely.append({"a": a, "b": b, "score": found.score})
    if likely:
        session.execute(insert(LikelyPair).on_conflict_do_nothing(), likely)


# what both need


def _nearest(session: Session, keys: tuple[str, str], sharing: set[str]) -> list[str]:
    """The ids of those worth weighing: who shares a number, and whose names sound most alike."""
    columns = PersonRow.person_id, PersonRow.name_key, PersonRow.alias_key
    alike = among(PersonRow.n, sounding_like(session, keys))
    told = [key for key in keys if key]
    heard = sorted(
        (-max((likeness(mine, key) for mine in told for key in theirs if key), default=0), person)
        for person, *theirs in session.execute(select(*columns).where(alike))
    )
    return [*sharing, *(person for score, person in heard[:_WEIGHED] if -score >= _NEAR)]


def _values(person: Person) -> dict[str, Any]:
    keys = ("name", "alias", "sex", "birth_date", "age", "age_on", "region", "village", "other_phone", *_SAID)
    return {key: getattr(person, key) for key in keys}


def case_numbers(session: Session, persons: Sequence[str]) -> dict[str, str]:
    """A case of each, by its number."""
    query = select(Party.person_id, func.min(Case.number)).join(Case, Party.case_id == Case.id)
    rows = session.execute(query.where(among(Party.person_id, persons)).group_by(Party.person_id))
    return {person: number or "" for person, number in rows if person}
