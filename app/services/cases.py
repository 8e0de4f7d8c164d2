"""Cases: open, change, close, reopen, and find by number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import i18n
from app.errors import Conflicted, Forbidden, NotFound
from app.i18n import _
from app.models import settings
from app.models.case import Case
from app.models.holder import holder_of
from app.models.permission import Permission
from app.services.desk import Desk, Saved
from app.services.entries import Entry, entry_of, get
from app.services.oversight import require_approval
from app.services.validate import changed_only, cleaned


def open_case(desk: Desk, values: Mapping[str, Any]) -> Saved:
    """Open a case from its report. The number is made here, offline, and is unique to this device."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        case = add_case(session, desk, values)
    return Saved(case.id, unit.changes)


def add_case(session: Session, desk: Desk, values: Mapping[str, Any]) -> Case:
    """Add a case within a unit of work that does more."""
    clean = cleaned(Case, {"reported_at": desk.now(), **values})
    case = Case(**{"lead_worker": desk.actor.name, **clean, "number": _next_number(session, desk)})
    session.add(case)
    return case


def _next_number(session: Session, desk: Desk) -> str:
    """District code, year, device, serial: '3273-26-K7Q-0042'."""
    year = desk.now().astimezone(i18n.zone()).year
    name = f"serial:{year}"
    serial = int(settings.get(session, name, 0)) + 1
    settings.put(session, name, serial)
    district, tag = settings.get(session, "district", "0000"), settings.get(session, "device_tag", "000")
    return f"{district}-{year % 100:02}-{tag}-{serial:04}"


def change_case(desk: Desk, case_id: str, values: Mapping[str, Any]) -> Saved:
    """Change fields of a case; only what differs is journalled."""
    clean = changed_only(Case, values)
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        case = get(session, Case, case_id)
        for key, value in clean.items():
            setattr(case, key, value)
    return Saved(case_id, unit.changes)


def close_case(desk: Desk, case_id: str, *, reason: str, note: str | None = None) -> Saved:
    """Close a case with a reason. Conflicted while the office wants it approved first. Reopening keeps the history."""
    unit = desk.write(Permission.CLOSE_CASE)
    with unit as session:
        require_approval(session, desk, case_id, since=get(session, Case, case_id).reopened_at)
        end_case(session, desk, case_id, reason=reason, note=note)
    return Saved(case_id, unit.changes)


def end_case(session: Session, desk: Desk, case_id: str, *, reason: str, note: str | None = None) -> None:
    """Close a case within a unit of work that does more."""
    clean = cleaned(Case, {"close_reason": reason, "close_note": note}, complete=False)
    if not clean["close_reason"]:
        raise Conflicted(_("Say why the case is closed."))
    case = own_case(session, desk, case_id)
    if is_closed(case):
        raise Conflicted(_("This case is closed already."))
    case.closed_at, case.close_reason, case.close_note = desk.now(), reason, clean["close_note"]


def reopen_case(desk: Desk, case_id: str) -> Saved:
    """Open a closed case again."""
    unit = desk.write(Permission.CLOSE_CASE)
    with unit as session:
        case = own_case(session, desk, case_id)
        if not is_closed(case):
            raise Conflicted(_("This case is not closed."))
        case.reopened_at = desk.now()
    return Saved(case_id, unit.changes)


def is_closed(case: Case) -> bool:
    """Whether the last word on the case was its closing."""
    return case.closed_at is not None and not (case.reopened_at and case.reopened_at > case.closed_at)


def own_case(session: Session, desk: Desk, case_id: str) -> Case:
    """A case of the signed-in user's office; another office's case is its own to steer."""
    case = get(session, Case, case_id)
    if holder_of(session, case) != desk.actor.office:
        raise Forbidden(_("Only the office whose case this is may do this."))
    return case


def find_case(desk: Desk, number: str) -> Entry:
    """The case with this number, or whose number ends with it if only one does."""
    with desk.read() as session:
        exact = session.scalars(select(Case).where(Case.number == number)).all()
        found = exact or session.scalars(select(Case).where(Case.number.endswith(number, autoescape=True))).all()
        if not found:
            raise NotFound(_("There is no case with the number {number} on this laptop.").format(number=number))
        if len(found) > 1:
            raise NotFound(_("Several cases end with {number}; give the whole number.").format(number=number))
        return entry_of(found[0])
