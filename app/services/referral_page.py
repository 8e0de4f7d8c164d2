"""One referral whole: what was asked, what is shared because of it, what stays here, and every step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.base import KINDS
from app.models.case import Case
from app.models.case_parts import SHOWN
from app.models.consent import Consent
from app.models.field import said_fields
from app.models.referral import Referral, ReferralEvent
from app.models.view import view_for
from app.services.case_file import case_file
from app.services.desk import Desk
from app.services.entries import Entry, entry_of, get, unsent
from app.services.office_keys import current_key
from app.services.referrals import ReferralItem, item_of, office_name, shown_entry


@dataclass(frozen=True, slots=True)
class ReferralStep:
    """One step as it was entered; a late one changed nothing and is kept all the same."""

    id: str
    step: str
    at: datetime
    by: str
    office: str
    reason: str
    outcome: str
    feedback: str
    on_paper: bool
    late: bool
    sent: bool
    paper_on: str = ""  # the date on the paper


@dataclass(frozen=True, slots=True)
class ReferralPage:
    """A referral for the screen. Steps are newest first; `shared` is what the recipient sees today."""

    item: ReferralItem
    consent: Entry | None
    steps: tuple[ReferralStep, ...]
    shared: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """What of one record stays here: the whole of it, or these fields."""

    entry: Entry
    fields: tuple[str, ...]
    whole: bool


def open_referral(desk: Desk, referral_id: str) -> ReferralPage:
    """Read a referral. NotFound with a sentence if it is not on this laptop."""
    with desk.read() as session:
        referral = get(session, Referral, referral_id)
        item = item_of(session, desk, referral)
        consent = session.get(Consent, referral.consent_id) if referral.consent_id else None
        return ReferralPage(
            item=item,
            consent=entry_of(consent) if consent else None,
            steps=_steps(session, referral, item.late),
            shared=_shared(session, desk, referral),
        )


def can_open(desk: Desk, office: str) -> bool:
    """Whether this office has a public key that is known here: sealed values can be shared with it at once."""
    with desk.read() as session:
        return current_key(session, office) is not None


def withheld(desk: Desk, case_id: str, shown: Iterable[Entry]) -> tuple[Withheld, ...]:
    """What of a case is not among these records: names of fields that hold something, never the values' words."""
    seen = {(entry.kind, entry.id): entry for entry in shown}
    found = []
    with desk.read() as session:
        file = case_file(session, case_id)
        opens = desk.opener(session)
        entries = {key: shown_entry(key, row[3], opens) for key, row in file.rows.items() if key[0] in SHOWN}
    for kind, record_id, _rev, content in file.rows.values():
        if kind not in SHOWN:
            continue
        there = seen.get((kind, record_id))
        missing = tuple(
            f.key for f in said_fields(KINDS[kind]) if f.key in content and (there is None or not there[f.key])
        )
        if missing:
            found.append(Withheld(entries[kind, record_id], missing, there is None))
    return tuple(found)


def _steps(session: Session, referral: Referral, late: tuple[str, ...]) -> tuple[ReferralStep, ...]:
    waiting = unsent(session, referral.case_id or "")
    events = session.scalars(select(ReferralEvent).where(ReferralEvent.referral_id == referral.id))
    steps = [
        ReferralStep(
            id=event.id, step=event.step or "", at=event.at or datetime(1970, 1, 1, tzinfo=UTC),
            by=event.made_by or "", office=office_name(session, event.made_office), reason=event.reason or "",
            outcome=event.outcome or "", feedback=event.feedback or "", on_paper=bool(event.on_paper),
            late=event.id in late, sent=event.id not in waiting, paper_on=event.paper_on or "",
        )
        for event in events
    ]  # fmt: skip
    return tuple(sorted(steps, key=lambda step: (step.at, step.id), reverse=True))


def _shared(session: Session, desk: Desk, referral: Referral) -> tuple[Entry, ...]:
    """By the rule the centre uses. A partner without Naungan sees nothing but paper.

    A recipient to whom nothing is shared, or nothing any more, has the referral without its case.
    """
    if not referral.to_office or not referral.case_id or session.get(Case, referral.case_id) is None:
        return ()
    file, opens = case_file(session, referral.case_id), desk.opener(session)
    found = []
    for (kind, record_id), (_rev, content) in view_for(
        file, referral.to_office, today=desk.today().isoformat()
    ).items():
        if kind not in ("referral", "referral_event"):
            found.append(shown_entry((kind, record_id), content, opens))
    return tuple(found)
