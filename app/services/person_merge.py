"""Saying that two entries are one person, or two: one unit of work, and the way back.

The entry that goes is not rewritten: wherever it stands, the one that stays is shown (app/models/matches.py). Both keep
their history, and a decision taken back gives the one that stayed the values it had.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.errors import Invalid
from app.i18n import _
from app.models.content import from_plain, to_wire
from app.models.field import Field, Kind, field_map, said_fields
from app.models.journal import subject_of
from app.models.matches import DIFFERENT, MERGED, canonical
from app.models.permission import Permission
from app.models.person import Person
from app.models.person_match import PersonMatch
from app.models.sealed import HIDDEN
from app.services.desk import Desk, Saved
from app.services.entries import Entry, entry_of, get
from app.services.validate import changed_only


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two entries side by side: the fields in which they differ, and what each would be afterwards.

    `problem` says, in words, why they cannot be merged here; '' when they can.
    """

    kept: Entry
    gone: Entry
    fields: tuple[Field, ...]
    result: Mapping[str, Any]
    problem: str = ""


def compare(desk: Desk, kept: str, gone: str) -> Comparison:
    """What a person decides on. A field that only one entry fills is taken over; lists are put together."""
    with desk.read() as session:
        stays, goes = get(session, Person, kept), get(session, Person, gone)
        opens = desk.opener(session)
        left, right = entry_of(stays, opens=opens), entry_of(goes, opens=opens)
        fields = tuple(f for f in said_fields(Person) if (left[f.key] or right[f.key]) and left[f.key] != right[f.key])
        result = {f.key: _first(f, left, right) for f in fields}
        return Comparison(left, right, fields, result, _problem(desk, stays, goes))


def merge(desk: Desk, kept: str, gone: str, values: Mapping[str, Any]) -> Saved:
    """Say that two entries are one person. `values`: what the one that stays is to hold, where it held something else.

    The id is that of the decision. Invalid, with a sentence, when one of them is another office's.
    """
    clean = changed_only(Person, values)
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        stays, goes = get(session, Person, kept), get(session, Person, gone)
        if problem := _problem(desk, stays, goes):
            raise Invalid(problem, [("gone", problem)])
        if canonical(session, kept) == canonical(session, gone):
            raise Invalid(_("These two entries are one person already."), [])
        changed = [key for key, value in clean.items() if _plain(desk, session, stays, key) != (value or None)]
        before = {key: _wire(stays, key) for key in changed}
        for key in changed:
            setattr(stays, key, clean[key])
        session.flush()
        chosen = {key: [held, _wire(stays, key)] for key, held in before.items()}
        match = PersonMatch(
            kept=kept, gone=gone, decision=MERGED, decided_at=desk.now(), chosen=json.dumps(chosen, sort_keys=True)
        )
        session.add(match)
    return Saved(match.id, unit.changes)


def different(desk: Desk, one: str, other: str) -> Saved:
    """Say that two entries are two people: nobody is asked again. The id is that of the decision."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        a, b = sorted(get(session, Person, each).id for each in (one, other))
        match = PersonMatch(kept=a, gone=b, decision=DIFFERENT, decided_at=desk.now())
        session.add(match)
    return Saved(match.id, unit.changes)


def undo(desk: Desk, match_id: str) -> Saved:
    """Take a decision back: both entries stand by themselves again, with the values of before.

    A value that somebody changed since, or that this user may not read, stays as it is, and a warning says so.
    """
    unit = desk.write(Permission.WRITE_CASE)
    left: list[str] = []
    with unit as session:
        match = get(session, PersonMatch, match_id)
        if match.undone_at is None:
            match.undone_at = desk.now()
            person = session.get(Person, match.kept or "")
            if person is not None:
                left = _give_all_back(desk, session, person, json.loads(match.chosen or "{}"))
    said = _("Left as they are now, because they were changed since or are sealed: {fields}.")
    return Saved(match_id, unit.changes, (said.format(fields=", ".join(left)),) if left else ())


def _problem(desk: Desk, stays: Person, goes: Person) -> str:
    if all(_own(desk, person) for person in (stays, goes)):
        return ""
    return _("One of these entries belongs to another office. Only it may merge them; tell it the case number.")


def _own(desk: Desk, person: Person) -> bool:
    """Whether the entry is this office's to write: it came through its feed, or was made here."""
    return (person.scope or person.made_office) == desk.actor.office


def _give_all_back(desk: Desk, session: Session, person: Person, chosen: Mapping[str, tuple[Any, Any]]) -> list[str]:
    """Give an entry its values of before; the labels of those that stay as they are."""
    known = field_map(Person)
    pairs = [(known[key], before, after) for key, (before, after) in chosen.items() if key in known]
    return [_(values[0].label) for values in pairs if not _give_back(desk, session, person, values)]


def _give_back(desk: Desk, session: Session, person: Person, values: tuple[Field, Any, Any]) -> bool:
    field, before, after = values
    if _wire(person, field.key) != after:
        return False
    if field.sealed and before is not None:  # the token of before: opened here, sealed anew when it is written
        before = desk.opener(session)((person.kind, person.id, field.key), before, subject_of(person))
        if before is HIDDEN:
            return False
    setattr(person, field.key, from_plain(field, before))
    return True


def _wire(person: Person, key: str) -> Any:
    return to_wire(field_map(Person)[key], getattr(person, key))


def _plain(desk: Desk, session: Session, person: Person, key: str) -> Any:
    return entry_of(person, opens=desk.opener(session))[key] or None


def _first(field: Field, left: Entry, right: Entry) -> Any:
    mine, theirs = left[field.key], right[field.key]
    if HIDDEN in (mine, theirs):
        return HIDDEN
    if field.kind is Kind.CODES:
        return tuple(sorted({*(mine or ()), *(theirs or ())}))
    return mine if mine not in (None, "") else theirs
