"""Referrals: exactly what is shared, the sending, the answers, inbox and outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import Conflicted, Forbidden, Invalid
from app.i18n import _
from app.models.base import KINDS
from app.models.case import Case
from app.models.case_index import CaseRow
from app.models.content import content_of, fill
from app.models.dates import earliest
from app.models.holder import heirs_of
from app.models.journal import audit
from app.models.office import Agency, Office
from app.models.permission import Permission
from app.models.referral import (
    COURSE,
    NEEDS_REASON,
    OPEN_STATES,
    RECIPIENT,
    UNANSWERED,
    Referral,
    ReferralEvent,
    side_of,
)
from app.models.referral_standing import referral_state
from app.models.transfer import Transfer
from app.models.view import view_for
from app.services.case_file import case_file
from app.services.consents import covered
from app.services.desk import Desk, Saved
from app.services.entries import Entry, Opens, entry_of, get, of_case, unsent
from app.services.validate import cleaned

# How soon an answer is due, by urgency (hours). Codes of resources/codelists/referral_urgency.csv.
DUE_HOURS = {"IMMEDIATE": 1, "URGENT3H": 3, "DAY1": 24, "DAY3": 72, "ROUTINE": 168}


@dataclass(frozen=True, slots=True)
class ReferralItem:
    """A referral in a list: the case, the other side, where it stands, and what may be done now."""

    entry: Entry
    case_id: str
    case_number: str
    victims: str  # as in CaseRow.victims
    other: str  # name of the other side
    outgoing: bool
    state: str  # step code; NO_ANSWER when due has passed
    since: datetime | None
    due_at: datetime | None
    late: tuple[str, ...]
    sent: bool  # the centre has it
    steps: tuple[str, ...]  # what this office may do now
    step: str = ""  # the last step that counts: unlike `state` never computed from the time


def refer(desk: Desk, case_id: str, values: Mapping[str, Any]) -> Saved:
    """Refer to an agency on a named consent. What the consent does not cover is refused here, not left out silently."""
    unit = desk.write(Permission.REFER)
    with unit as session:
        get(session, Case, case_id)
        referral = add_referral(session, desk, case_id, values)
    return Saved(referral.id, unit.changes)


def add_referral(session: Session, desk: Desk, case_id: str, values: Mapping[str, Any]) -> Referral:
    """Add a referral and its first step within a unit of work that does more."""
    clean = _completed(session, desk, values)
    _check_override(desk, clean)
    wanted, to = set(clean.get("tiers") or ()), named_in_consent(clean)
    consent = covered(session, desk, case_id, clean.get("consent_id"), to)
    ground = clean.get("override_ground")
    if wanted - covered(session, desk, case_id, clean.get("consent_id"), to, ground=ground):
        message = _("The consent does not cover all that is to be shared. Ask for it, or share less.")
        raise Invalid(message, [("tiers", message)])
    if ground and wanted <= consent:  # nothing goes beyond the consent: nothing is to be listed
        clean |= {"override_ground": None, "override": None}
    referral = Referral(case_id=case_id, **clean)
    session.add(referral)
    session.flush()
    if referral.override_ground:
        audit(session, "override", Referral.kind, referral.id, ("override_ground", "override", "tiers"))
    _add_step(session, desk, referral, "SENT")
    return referral


def _check_override(desk: Desk, clean: Mapping[str, Any]) -> None:
    """Sharing without consent has a ground in law and a reason in words, and somebody who may decide it."""
    ground, why = clean.get("override_ground"), clean.get("override")
    if not ground and not why:
        return
    desk.require(Permission.OVERRIDE_CONSENT)
    if not ground:
        message = _("Choose the ground in law for sharing without consent.")
        raise Invalid(message, [("override_ground", message)])
    if not why:
        message = _("Say why this has to be shared without consent.")
        raise Invalid(message, [("override", message)])


def named_in_consent(referral: Mapping[str, Any]) -> str | None:
    """What a consent names the recipient by: its office, or its directory entry when it works on paper."""
    return referral.get("to_office") or referral.get("to_agency")


def _completed(session: Session, desk: Desk, values: Mapping[str, Any]) -> dict[str, Any]:
    """Checked values, with the office behind the agency and the due time that follows from the urgency."""
    agency = session.get(Agency, str(values.get("to_agency") or ""))
    hours = DUE_HOURS.get(str(values.get("urgency")), 24)
    extra = {"due_at": desk.now() + timedelta(hours=hours), "to_office": agency.office_id if agency else None}
    clean = cleaned(Referral, {**extra, **values})
    if agency is None:
        message = _("Choose an agency from the directory.")
        raise Invalid(message, [("to_agency", message)])
    if clean["to_office"] == desk.actor.office:
        message = _("A referral goes to another office.")
        raise Invalid(message, [("to_agency", message)])
    return clean


def take_step(desk: Desk, referral_id: str, step: str, **values: Any) -> Saved:
    """Accept, decline, start, complete, return or withdraw. `on_paper=True`: the sender enters a paper answer."""
    withdrawing = step == "WITHDRAWN"
    unit = desk.write(Permission.REFER if withdrawing or values.get("on_paper") else Permission.ANSWER)
    with unit as session:
        event = enter_step(session, desk, referral_id, step, **values)
    return Saved(event.id, unit.changes)


def enter_step(session: Session, desk: Desk, referral_id: str, step: str, **values: Any) -> ReferralEvent:
    """Take a step within a unit of work that does more."""
    referral = get(session, Referral, referral_id)
    on_paper = bool(values.get("on_paper"))
    side = _side(session, desk, referral, on_paper=on_paper)
    if not side:
        raise Forbidden(_("This referral is between other offices."))
    if not COURSE.may_step(state_in(session, referral).step, step, side):
        raise Conflicted(_("This step is not possible now: the referral has moved on. Look at it again."))
    return _add_step(session, desk, referral, step, **values)


def _add_step(session: Session, desk: Desk, referral: Referral, step: str, **values: Any) -> ReferralEvent:
    if step in NEEDS_REASON and not values.get("reason"):
        message = _("Please give the reason.")
        raise Invalid(message, [("reason", message)])
    clean = cleaned(ReferralEvent, {**values, "step": step, "at": desk.now()})
    if clean.get("paper_on") and (not clean.get("on_paper") or earliest(clean["paper_on"]) > desk.today()):
        message = _("The date of a paper answer is not in the future.")
        raise Invalid(message, [("paper_on", message)])
    event = ReferralEvent(case_id=referral.case_id, referral_id=referral.id, **clean)
    session.add(event)
    session.flush()
    return event


def state_in(session: Session, referral: Referral) -> Any:
    """The state of a referral from its events on this laptop."""
    events = session.scalars(select(ReferralEvent).where(ReferralEvent.referral_id == referral.id)).all()
    return referral_state(referral, events, heirs=heirs_of(session, referral.case_id))


def preview(desk: Desk, case_id: str, values: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Exactly the records and fields the recipient will see, computed by the rule the centre uses."""
    with desk.read() as session:
        clean = {**_completed(session, desk, values)}
        if clean["to_office"] is None:
            clean["to_office"] = clean["to_agency"]  # a partner without Naungan sees the same on paper
        case = case_file(session, case_id)
        trial = Referral(case_id=case_id, made_office=desk.actor.office, **clean)
        case.add("referral", trial.id, 0, content_of(trial))
        step = ReferralEvent(
            case_id=case_id, referral_id=trial.id, step="SENT", at=desk.now(), made_office=desk.actor.office
        )
        case.add("referral_event", step.id, 0, content_of(step))
        shown = view_for(case, str(clean["to_office"]), today=desk.today().isoformat())
        opens = desk.opener(session)
        return tuple(shown_entry(key, content, opens) for key, (_, content) in shown.items() if key[1] != step.id)


def shown_entry(key: tuple[str, str], content: Mapping[str, Any], opens: Opens) -> Entry:
    """What a content of a view holds, as it is read here."""
    record = KINDS[key[0]](id=key[1])
    fill(record, content)
    return entry_of(record, opens=opens)


def inbox(desk: Desk, *, only_open: bool = False) -> tuple[ReferralItem, ...]:
    """Referrals to this office, the most urgent first."""
    with desk.read() as session:
        rows = session.scalars(select(Referral).where(Referral.to_office == desk.actor.office)).all()
        return _sorted([item_of(session, desk, r) for r in rows], only_open)


def outbox(desk: Desk, *, only_open: bool = False) -> tuple[ReferralItem, ...]:
    """Referrals from this office, and those of cases that were handed over to it, the most urgent first."""
    with desk.read() as session:
        came = Referral.case_id.in_(select(Transfer.case_id).where(Transfer.to_office == desk.actor.office))
        rows = session.scalars(select(Referral).where(or_(Referral.made_office == desk.actor.office, came))).all()
        return _sorted([item_of(session, desk, r) for r in rows if _is_ours(session, desk, r)], only_open)


def of_case_items(desk: Desk, case_id: str) -> tuple[ReferralItem, ...]:
    """Referrals of one case."""
    with desk.read() as session:
        return _sorted([item_of(session, desk, r) for r in of_case(session, Referral, case_id)], False)


def _sorted(items: list[ReferralItem], only_open: bool) -> tuple[ReferralItem, ...]:
    kept = [i for i in items if not only_open or i.state in OPEN_STATES | {"NO_ANSWER"}]
    far = datetime.max.replace(tzinfo=None).isoformat()
    return tuple(
        sorted(
            kept,
            key=lambda i: (
                i.state not in UNANSWERED | {"NO_ANSWER"},
                i.state not in OPEN_STATES | {"NO_ANSWER"},
                i.due_at.isoformat() if i.due_at else far,
            ),
        )
    )


def item_of(session: Session, desk: Desk, referral: Referral) -> ReferralItem:
    """One referral as a list shows it."""
    state = state_in(session, referral)
    outgoing = _is_ours(session, desk, referral)
    row = session.scalar(select(CaseRow).where(CaseRow.case_id == referral.case_id))
    case = session.get(Case, referral.case_id or "")
    overdue = state.step in UNANSWERED and referral.due_at is not None and referral.due_at < desk.now()
    waiting = unsent(session, referral.case_id or "")
    side = _side(session, desk, referral, on_paper=False)
    return ReferralItem(
        entry=entry_of(referral),
        case_id=referral.case_id or "",
        case_number=(case.number if case else "") or "",
        victims=row.victims if row else "",
        other=agency_name(session, referral.to_agency) if outgoing else office_name(session, referral.made_office),
        outgoing=outgoing,
        state="NO_ANSWER" if overdue else state.step,
        step=state.step,
        since=state.since,
        due_at=referral.due_at,
        late=state.late,
        sent=not (waiting & {referral.id, *_event_ids(session, referral.id)}),
        steps=(
            *COURSE.next_steps(state.step, side),
            *(_on_paper(session, desk, referral, state.step) if outgoing else ()),
        ),
    )


def _is_ours(session: Session, desk: Desk, referral: Referral) -> bool:
    """Whether this office sent it, or took over the case it belongs to."""
    heirs = heirs_of(session, referral.case_id) if referral.to_office != desk.actor.office else ()
    return desk.actor.office in (referral.made_office, *heirs)


def _side(session: Session, desk: Desk, referral: Referral, *, on_paper: bool) -> str:
    heirs = heirs_of(session, referral.case_id)
    sides = {"sender": referral.made_office, "recipient": referral.to_office}
    return side_of(desk.actor.office, **sides, on_paper=on_paper, heirs=heirs)


def _on_paper(session: Session, desk: Desk, referral: Referral, state: str) -> tuple[str, ...]:
    """The answers a sender may enter for a partner that has no Naungan."""
    return COURSE.next_steps(state, RECIPIENT) if outgoing_on_paper(referral) else ()


def outgoing_on_paper(referral: Referral) -> bool:
    """Whether the recipient works on paper: the directory knows no office behind the agency."""
    return referral.to_office is None


def _event_ids(session: Session, referral_id: str) -> set[str]:
    return set(session.scalars(select(ReferralEvent.id).where(ReferralEvent.referral_id == referral_id)))


def office_name(session: Session, office_id: str | None) -> str:
    """The name of an office; '' if this laptop does not know it."""
    office = session.get(Office, office_id) if office_id else None
    return (office.name if office else "") or ""


def agency_name(session: Session, agency_id: str | None) -> str:
    """The name of a directory entry; '' if this laptop does not know it."""
    agency = session.get(Agency, agency_id) if agency_id else None
    return (agency.name if agency else "") or ""
