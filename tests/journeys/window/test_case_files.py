"""Whole case files, from the first report to the closing, through the screens of one office."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.i18n import _
from app.services import legal, restitution
from app.services.case_list import CaseQuery, ids, rows
from app.services.case_page import CasePage
from app.services.network import findings, network_of
from tests.journeys.window.worker import Worker

Supervisor = Callable[[], None]


ELEMENTS = {"process": ("ACT.RECRUIT",), "means": ("MEANS.DECEIVE",), "purpose": ("PURP.FORCED_LABOUR",)}


def report(**more: Any) -> dict[str, Any]:
    return {"channel": "WALKIN", "reporter_type": "FAMILY", **more}


def suspects(page: CasePage) -> list[str]:
    return [p.person.id for p in page.parties if p.party["role"] == "SUSPECT"]


def test_a_child_recruited_by_social_media(siti: Worker, as_supervisor: Supervisor) -> None:
    page = siti.intake(
        report=report(
            recruitment_mode="JOB_SOCMED", platform="FACEBOOK",
            exploitation=("SEX.PROST",), summary="Ditawari kerja di kafe lewat pesan.",
        ),
        victim={"name": "Sari Dewi", "sex": "P", "birth_date": "2010-08-??", "nationality": "ID"},
        screening={"process": ELEMENTS["process"], "purpose": ELEMENTS["purpose"], "conclusion": "POSSIBLE"},
        safety={"risk": "HIGH", "contact_safety": "DO_NOT_CONTACT"},
        consent={"given_by": "BOTH", "tiers": ("OPEN", "CASE", "IDENTIFYING")},
    )  # fmt: skip
    assert page.row.child
    siti.add("plan", "assessment", {"risk": "HIGH", "needs": ("PSYCHOSOCIAL", "EDUCATION"), "wishes": "Ingin sekolah."})
    siti.add("plan", "goal", {"need": "EDUCATION", "goal": "Kembali ke sekolah", "wanted_by": "2027-01-05"})
    siti.add("plan", "safety_plan", {"dangers": "Perekrut tahu alamat rumah.", "steps": "Tinggal di rumah bibi."})
    page = siti.add("screening", "screening", {**ELEMENTS, "conclusion": "PRESUMED", "reasoning": "Anak."})
    assert [s["conclusion"] for s in page.screenings] == ["POSSIBLE", "PRESUMED"]
    siti.person({"name": "Om Dul", "sex": "L"}, role="SUSPECT")
    siti.add("legal", "legal_step", {"stage": "LP", "report_number": "LP/B/12/2026", "institution": "Polrestabes"})
    siti.add("legal", "victim_right", {"right_code": "CHILD_HEARING", "state": "TOLD"})
    siti.add("restitution", "restitution", {"step": "CLAIMED", "amount": 50_000_000})
    siti.add("plan", "approval", {"subject": "CLOSURE", "request": "Tujuan tercapai."})
    assert siti.page.row.status == "CLOSING"
    as_supervisor()
    siti.press("plan", _("Approve"))
    siti.until(lambda page: page.parts["approval"][0]["decision"] == "APPROVED")
    page = siti.close("GOALS_MET", "Sudah sekolah lagi.")
    timeline = siti.tab("timeline")
    assert "Sudah" in siti.page.case["close_note"]
    assert "LP" in timeline
    assert [line.kind for line in page.timeline].count("screening") == 2
    assert "Sari" not in siti.window.windowTitle()


def test_a_migrant_worker_returned_from_abroad(siti: Worker, as_supervisor: Supervisor) -> None:
    siti.intake(
        report=report(channel="REPATRIATION", destination_country="MY", origin="3204"),
        victim={"name": "Budi Hartono", "sex": "L", "birth_date": "1991-02-03", "nationality": "ID"},
        screening={**ELEMENTS, "conclusion": "PRESUMED"},
        safety={"risk": "MEDIUM", "contact_safety": "SAFE"},
        consent={"given_by": "VICTIM", "tiers": ("OPEN", "CASE", "IDENTIFYING")},
    )
    siti.add("plan", "goal", {"need": "ECONOMIC", "goal": "Usaha bengkel berjalan"})
    goal = siti.page.parts["goal"][0].id
    siti.add("plan", "service", {"service_type": "H.VISUM", "goal_id": goal, "due": "2026-12-01"})
    siti.add("empowerment", "empowerment", {
        "opportunity": "CAPITAL", "answer": "ACCEPTED", "skills": "Bengkel", "offered_on": "2026-01-10",
        "started_on": "2026-02-01", "ended_on": "2026-03-01",
    })  # fmt: skip
    siti.add("restitution", "restitution", {"step": "ORDERED", "day": "2026-05-02", "amount": 30_000_000})
    siti.add("restitution", "restitution", {"step": "PAID", "day": "2026-06-02", "amount": 10_000_000})
    words = siti.tab("restitution")
    victim = siti.page.victims[0].person.id
    assert restitution.ledger(siti.page.parts["restitution"], victim).shortfall == 20_000_000
    assert "20.000.000" in words
    siti.change("empowerment", {"outcome": "BUSINESS", "outcome_on": "2026-10-01"})
    as_supervisor()
    assert siti.close("REINTEGRATED", "Bengkel berjalan.").row.status == "CLOSED"


def test_three_crew_members_of_one_ship_with_one_recruiter(siti: Worker) -> None:
    cases = []
    for n, name in enumerate(("Joko Susilo", "Made Wirawan", "Anton Manullang")):
        page = siti.intake(
            report=report(exploitation=("LAB.SEA",)),
            victim={"name": name, "sex": "L", "age": 28 + n},
            screening={**ELEMENTS, "conclusion": "PRESUMED"},
            safety={"risk": "MEDIUM", "contact_safety": "SAFE"},
        )
        cases.append(page.case.id)
        if n == 0:
            siti.person({"name": "Herman Salim", "sex": "L", "phone": "+6281234567890"}, role="SUSPECT")
        else:
            siti.known_person("Hermann Salim", role="SUSPECT")
    recruiters = {one for case_id in cases for one in suspects(siti.open(case_id))}
    (recruiter,) = recruiters
    found = {f.kind: f.count for f in findings(network_of(siti.desk, recruiter)) if f.person_id == recruiter}
    assert (found["SUSPECT_AGAIN"], found["CO_VICTIMS"]) == (3, 3)
    numbers = {item.number for item in rows(siti.desk, ids(siti.desk, CaseQuery()))}
    assert len(numbers) == 3
    others = siti.tab("people")
    assert sum(number in others for number in numbers) == 2  # "also in" the two other cases


def test_a_possible_case_that_is_not_trafficking(siti: Worker, as_supervisor: Supervisor) -> None:
    siti.intake(
        report=report(),
        victim={"name": "Rina", "sex": "P", "age": 22},
        screening={"process": ELEMENTS["process"], "conclusion": "POSSIBLE"},
        safety={"risk": "LOW", "contact_safety": "SAFE"},
    )
    siti.add("plan", "service", {"service_type": "H.VISUM", "due": "2026-12-01"})
    page = siti.add("screening", "screening", {"conclusion": "NOT_INDICATED", "reasoning": "Sengketa upah biasa."})
    assert [s["conclusion"] for s in page.screenings] == ["POSSIBLE", "NOT_INDICATED"]
    as_supervisor()
    page = siti.close("NOT_VICTIM", "Diarahkan ke Disnaker.")
    assert page.row.status == "CLOSED"
    states = legal.checklist(page.parts["victim_right"], page.victims[0].person.id)
    assert {right.latest for right in states} == {None}
