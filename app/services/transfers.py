"""Handing a whole case over: offered to another office, accepted or declined there, moved by the centre."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflicted, Forbidden, Invalid
from app.i18n import _
from app.models.case import Case
from app.models.content import content_of
from app.models.course import Standing
from app.models.keyring import KeyGrant
from app.models.office import Office
from app.models.permission import Permission
from app.models.person import Party
from app.models.transfer import (
    COURSE,
    NEEDS_NOTE,
    OPEN_STATES,
    Transfer,
    TransferEvent,
    side_of,
)
from app.models.view import transfer_step_from
from app.services.cases import own_case
from app.services.desk import Desk, Saved
from app.services.entries import Entry, entry_of, get, of_case, unsent
from app.services.office_keys import current_key
from app.services.referrals import office_name
from app.services.validate import cleaned


@dataclass(frozen=True, slots=True)
class TransferItem:
    """A transfer in a list: the case, the other side, where it stands, and what may be done now."""

    entry: Entry
    case_id: str
    case_number: str
    other: str  # name of the other office
    outgoing: bool
    state: str  # step code
    since: datetime | None
    note: str  # of the last step that counts
    late: tuple[str, ...]
    sent: bool  # the centre has it
    steps: tuple[str, ...]  # what this office may do now


def offices(desk: Desk) -> tuple[Entry, ...]:
    """The other offices that work with Naungan, by name."""
    with desk.read() as session:
        rows = session.scalars(select(Office).where(Office.id != desk.actor.office).order_by(Office.name))
        return tuple(entry_of(office) for office in rows)


def offer(desk: Desk, case_id: str, values: Mapping[str, Any]) -> Saved:
    """Offer a case of ours to another office. What opens its sealed values is given to that office in the same save."""
    unit = desk.write(Permission.HAND_OVER)
    with unit as session:
        case = own_case(session, desk, case_id)
        clean = cleaned(Transfer, {**values, "from_office": desk.actor.office, "number": case.number})
        _may_offer(session, desk, case, str(clean["to_office"]))
        transfer = Transfer(case_id=case_id, **clean)
        session.add(transfer)
        session.flush()
        _add_step(session, desk, transfer, "OFFERED")
    return Saved(transfer.id, unit.changes)


def take_step(desk: Desk, transfer_id: str, step: str, *, note: str = "") -> Saved:
    """Accept, decline or withdraw. Conflicted if it has moved on; the centre looks once more when the step arrives."""
    unit = desk.write(Permission.HAND_OVER)
    with unit as session:
        transfer = get(session, Transfer, transfer_id)
        side = _side(desk, transfer)
        if not side:
            raise Forbidden(_("This transfer is between other offices."))
        if not COURSE.may_step(state_in(session, transfer).step, step, side):
            raise Conflicted(_("This step is not possible now: the transfer has moved on. Look at it again."))
        if step in NEEDS_NOTE and not note.strip():
            message = _("Please give the reason.")
            raise Invalid(message, [("note", message)])
        event = _add_step(session, desk, transfer, step, note=note.strip())
    return Saved(event.id, unit.changes)


def incoming(desk: Desk, *, only_open: bool = False) -> tuple[TransferItem, ...]:
    """Cases that other offices offer to this one, the newest first."""
    return _listed(desk, Transfer.to_office == desk.actor.office, only_open=only_open)


def outgoing(desk: Desk, *, only_open: bool = False) -> tuple[TransferItem, ...]:
    """Cases that this office offers to others, the newest first."""
    return _listed(desk, Transfer.made_office == desk.actor.office, only_open=only_open)


def of_case_items(desk: Desk, case_id: str) -> tuple[TransferItem, ...]:
    """The transfers of one case, the newest first."""
    return _listed(desk, Transfer.case_id == case_id, only_open=False)


def state_in(session: Session, transfer: Transfer) -> Standing:
    """The state of a transfer from its events on this laptop."""
    sides = {"made_office": transfer.made_office, "to_office": transfer.to_office}
    events = _events(session, transfer)
    return COURSE.state_of(transfer_step_from(e.id, e.rev or 0, content_of(e), sides) for e in events)


def _listed(desk: Desk, which: Any, *, only_open: bool) -> tuple[TransferItem, ...]:
    with desk.read() as session:
        rows = session.scalars(select(Transfer).where(which).order_by(Transfer.id.desc()))
        items = [_item(session, desk, transfer) for transfer in rows]
    return tuple(item for item in items if not only_open or item.state in OPEN_STATES)


def _item(session: Session, desk: Desk, transfer: Transfer) -> TransferItem:
    state, outgoing_ = state_in(session, transfer), transfer.made_office == desk.actor.office
    events = _events(session, transfer)
    notes = [event.note for event in events if event.step == state.step and event.id not in state.late]
    waiting = unsent(session, transfer.case_id or "")
    return TransferItem(
        entry=entry_of(transfer),
        case_id=transfer.case_id or "",
        case_number=transfer.number or "",
        other=office_name(session, transfer.to_office if outgoing_ else transfer.made_office),
        outgoing=outgoing_,
        state=state.step,
        since=state.since,
        note=(notes[-1] if notes else "") or "",
        late=state.late,
        sent=not (waiting & {transfer.id, *(event.id for event in events)}),
        steps=COURSE.next_steps(state.step, _side(desk, transfer)),
    )


def _events(session: Session, transfer: Transfer) -> list[TransferEvent]:
    query = select(TransferEvent).where(TransferEvent.transfer_id == transfer.id).order_by(TransferEvent.id)
    return list(session.scalars(query))


def _side(desk: Desk, transfer: Transfer) -> str:
    return side_of(desk.actor.office, owner=transfer.made_office, target=transfer.to_office)


def _add_step(session: Session, desk: Desk, transfer: Transfer, step: str, *, note: str = "") -> TransferEvent:
    clean = cleaned(TransferEvent, {"step": step, "at": desk.now(), "note": note})
    event = TransferEvent(case_id=transfer.case_id, transfer_id=transfer.id, **clean)
    session.add(event)
    session.flush()
    return event


def _may_offer(session: Session, desk: Desk, case: Case, to_office: str) -> None:
    if to_office == desk.actor.office or session.get(Office, to_office) is None:
        message = _("Choose another office that works with Naungan.")
        raise Invalid(message, [("to_office", message)])
    if any(state_in(session, one).step in OPEN_STATES for one in of_case(session, Transfer, case.id)):
        raise Conflicted(_("This case is offered to an office already. Withdraw that offer first."))
    if not _is_sealed(session, case):
        return
    if desk.keyring is None:
        raise Forbidden(_("This case holds sealed details. Somebody who is cleared for them has to hand it over."))
    if current_key(session, to_office) is None:
        message = _("The other office has no key for sealed details yet. It has to synchronise first, and then you.")
        raise Conflicted(message)


def _is_sealed(session: Session, case: Case) -> bool:
    """Whether a key was ever made for this case, or for one of its persons."""
    people = select(Party.person_id).where(Party.case_id == case.id)
    query = select(KeyGrant.id).where((KeyGrant.subject == case.id) | KeyGrant.subject.in_(people)).limit(1)
    return session.scalar(query) is not None
