"""The service directory: who helps with what, where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.models.office import Agency, Office
from app.models.permission import Permission
from app.services.desk import Desk, Saved
from app.services.entries import Entry, entry_of, get
from app.services.validate import changed_only, cleaned


def agencies(desk: Desk, *, service: str = "", words: str = "") -> tuple[Entry, ...]:
    """Directory entries, by name; optionally only those that offer a service or whose name holds the words."""
    statement = select(Agency).order_by(Agency.name)
    if service:
        statement = statement.where(Agency.services.like(f"%|{service}|%"))
    if words:
        statement = statement.where(Agency.name.icontains(words, autoescape=True))
    with desk.read(Permission.SYNC) as session:
        return tuple(entry_of(agency) for agency in session.scalars(statement))


def recipients(desk: Desk) -> tuple[Entry, ...]:
    """The agencies a victim can be referred to: all but this office."""
    return tuple(agency for agency in agencies(desk) if agency["office_id"] != desk.actor.office)


def offices(desk: Desk) -> tuple[Entry, ...]:
    """The offices this laptop knows."""
    with desk.read(Permission.SYNC) as session:
        return tuple(entry_of(office) for office in session.scalars(select(Office).order_by(Office.name)))


def add_agency(desk: Desk, values: Mapping[str, Any]) -> Saved:
    """Add an agency to the directory."""
    clean = cleaned(Agency, values)
    unit = desk.write(Permission.DIRECTORY)
    with unit as session:
        agency = Agency(**clean)
        session.add(agency)
    return Saved(agency.id, unit.changes)


def change_agency(desk: Desk, agency_id: str, values: Mapping[str, Any]) -> Saved:
    """Change a directory entry."""
    clean = changed_only(Agency, values)
    unit = desk.write(Permission.DIRECTORY)
    with unit as session:
        agency = get(session, Agency, agency_id)
        for key, value in clean.items():
            setattr(agency, key, value)
    return Saved(agency_id, unit.changes)
