"""What is derived from the records is brought up to date a piece at a time, between other work.

A file of an older version has no index of persons, and texts that hold less; and whoever is new is looked at, whether
somebody like them is here already.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import case_index, person_index, settings
from app.models.case import Case
from app.models.journal import Changes
from app.models.permission import Permission
from app.models.person import Person
from app.services import duplicates
from app.services.desk import Desk

VERSION: Final = 7  # of what is derived: another one, and every file is read anew
_NAME, _PLACE = "derived", "derived:place"
_PIECE = 100


def is_whole(desk: Desk) -> bool:
    """Whether every person and case of this file is in its lists and in the search."""
    with desk.read() as session:
        return bool(settings.get(session, _NAME) == VERSION)


def begin(session: Session) -> None:
    """A file that is new has nothing to derive."""
    settings.put(session, _NAME, VERSION)


def piece(desk: Desk) -> bool:
    """Do a part of what is to do; whether there is more. Harmless when repeated, and when it is cut off."""
    if is_whole(desk):
        return duplicates.look_further(desk)
    with desk.note(Permission.READ) as session:
        kind, after = settings.get(session, _PLACE, ["person", ""])
        last = _persons(session, after) if kind == "person" else _cases(session, after)
        settings.put(session, _PLACE, _next(kind, last))
        if kind == "case" and not last:
            begin(session)
    return True


def _next(kind: str, last: str) -> Any:
    if last:
        return [kind, last]
    return ["case", ""] if kind == "person" else None


def _persons(session: Session, after: str) -> str:
    """Names sound otherwise than in older versions."""
    some = select(Person.id, Person.name).where(Person.id > after).order_by(Person.id).limit(_PIECE)
    keys = [(Person.derived({"name": name})["name_key"], person) for person, name in session.execute(some)]
    if keys:
        session.connection().exec_driver_sql("UPDATE person SET name_key = ? WHERE id = ?", keys)
    ids = [person for _key, person in keys]
    person_index.refresh(session, Changes(frozenset({Person.kind}), frozenset(ids)))
    return ids[-1] if ids else ""


def _cases(session: Session, after: str) -> str:
    ids = list(session.scalars(select(Case.id).where(Case.id > after).order_by(Case.id).limit(_PIECE)))
    case_index.refresh(session, ids)
    return ids[-1] if ids else ""
