"""The typical case with every other part a case file can hold: needs, plan, safety, law, restitution, work, tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.models.case_parts import PARTS
from app.reports.case_input import CaseInput
from app.reports.case_parts import OWN_WORDS
from tests.reports.sample import OFFICE, SHELTER, at, case_input, rid

VICTIM, SUSPECT = rid(2), rid(3)
MORE: dict[str, tuple[dict[str, Any], ...]] = {
    "assessment": (
        {"person_id": VICTIM, "at": at(3), "risk": "HIGH", "needs": ["MEDICAL", "SAFETY"], "urgent_needs": ["SAFETY"],
         "strengths": "Ibu dan bibi mendampingi.", "own_words": "Saya ingin pulang dan sekolah lagi.",
         "wishes": "Tidak bertemu perekrut.", "danger": "Perekrut tahu alamat rumahnya.", "health": "Sulit tidur.",
         "summary": "Aman di rumah bibi untuk sementara.", "again_on": "2026-12-24"},
    ),
    "goal": (
        {"person_id": VICTIM, "need": "SAFETY", "goal": "Tinggal di tempat yang aman", "wanted_by": "2026-11-30",
         "agreed": True, "state": "OPEN"},
    ),
    "safety_plan": (
        {"person_id": VICTIM, "at": at(2.5), "dangers": "Perekrut menelepon dan lewat di depan rumah.",
         "signs": "Nomor tak dikenal; sepeda motor hitam.", "steps": "Jangan keluar sendiri.\nHubungi bibi.",
         "safe_places": "Rumah bibi di Lembang", "contacts": "Bibi 0812-0000-0000", "code_word": "mangga",
         "take_along": "KTP, ijazah, obat", "review_on": "2026-12-08"},
    ),
    "conference": (
        {"at": at(2.2), "place": "Ruang rapat UPTD", "participants": "Siti Rahma; Dewi Lestari; Aiptu Rina",
         "agenda": "Keamanan korban", "decisions": "Korban pindah ke rumah aman; visum diminta."},
    ),
    "approval": (
        {"subject": "PLAN", "asked_at": at(2), "request": "Mohon disetujui.", "decision": "APPROVED",
         "decided_at": at(1.9), "decided_by": "Dewi Lestari", "note": "Setuju."},
    ),
    "legal_step": (
        {"person_id": SUSPECT, "stage": "LP", "day": "2026-11-22", "institution": "Polrestabes Bandung",
         "report_number": "LP/B/1234/XI/2026", "articles": ["UU21-2"], "officer": "Aiptu Rina"},
        {"person_id": SUSPECT, "stage": "VERDICT_PN", "day": "2026-11-23", "institution": "PN Bandung",
         "court_number": "123/Pid.Sus/2026", "months": 84, "fine": 200_000_000, "outcome": "Terbukti."},
    ),
    "hearing": (
        {"person_id": VICTIM, "at": at(1.2), "hearing_kind": "TESTIMONY", "place": "PN Bandung", "attends": "REMOTE",
         "companion": "Siti Rahma", "result": "Memberi keterangan lewat video."},
    ),
    "victim_right": (
        {"person_id": VICTIM, "right_code": "RESTITUTION", "state": "TOLD", "day": "2026-11-21", "note": "Mau."},
    ),
    "restitution": (
        {"person_id": VICTIM, "step": "CLAIMED", "day": "2026-10-01", "amount": 75_000_000, "number": "R-1/LPSK"},
        {"person_id": VICTIM, "step": "ASSESSED", "day": "2026-10-20", "amount": 60_000_000, "institution": "LPSK"},
        {"person_id": VICTIM, "step": "DEMANDED", "day": "2026-11-02", "amount": 60_000_000,
         "institution": "Kejaksaan Negeri Bandung"},
        {"person_id": VICTIM, "step": "ORDERED", "day": "2026-11-16", "amount": 50_000_000, "institution": "PN Bandung",
         "number": "123/Pid.Sus/2026", "sexual": True, "copy_on": "2026-11-18", "note": "Dua terdakwa."},
        {"person_id": VICTIM, "step": "PAID", "day": "2026-11-23", "amount": 10_000_000},
    ),
    "empowerment": (
        {"person_id": VICTIM, "opportunity": "EDU", "interest": "Menjahit", "skills": "Komputer",
         "detail": "Paket C", "provider_id": SHELTER, "offered_on": "2026-11-23", "answer": "ACCEPTED",
         "answered_on": "2026-11-23"},
    ),
    "flag": ({"reason": "DANGER", "text": "Perekrut masih bebas.", "until": "2026-12-31"},),
    "task": (
        {"person_id": VICTIM, "title": "Jemput surat visum", "due": "2026-11-26", "assignee": OFFICE},
    ),
    "transfer": (
        {"to_office": SHELTER, "from_office": OFFICE, "reason": "MOVED", "message": "Keluarga pindah.",
         "number": "3273-2026-A1-0041"},
    ),
    "transfer_event": ({"step": "OFFERED", "at": at(0.3), "note": "Menunggu."},),
}  # fmt: skip
KINDS_MORE = tuple(part.kind for part in PARTS if part.kind not in OWN_WORDS)
_START = 100
HOLDERS_MORE = {kind: rid(_START + 10 * n) for n, kind in enumerate(KINDS_MORE)}


def more() -> dict[str, tuple[tuple[str, Mapping[str, Any]], ...]]:
    """The records, entered by the worker; the steps of the transfer are those of its only one."""
    entered = {"case_id": rid(1), "made_at": at(2), "made_by": "Siti Rahma", "made_office": OFFICE}
    links = {"transfer_event": {"transfer_id": HOLDERS_MORE["transfer"]}}
    return {
        kind: tuple(
            (rid(_START + 10 * n + i), {**entered, **links.get(kind, {}), **content})
            for i, content in enumerate(MORE[kind])
        )
        for n, kind in enumerate(KINDS_MORE)
    }  # fmt: skip


def whole_case() -> CaseInput:
    """The typical case with all of it."""
    case = case_input()
    return replace(case, records={**case.records, **more()})
