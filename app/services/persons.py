"""Everybody on this laptop, across cases: a list made for 120,000 persons. An entry that was merged is its kept one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select, text
from sqlalchemy.orm import Session

from app.models.among import among
from app.models.case_index import CaseRow
from app.models.dates import is_child, show_age
from app.models.matches import MERGED, canonicals, follow, same_people
from app.models.names import heard_as, initials, likeness, name_key
from app.models.person import Party, Person, estimated_on
from app.models.person_index import PersonKey, PersonRow, plain, sounding_like
from app.models.person_match import PersonMatch
from app.services.desk import Desk

FEW = 20  # hits, below which names that only sound alike are looked for
_PIECE = 3  # letters: the full-text index finds nothing shorter
HANDFUL = 1000


@dataclass(frozen=True, slots=True)
class PersonQuery:
    """What the list shows: typed words, filters, order."""

    text: str = ""
    role: str = ""  # a party_role code: in any case
    sex: str = ""
    region: str = ""  # a region code, or the beginning of one
    repeated: bool = False  # only who appears in several cases
    sort: str = "name"  # a key of SORTS
    descending: bool = False


@dataclass(frozen=True, slots=True)
class PersonItem:
    """One row of the list; never a full name."""

    id: str
    initials: str
    sex: str
    age: str
    child: bool
    region: str
    roles: tuple[str, ...]
    cases: int


_SEVERAL = (
    "(SELECT count(DISTINCT case_id) FROM party WHERE party.person_id = person_row.person_id)"  # by index, row by row
)
SORTS: dict[str, Sequence[ColumnElement[Any]]] = {
    "name": (literal_column("person_row.name_key"),),
    "sex": (literal_column("person_row.sex"),),
    "age": (literal_column("-person_row.birth_year"),),
    "region": (literal_column("person_row.region"),),
    "cases": (literal_column(_SEVERAL),),
}


def ids(desk: Desk, query: PersonQuery) -> list[int]:
    """The keys of all persons that match, in order. Where a name finds few, names that sound alike come after."""
    order = [one.desc() if query.descending else one for one in SORTS.get(query.sort, SORTS["name"])]
    with desk.read() as session:
        stands = _merged(session)
        gone = [entry for entry, kept in stands.items() if entry != kept]
        narrowed = select(PersonRow.n).where(*_conditions(query, stands))
        if gone:
            narrowed = narrowed.where(~among(PersonRow.person_id, gone))
        said = _spoken(session, query.text, stands)
        if said is not None:
            narrowed = narrowed.where(said)
        ordered = narrowed.order_by(*order, PersonRow.n.desc())
        found = list(session.scalars(ordered.execution_options(yield_per=HANDFUL)))
        if said is not None and len(found) < FEW:
            alike = _sounding(session, query, stands)
            found += [n for n in alike if n not in set(found)]
        return found


def total(desk: Desk) -> int:
    """How many persons are on this laptop, merged entries once."""
    with desk.read() as session:
        gone = sum(entry != kept for entry, kept in _merged(session).items())
        return (session.scalar(select(func.count()).select_from(PersonRow)) or 0) - gone


def rows(desk: Desk, keys: Sequence[int]) -> list[PersonItem | None]:
    """The rows for these keys, in their order; None for a person who is gone."""
    today = desk.today()
    with desk.read() as session:
        statement = select(PersonRow.n, Person).join(Person, Person.id == PersonRow.person_id)
        found = dict(session.execute(statement.where(among(PersonRow.n, keys))).all())
        parts = _parts(session, [person.id for person in found.values()])
        items: dict[int, PersonItem] = {}
        for n, person in found.items():
            on = estimated_on({"age_on": person.age_on, "made_at": person.made_at})
            held = parts[person.id]
            items[n] = PersonItem(
                person.id, initials(person.name), person.sex or "",
                show_age(person.birth_date, person.age, today, on=on),
                bool(is_child(person.birth_date, person.age, today, on=on)), person.region or "",
                tuple(dict.fromkeys(role for _case, role in held if role)), len({case for case, _role in held}),
            )  # fmt: skip
        return [items.get(key) for key in keys]


def _merged(session: Session) -> dict[str, str]:
    """Whom every entry that somebody decided about stands for: few beside all."""
    columns = PersonMatch.id, PersonMatch.kept, PersonMatch.gone
    holds = PersonMatch.decision == MERGED, PersonMatch.undone_at.is_(None)
    rows = session.execute(select(*columns).where(*holds))
    stands = follow((record, kept, gone) for record, kept, gone in rows if kept and gone)
    here = set(session.scalars(select(Person.id).where(among(Person.id, set(stands.values())))))
    return {entry: kept for entry, kept in stands.items() if kept in here}


def _parts(session: Session, persons: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """(case, role) of each of them, of the entries that were merged into them too; the oldest first."""
    every = same_people(session, persons)
    stands = canonicals(session, every)
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    query = select(Party.person_id, Party.case_id, Party.role).where(among(Party.person_id, sorted(every)))
    for person, case, role in session.execute(query.order_by(Party.id)):
        found[stands[person or ""]].append((case or "", role or ""))
    return found


def _conditions(query: PersonQuery, stands: dict[str, str]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.sex:
        found.append(PersonRow.sex == query.sex)
    if query.region:
        found.append(PersonRow.region.startswith(query.region, autoescape=True))
    if query.role:
        found.append(_or_their_kept(select(Party.person_id).where(Party.role == query.role), stands))
    if query.repeated:
        shown = select(CaseRow.case_id)
        several = select(Party.person_id).where(Party.case_id.in_(shown)).group_by(Party.person_id)
        several = several.having(func.count(Party.case_id.distinct()) > 1)
        kept = sorted({one for entry, one in stands.items() if entry != one})  # two entries seldom share their case
        found.append(or_(PersonRow.person_id.in_(several), among(PersonRow.person_id, kept)))
    return found


def _or_their_kept(entries: Select[Any], stands: dict[str, str]) -> ColumnElement[bool]:
    """That a person is one of these entries, or stands for one that was merged."""
    gone = {entry: kept for entry, kept in stands.items() if entry != kept}
    if not gone:
        return PersonRow.person_id.in_(entries)
    pairs = func.json_each(_json(gone)).table_valued("key", "value")
    through = select(pairs.c.value).where(pairs.c.key.in_(entries))
    return or_(PersonRow.person_id.in_(entries), PersonRow.person_id.in_(through))


def _json(values: dict[str, str]) -> str:
    return "{" + ",".join(f'"{key}":"{value}"' for key, value in values.items()) + "}"  # ids: nothing to escape


def _spoken(session: Session, typed: str, stands: dict[str, str]) -> ColumnElement[bool] | None:
    """That a name has words that begin so, or a number or account does; None when nothing was typed."""
    if any(sign.isdigit() or sign == "@" for sign in typed):
        value = plain(typed)
        forms = [value, "+62" + value[1:]] if value.startswith("0") else [value]
        begins = or_(*(PersonKey.value.startswith(form, autoescape=True) for form in forms))
        return _or_their_kept(select(PersonKey.person_id).where(begins), stands)
    words = name_key(typed).split()
    if not words:
        return None
    pieces = " AND ".join(f'" {word}"' for word in words if len(word) >= _PIECE - 1)
    if not pieces:
        return PersonRow.name_key.startswith(words[0], autoescape=True)
    hits = text("SELECT person_id FROM person_row WHERE n IN (SELECT rowid FROM person_fts WHERE person_fts MATCH :m)")
    entries = hits.bindparams(m=pieces).columns(literal_column("person_id")).subquery()
    return _or_their_kept(select(entries.c.person_id), stands)


def _sounding(session: Session, query: PersonQuery, stands: dict[str, str]) -> list[int]:
    """Who is called something that sounds like what was typed, the likeliest first."""
    key = name_key(query.text)
    if len(key) < _PIECE or any(sign.isdigit() for sign in query.text):
        return []
    columns = PersonRow.person_id, PersonRow.name_key, PersonRow.alias_key
    near = session.execute(select(*columns).where(among(PersonRow.n, sounding_like(session, [key]))))
    heard: dict[str, int] = {}
    for person, *theirs in near:
        if any(one and heard_as(key, one) for one in theirs):
            shown = stands.get(person, person)
            heard[shown] = max(heard.get(shown, 0), max(likeness(key, one) for one in theirs if one))
    return _in_order(session, heard, _conditions(query, stands))


def _in_order(session: Session, heard: dict[str, int], conditions: Iterable[ColumnElement[bool]]) -> list[int]:
    keys = select(PersonRow.n, PersonRow.person_id).where(among(PersonRow.person_id, heard), *conditions)
    found = session.execute(keys).all()
    return [n for n, person in sorted(found, key=lambda row: (-heard[row[1]], row[0]))]
