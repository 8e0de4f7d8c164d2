"""One derived row per person: how the names sound, and what else two entries for one person share.

It answers "who is like this?" while a name is typed, among a hundred thousand, and remembers which pairs of entries may
be one person. It lies inside the encrypted file and holds nothing sealed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Connection, Index, Integer, String, Text, delete, event, func, or_, select, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.models.among import among
from app.models.base import Base
from app.models.dates import latest
from app.models.ids import chunks
from app.models.journal import Changes
from app.models.names import name_key
from app.models.person import Person
from app.models.person_match import PersonMatch

KEYS = ("nik", "passport", "phone", "account", "bank_account")  # one of these in common is never chance alone
_MOST = 300  # sounded alike: what is weighed word by word afterwards
_SAME_NAME = 100


class PersonRow(Base):
    """What candidates are found by."""

    __tablename__ = "person_row"

    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)  # rowid of the full-text index
    person_id: Mapped[str] = mapped_column(String(32), unique=True)
    name_key: Mapped[str] = mapped_column(Text, default="")
    alias_key: Mapped[str] = mapped_column(Text, default="")
    birth_date: Mapped[str] = mapped_column(String(10), index=True, default="")
    birth_year: Mapped[int | None] = mapped_column(Integer)
    sex: Mapped[str] = mapped_column(String(40), default="")
    region: Mapped[str] = mapped_column(String(13), default="")
    village: Mapped[str] = mapped_column(Text, default="")  # as it sounds
    looked: Mapped[bool] = mapped_column(Boolean, default=False)  # for others who may be the same

    __table_args__ = (
        Index("ix_person_row_name", "name_key", "birth_year"),
        Index("ix_person_row_village", "village", "birth_year"),
        Index("ix_person_row_looked", "n", sqlite_where=text("looked = 0")),
    )


class PersonKey(Base):
    """A number or account of a person, in the form in which it is compared."""

    __tablename__ = "person_key"

    person_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True, index=True)


class LikelyPair(Base):
    """Two entries that may be one person and of whom nobody has said so or otherwise. `a` sorts before `b`."""

    __tablename__ = "likely_pair"

    a: Mapped[str] = mapped_column(String(32), primary_key=True)
    b: Mapped[str] = mapped_column(String(32), primary_key=True, index=True)
    score: Mapped[int] = mapped_column(Integer, index=True)


FTS_DDL = (
    "CREATE VIRTUAL TABLE person_fts USING fts5(names, tokenize='trigram')",
    "INSERT INTO person_fts(person_fts, rank) VALUES('secure-delete', 1)",
    "INSERT INTO person_fts(person_fts, rank) VALUES('pgsz', 3950)",
)
_INSERT = insert(PersonRow)
_PUT = _INSERT.on_conflict_do_update(
    index_elements=["n"], set_={c.name: c for c in _INSERT.excluded if c.name not in ("n", "person_id")}
)


@event.listens_for(Base.metadata, "after_create")
def _create_fts(_target: object, connection: Connection, **_kw: Any) -> None:
    for statement in FTS_DDL:
        connection.exec_driver_sql(statement)


def refresh(session: Session, changes: Changes) -> None:
    """Derive the rows of touched persons anew, and forget pairs that somebody decided on, in the same transaction."""
    if "person" in changes.kinds:
        for some in chunks(sorted(changes.records)):
            _refresh(session, some)
    if "person_match" in changes.kinds:
        for some in chunks(sorted(changes.records)):
            _forget_decided(session, some)


def keys_of(values: Mapping[str, Any]) -> set[tuple[str, str]]:
    """(kind, value) of what a person alone has: numbers without spaces, accounts without sign and case."""
    found = {(kind, plain(str(values.get(kind) or ""))) for kind in KEYS}
    found.add(("phone", plain(str(values.get("other_phone") or ""))))
    return {(kind, value) for kind, value in found if len(value) > 3}


def plain(value: str) -> str:
    """An account or number as it is compared: '@Siti.Cantik' is 'siticantik'."""
    return "".join(sign for sign in value.casefold() if sign.isalnum() or sign == "+")


def year_of(values: Mapping[str, Any]) -> int | None:
    """The year of birth, from the date, or about it, from the age and the day it was estimated on."""
    born, age, on = values.get("birth_date"), values.get("age"), values.get("age_on")
    if born and str(born)[:4].isdigit():
        return int(str(born)[:4])
    return latest(on).year - age if on and age is not None else None


def sounding_like(session: Session, keys: Iterable[str], *, most: int = _MOST) -> list[int]:
    """Rows whose names share most three-letter pieces with these, the likeliest first."""
    pieces = sorted({key[at : at + 3] for key in (f" {k} " for k in keys if k) for at in range(len(key) - 2)})
    if not pieces:
        return []
    match = " OR ".join(f'"{piece}"' for piece in pieces)
    found = text("SELECT rowid FROM person_fts WHERE person_fts MATCH :match ORDER BY rank LIMIT :most")
    return list(session.scalars(found, {"match": match, "most": most}))


def sharing(session: Session, values: Mapping[str, Any]) -> set[str]:
    """Persons with the same number or account, or the same name and year of birth."""
    told = {value for _kind, value in keys_of(values)}
    same = session.scalars(select(PersonKey.person_id).where(PersonKey.value.in_(told)).limit(_MOST)) if told else ()
    found = set(same)
    key, year = name_key(str(values.get("name") or "")), year_of(values)
    if key and year:
        near = PersonRow.name_key == key, PersonRow.birth_year.between(year - 1, year + 1)
        found.update(session.scalars(select(PersonRow.person_id).where(*near).limit(_SAME_NAME)))
    return found


def neighbours(session: Session, row: PersonRow) -> set[str]:
    """Persons who share what makes a pair worth asking about: a number, the day of birth, village and year."""
    values = session.scalars(select(PersonKey.value).where(PersonKey.person_id == row.person_id)).all()
    found = set(session.scalars(select(PersonKey.person_id).where(PersonKey.value.in_(values)))) if values else set()
    near = []
    if len(row.birth_date) == 10 and "?" not in row.birth_date:
        near.append(PersonRow.birth_date == row.birth_date)
    if row.village and row.birth_year:
        near.append((PersonRow.village == row.village) & (PersonRow.birth_year == row.birth_year))
    if near:
        found.update(session.scalars(select(PersonRow.person_id).where(or_(*near)).limit(_MOST)))
    return found - {row.person_id}


def _refresh(session: Session, ids: Sequence[str]) -> None:
    columns = Person.__table__.columns
    found = session.execute(select(*columns).where(among(Person.id, ids))).mappings()
    people: dict[str, dict[str, Any]] = {row["id"]: {str(key): row[key] for key in row} for row in found}
    held = select(PersonRow.person_id, PersonRow.n, PersonRow.name_key, PersonRow.alias_key)
    before = {row.person_id: row for row in session.execute(held.where(among(PersonRow.person_id, ids)))}
    known: dict[str, int] = {person: row.n for person, row in before.items()}
    _forget(session, [n for person, n in known.items() if person not in people], ids)
    after = session.scalar(select(func.max(PersonRow.n))) or 0
    known |= {person: after + at for at, person in enumerate(sorted(people.keys() - known.keys()), 1)}
    lines = [_line(known[person], row) for person, row in people.items()]
    if not lines:
        return
    connection = session.connection()
    connection.execute(_PUT, lines)
    heard = [(line["n"], line["name_key"], line["alias_key"]) for line in lines]
    same = {(row.n, row.name_key, row.alias_key) for row in before.values()}
    names = [(n, f" {key}  {alias} ") for n, key, alias in heard if (n, key, alias) not in same]
    if names:
        connection.exec_driver_sql("INSERT OR REPLACE INTO person_fts(rowid, names) VALUES (?, ?)", names)
    keys = [
        {"person_id": person, "kind": kind, "value": value}
        for person, row in people.items() for kind, value in sorted(keys_of(row))
    ]  # fmt: skip
    if keys:
        connection.execute(insert(PersonKey), keys)


def _forget(session: Session, gone: Sequence[int], ids: Sequence[str]) -> None:
    """What was derived before: all of it for those who are gone."""
    if gone:
        session.connection().exec_driver_sql("DELETE FROM person_fts WHERE rowid = ?", [(n,) for n in gone])
        session.execute(delete(PersonRow).where(PersonRow.n.in_(gone)))
    session.execute(delete(PersonKey).where(among(PersonKey.person_id, ids)))
    session.execute(delete(LikelyPair).where(or_(among(LikelyPair.a, ids), among(LikelyPair.b, ids))))


def _line(n: int, values: Mapping[str, Any]) -> dict[str, Any]:
    age_on = values["age_on"] or (values["made_at"].date().isoformat() if values["made_at"] else None)
    return {
        "n": n, "person_id": values["id"], "name_key": values["name_key"] or "",
        "alias_key": name_key(values["alias"] or ""), "birth_date": values["birth_date"] or "",
        "birth_year": year_of({**values, "age_on": age_on}), "sex": values["sex"] or "",
        "region": values["region"] or "", "village": name_key(values["village"] or ""), "looked": False,
    }  # fmt: skip


def _forget_decided(session: Session, records: Collection[str]) -> None:
    """A pair that was decided on is asked about no more; one whose decision was taken back, again."""
    columns = PersonMatch.kept, PersonMatch.gone, PersonMatch.undone_at
    for kept, gone, undone_at in session.execute(select(*columns).where(among(PersonMatch.id, records))):
        a, b = sorted((kept or "", gone or ""))
        session.execute(delete(LikelyPair).where(LikelyPair.a == a, LikelyPair.b == b))
        if undone_at is not None:
            session.connection().exec_driver_sql("UPDATE person_row SET looked = 0 WHERE person_id IN (?, ?)", (a, b))
