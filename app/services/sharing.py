"""Around a referral: what a reason asks for, who has not answered, what went without consent, what a consent ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from sqlalchemy import select

from app.errors import Invalid
from app.i18n import _
from app.models.case import Case
from app.models.consent import Consent, has_ended
from app.models.dates import latest
from app.models.permission import Permission
from app.models.referral import COURSE, OPEN_STATES, SENDER, UNANSWERED, Referral
from app.models.service import Note
from app.paths import table
from app.services.consents import add_withdrawal, entries_in
from app.services.desk import Desk, Saved
from app.services.entries import Entry, entry_of, get, of_case
from app.services.referrals import ReferralItem, enter_step, item_of, outbox

SOON = timedelta(hours=24)  # before an answer is due, a reminder begins
RUNS_OUT = timedelta(days=30)  # before a consent ends, its end is shown
REMINDED_BY = ("CALL", "MEETING", "OTHER")  # codes of note_kind: by telephone, in person, on paper


@dataclass(frozen=True, slots=True)
class Package:
    """What a reason for a referral asks for; the worker may narrow it."""

    tiers: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentItem:
    """A consent in the ledger. `state`: GIVEN, SOON (it runs out), OVER, WITHDRAWN or REFUSED."""

    entry: Entry
    state: str
    days: int | None  # until it runs out
    shares: tuple[ReferralItem, ...]  # open referrals on it


@dataclass(frozen=True, slots=True)
class Override:
    """A referral by which something was shared without consent."""

    item: ReferralItem
    ground: str
    reason: str
    by: str


def package_of(reason: str | None) -> Package:
    """What this reason asks for; nothing where the table does not say."""
    return _packages().get(reason or "", Package())


def due_reminders(desk: Desk) -> tuple[ReferralItem, ...]:
    """Own referrals without an answer that are past due, or will be within a day; what is due first comes first."""
    until = desk.now() + SOON
    waits = (item for item in outbox(desk) if item.state in UNANSWERED | {"NO_ANSWER"})
    return tuple(sorted((i for i in waits if i.due_at and i.due_at <= until), key=lambda item: str(item.due_at)))


def remind(desk: Desk, referral_id: str, *, how: str, text: str) -> Saved:
    """Note that the other side was reminded, by telephone, in person or on paper: a note of the case."""
    if how not in REMINDED_BY:
        message = _("Choose from the list.")
        raise Invalid(message, [("note_kind", message)])
    unit = desk.write(Permission.REFER)
    with unit as session:
        referral = get(session, Referral, referral_id)
        item = item_of(session, desk, referral)
        words = _("Reminder of the referral to {agency}.").format(agency=item.other)
        note = Note(
            case_id=referral.case_id, person_id=referral.person_id, note_kind=how, at=desk.now(),
            text=f"{words} {text.strip()}".strip(),
        )  # fmt: skip
        session.add(note)
    return Saved(note.id, unit.changes)


def overrides(desk: Desk) -> tuple[Override, ...]:
    """Everything this office shared without consent, the newest first. Forbidden to who may not decide such."""
    desk.require(Permission.OVERRIDE_CONSENT)
    with desk.read() as session:
        rows = session.scalars(
            select(Referral).where(Referral.override_ground.is_not(None)).order_by(Referral.id.desc())
        ).all()
        items = [(row, item_of(session, desk, row)) for row in rows]
    return tuple(
        Override(item, row.override_ground or "", row.override or "", row.made_by or "")
        for row, item in items
        if item.outgoing
    )


def ledger(desk: Desk, case_id: str) -> tuple[ConsentItem, ...]:
    """The consents of a case with what stands on each, the newest first. A withdrawal is told by what it withdraws."""
    with desk.read() as session:
        get(session, Case, case_id)
        consents = [c for c in of_case(session, Consent, case_id) if not c.withdraws]
        entries = {entry.id: entry for entry in entries_in(session, case_id)}
        referrals = [item_of(session, desk, r) for r in of_case(session, Referral, case_id)]
    found = []
    for consent in sorted(consents, key=lambda c: c.id, reverse=True):
        until = latest(consent.valid_until) if consent.valid_until else None
        withdrawn = any(entry.withdraws == consent.id for entry in entries.values())
        ended = has_ended(entries[consent.id], entries.values(), today=desk.today().isoformat())
        state = _state(consent, until, withdrawn=withdrawn, ended=ended, today=desk.today())
        days = (until - desk.today()).days if until else None
        found.append(ConsentItem(entry_of(consent), state, days, _on(consent.id, referrals)))
    return tuple(found)


def shares_on(desk: Desk, consent_id: str) -> tuple[ReferralItem, ...]:
    """The open referrals that a withdrawal of this consent would end: to be shown before it is withdrawn."""
    with desk.read() as session:
        consent = get(session, Consent, consent_id)
        referrals = of_case(session, Referral, consent.case_id or "")
        return _on(consent_id, [item_of(session, desk, referral) for referral in referrals])


def withdraw(desk: Desk, consent_id: str, *, note: str | None = None) -> Saved:
    """Withdraw a consent and, in the same save, the referrals on it that nobody has accepted.

    Of one that was accepted the other side goes on with its work; from now on it is shown nothing.
    """
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        entry = add_withdrawal(session, desk, consent_id, note=note)
        for referral in of_case(session, Referral, entry.case_id or ""):
            on_it = referral.consent_id == consent_id and not referral.override_ground
            if on_it and COURSE.may_step(item_of(session, desk, referral).step, "WITHDRAWN", SENDER):
                enter_step(session, desk, referral.id, "WITHDRAWN")
    return Saved(entry.id, unit.changes)


def _on(consent_id: str, referrals: list[ReferralItem]) -> tuple[ReferralItem, ...]:
    return tuple(
        item for item in referrals
        if item.outgoing and item.step in OPEN_STATES and item.entry["consent_id"] == consent_id
        and not item.entry["override_ground"]
    )  # fmt: skip


def _state(consent: Consent, until: date | None, *, withdrawn: bool, ended: bool, today: date) -> str:
    if consent.decision != "GIVEN":
        return "REFUSED"
    if withdrawn or ended:
        return "WITHDRAWN" if withdrawn else "OVER"
    return "SOON" if until is not None and until - today <= RUNS_OUT else "GIVEN"


@lru_cache
def _packages() -> Mapping[str, Package]:
    rows = [row for row in table("facts", "referral_package.csv") if row["reason"]]
    return MappingProxyType(
        {row["reason"]: Package(tuple(row["tiers"].split()), tuple(row["parts"].split())) for row in rows}
    )
