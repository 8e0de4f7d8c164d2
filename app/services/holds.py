"""What stands in the way of an erasure: work for law and referrals that run. Said in words, computed from the file."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.i18n import _
from app.models.codelist import label
from app.models.erasure import OF_CASE
from app.models.holder import heirs_of
from app.models.matches import same_people
from app.models.person import Party
from app.models.referral import OPEN_STATES, Referral, ReferralEvent
from app.models.referral_standing import referral_state
from app.models.service import Service
from app.paths import table

# services that go on while an investigation, a trial or a claim for restitution does
FOR_THE_LAW = frozenset({"L.REPORT", "L.COURT", "L.RESTITUTION", "L.LPSK"})


@lru_cache
def despite_hold() -> frozenset[str]:
    """The legal bases on which something is erased although proceedings run."""
    return frozenset(row["basis"] for row in table("facts", "erasure_hold.csv") if row["despite_hold"] == "1")


def may_be_held(session: Session) -> frozenset[str]:
    """The cases about which `holds` may have something to say; for the others nobody has to look one by one."""
    lawful = select(Service.case_id).where(Service.state == "PLANNED", Service.service_type.in_(FOR_THE_LAW))
    return frozenset(case for case in session.scalars(lawful.union(select(Referral.case_id))) if case)


def holds(session: Session, subject_kind: str, subject: str) -> tuple[str, ...]:
    """Every reason, as a sentence, why this case or person may not be erased now; none if nothing is known."""
    people = same_people(session, [subject]) if subject_kind != OF_CASE else frozenset()
    cases = _cases_of(session, people) if people else {subject}
    found = []
    for service in session.scalars(select(Service).where(Service.case_id.in_(cases), Service.state == "PLANNED")):
        if service.service_type in FOR_THE_LAW and (subject_kind == OF_CASE or service.person_id in (None, *people)):
            what = label("service_type", service.service_type)
            found.append(_("Legal work is under way: {what}.").format(what=what))
    for referral in session.scalars(select(Referral).where(Referral.case_id.in_(cases)).order_by(Referral.id)):
        if subject_kind != OF_CASE and referral.person_id not in (None, *people):
            continue
        events = session.scalars(select(ReferralEvent).where(ReferralEvent.referral_id == referral.id))
        state = referral_state(referral, events, heirs=heirs_of(session, referral.case_id)).step
        if state in OPEN_STATES:
            found.append(_("A referral is open: {state}.").format(state=label("referral_step", state)))
    return tuple(dict.fromkeys(found))


def _cases_of(session: Session, people: Collection[str]) -> set[str]:
    found = session.scalars(select(Party.case_id).where(Party.person_id.in_(people)))
    return {case_id for case_id in found if case_id}
