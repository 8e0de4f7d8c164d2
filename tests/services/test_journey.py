"""One case from report to closing, at one desk."""

from app.models.codelist import label
from app.services import cases, directory, referrals
from app.services.case_list import CaseQuery, counts, ids, rows
from app.services.case_page import open_page
from app.services.desk import Desk
from tests.conftest import Clock


def agency(desk: Desk, name: str) -> str:
    return next(a.id for a in directory.recipients(desk) if name in a["name"])


def test_a_case_goes_from_report_to_closing(desk: Desk, case_id: str, clock: Clock) -> None:
    page = open_page(desk, case_id)
    assert page.case["number"].startswith("3273-26-")
    assert page.row.status == "SCREENED"
    assert page.row.victims == "S.A.|P|17"
    values = {
        "to_agency": agency(desk, "Polrestabes"),
        "reason": "SERVICE",
        "urgency": "DAY1",
        "tiers": ["OPEN", "CASE", "IDENTIFYING"],
        "consent_id": page.consents[0].id,
        "person_id": page.victims[0].person.id,
    }
    shown = referrals.preview(desk, case_id, values)
    assert {entry.kind for entry in shown} == {"case", "person", "party", "screening", "consent", "referral"}
    case = next(e for e in shown if e.kind == "case")
    assert case["summary"] is None and case["number"]
    referral = referrals.refer(desk, case_id, values)
    assert [item.state for item in referrals.outbox(desk)] == ["SENT"]
    step = next(line for line in open_page(desk, case_id).timeline if line.kind == "referral_event")
    assert not step.sent and label("referral_step", "SENT") not in step.text
    clock.forward(hours=25)
    assert [item.state for item in referrals.outbox(desk)] == ["NO_ANSWER"]
    assert counts(desk).active == 1
    referrals.take_step(desk, referral.id, "WITHDRAWN")
    assert cases.close_case(desk, case_id, reason="GOALS_MET").changes.cases == {case_id}
    assert [row.status for row in rows(desk, ids(desk, CaseQuery(text="sitti ami")))] == ["CLOSED"]
    assert len(open_page(desk, case_id).timeline) == 5
