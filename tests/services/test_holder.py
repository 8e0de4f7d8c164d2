"""A case that was handed over is the new office's wherever it is asked whose it is, and no longer the old one's."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.errors import Conflicted, Forbidden
from app.models import case_index
from app.models.all import Case, Referral, ReferralEvent, Service, Transfer, TransferEvent
from app.models.journal import Journal
from app.services import care, cases, deadlines, erasure, referrals, retention, sharing
from app.services.case_list import CaseQuery, ids
from app.services.case_page import open_page
from app.services.deadlines import TaskQuery
from app.services.desk import Desk
from app.services.erasure import Wish
from app.services.export_grounds import case_input
from tests.conftest import Clock
from tests.services.test_sharing import wish

OTHER = "f" * 32  # an office far away


def as_it_comes(desk: Desk, case_id: str, *, since: str, now: str) -> None:
    """What a sync brings of a case that one office opened, and the centre moved to another."""
    with Session(desk.engine) as session:
        session.info["journal"] = Journal(desk.actor, desk.now, applying=True)
        session.get_one(Case, case_id).made_office = since
        for kind in (Referral, ReferralEvent, Service):
            for record in session.query(kind).filter_by(case_id=case_id):
                record.made_office = since
        transfer = Transfer(case_id=case_id, to_office=now, from_office=since, reason="MOVED", made_office=since)
        session.add(transfer)
        session.add(TransferEvent(case_id=case_id, transfer_id=transfer.id, step="MOVED", at=desk.now()))
        case_index.refresh(session, [case_id])
        session.commit()


def due_in(desk: Desk, case_id: str) -> set[str]:
    lines = deadlines.rows(desk, deadlines.ids(desk, TaskQuery(whose=deadlines.ALL, when="")))
    return {line.item.rule for line in lines if line.item.case_id == case_id}


def test_what_came_by_a_transfer_is_this_offices_with_the_referrals_that_stand(
    desk: Desk, case_id: str, clock: Clock
) -> None:
    care.add_service(desk, case_id, {"service_type": "H.VISUM", "due": "2026-12-20"})
    made = referrals.refer(desk, case_id, wish(desk, case_id, urgency="DAY1", reason="SERVICE")).id
    as_it_comes(desk, case_id, since=OTHER, now=desk.actor.office)
    clock.forward(hours=30)
    assert ids(desk, CaseQuery(shared=True)) == []
    assert open_page(desk, case_id).own
    assert [item.entry.id for item in sharing.due_reminders(desk)] == [made]
    assert "SERVICE_DUE" in due_in(desk, case_id) and "REFERRAL_ANSWER" in due_in(desk, case_id)
    with pytest.raises(Conflicted):
        erasure.request(desk, Wish("case", case_id, "REQUEST", "SUBJECT"))
    referrals.take_step(desk, made, "WITHDRAWN")
    assert open_page(desk, case_id).row.status == "IN_SERVICE", "a service is planned"
    assert "REFERRAL_ANSWER" not in due_in(desk, case_id)
    care.complete_service(desk, open_page(desk, case_id).services[0].id)
    assert open_page(desk, case_id).row.status == "FOLLOW_UP", "our withdrawal counts"
    girl = open_page(desk, case_id).victims[0].person.id
    erasure.request(desk, Wish("person", girl, "REQUEST", "SUBJECT"))
    with desk.read() as session:
        assert case_input(session, desk, case_id).office == desk.actor.office
    cases.close_case(desk, case_id, reason="GOALS_MET")
    clock.forward(days=365 * 30)
    assert [due.case_id for due in retention.due(desk)] == [case_id]
    erasure.request(desk, Wish("case", case_id, "RETENTION", "SUBJECT"))


def test_what_went_away_and_is_still_shown_is_the_other_offices(desk: Desk, case_id: str, clock: Clock) -> None:
    """The new office refers it back: it is here, and not ours."""
    girl = open_page(desk, case_id).victims[0].person.id
    cases.close_case(desk, case_id, reason="GOALS_MET")
    as_it_comes(desk, case_id, since=desk.actor.office, now=OTHER)
    clock.forward(days=365 * 30)
    assert len(ids(desk, CaseQuery(shared=True))) == 1
    assert not open_page(desk, case_id).own
    assert retention.due(desk) == ()
    for kind, subject in (("case", case_id), ("person", girl)):
        with pytest.raises(Forbidden):
            erasure.request(desk, Wish(kind, subject, "REQUEST", "SUBJECT"))
    with pytest.raises(Forbidden):
        cases.reopen_case(desk, case_id)
