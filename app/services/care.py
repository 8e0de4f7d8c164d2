"""Services for a victim, and dated notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflicted
from app.i18n import _
from app.models.case import Case
from app.models.permission import Permission
from app.models.person import Party
from app.models.screening import Screening
from app.models.service import Note, Service
from app.services.desk import Desk, Saved
from app.services.entries import get
from app.services.part_rule import Coming
from app.services.validate import changed_only, cleaned

_MEDIATION = "UPTD.5"


def add_service(desk: Desk, case_id: str, values: Mapping[str, Any]) -> Saved:
    """Plan a service, or record one already done. Mediation with a suspect is blocked in trafficking cases."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        get(session, Case, case_id)
        service = enter_service(session, desk, case_id, values)
    return Saved(service.id, unit.changes)


def enter_service(session: Session, desk: Desk, case_id: str, values: Mapping[str, Any]) -> Service:
    """Enter a service within a unit of work that does more."""
    coming = Coming(session, desk, case_id, Service, cleaned(Service, values, complete=False))
    service_rule(coming)
    service = Service(case_id=case_id, **cleaned(Service, coming.values))
    session.add(service)
    return service


def service_rule(coming: Coming) -> None:
    """Planned unless said otherwise; what is done says when. No mediation with a suspect."""
    coming.default("state", "PLANNED")
    if coming.changes("service_type") and coming["service_type"] == _MEDIATION and _has_suspect(coming):
        raise Conflicted(_("No mediation between a victim of trafficking and a suspect: choose another service."))
    if coming["state"] == "DONE" and coming["done_at"] is None:
        coming.values["done_at"] = coming.desk.now()
    if coming.is_new and not _is_possible(coming):
        coming.warnings.append(
            _("No screening says yet that trafficking is possible. Screen soon; the service stands.")
        )


def _is_possible(coming: Coming) -> bool:
    """Whether the latest screening leaves trafficking possible: from then on services are meant to start."""
    latest = coming.session.scalar(
        select(Screening.conclusion).where(Screening.case_id == coming.case_id).order_by(Screening.id.desc()).limit(1)
    )
    return latest in ("POSSIBLE", "PRESUMED", "CONFIRMED")


def _has_suspect(coming: Coming) -> bool:
    found = select(Party.id).where(Party.case_id == coming.case_id, Party.role == "SUSPECT").limit(1)
    return coming.session.scalar(found) is not None


def change_service(desk: Desk, service_id: str, values: Mapping[str, Any]) -> Saved:
    """Change a service: its due date, provider, goal."""
    clean = changed_only(Service, values)
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        service = get(session, Service, service_id)
        coming = Coming(session, desk, service.case_id or "", Service, clean, service)
        service_rule(coming)
        for key, value in coming.values.items():
            setattr(service, key, value)
    return Saved(service_id, unit.changes)


def complete_service(desk: Desk, service_id: str, *, result: str | None = None) -> Saved:
    """Mark a service as done now."""
    clean = cleaned(Service, {"result": result}, complete=False)
    return _end(desk, service_id, {"state": "DONE", "done_at": desk.now(), **clean})


def cancel_service(desk: Desk, service_id: str, *, why: str) -> Saved:
    """Cancel a planned service, saying why."""
    return _end(desk, service_id, {"state": "CANCELLED", **cleaned(Service, {"result": why}, complete=False)})


def _end(desk: Desk, service_id: str, values: Mapping[str, Any]) -> Saved:
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        service = get(session, Service, service_id)
        if service.state != "PLANNED":
            raise Conflicted(_("This service is not planned any more."))
        for key, value in values.items():
            setattr(service, key, value)
    return Saved(service_id, unit.changes)


def add_note(desk: Desk, case_id: str, values: Mapping[str, Any]) -> Saved:
    """Add a dated note. Notes are never overwritten by the sync: each is an entry of its own."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        get(session, Case, case_id)
        note = enter_note(session, desk, case_id, values)
    return Saved(note.id, unit.changes)


def enter_note(session: Session, desk: Desk, case_id: str, values: Mapping[str, Any]) -> Note:
    """Enter a note within a unit of work that does more."""
    coming = Coming(session, desk, case_id, Note, cleaned(Note, values, complete=False))
    note_rule(coming)
    note = Note(case_id=case_id, **cleaned(Note, coming.values))
    session.add(note)
    return note


def note_rule(coming: Coming) -> None:
    """An observation of now, unless said otherwise."""
    coming.default("at", coming.desk.now())
    coming.default("note_kind", "OBSERVATION")
