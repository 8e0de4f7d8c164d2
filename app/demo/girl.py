"""The file of the girl of the story: what Siti writes on the first afternoon, besides report and screening."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.services.case_parts import add_part
from app.services.desk import Desk

ASSESSMENT = {
    "risk": "HIGH", "needs": ["SAFETY", "MEDICAL", "PSYCHOSOCIAL", "FAMILY"], "urgent_needs": ["SAFETY", "MEDICAL"],
    "strengths": "Dekat dengan bibinya; tahu nomor telepon keluarganya.",
    "own_words": "Saya mau pulang ke rumah bibi. Saya tidak mau dia tahu saya di sini.",
    "wishes": "Bersekolah lagi setelah pemeriksaan selesai.",
    "danger": "Perekrut memegang foto kartu identitasnya dan mengetahui alamat bibinya.",
    "summary": "Aman untuk malam ini; pemeriksaan kesehatan didahulukan, keluarga di Garut dicari.",
}  # fmt: skip
# (goal, days until it is wanted)
GOALS: tuple[tuple[dict[str, Any], int], ...] = (
    ({"need": "MEDICAL", "goal": "Diperiksa dokter, obat asmanya tersedia.", "agreed": True}, 3),
    ({"need": "FAMILY", "goal": "Keluarga di Garut ditemukan dan siap menerima.", "agreed": True}, 14),
)
REPORTED = {
    "stage": "LP", "institution": "Unit PPA Polrestabes Bandung", "report_number": "LP/B/0000/SPKT/POLRESTABES BANDUNG",
    "articles": ["UU21-6", "UU21-17"],
}  # fmt: skip
RIGHTS = ({"right_code": "CONFIDENTIAL", "state": "GIVEN"}, {"right_code": "COMPANION", "state": "GIVEN"},
          {"right_code": "RESTITUTION", "state": "TOLD"}, {"right_code": "INFO_PROGRESS", "state": "TOLD"})  # fmt: skip
FLAG = {"reason": "DANGER", "text": "Perekrut mengetahui alamat bibinya."}


def tell_file(desk: Desk, case_id: str) -> Mapping[str, str]:
    """Write it; which goal stands for which need."""
    today = desk.today()

    def add(kind: str, values: Mapping[str, Any]) -> str:
        return add_part(desk, case_id, kind, values).id

    add("assessment", ASSESSMENT)
    goals = {
        goal["need"]: add("goal", {**goal, "wanted_by": (today + timedelta(days=days)).isoformat()})
        for goal, days in GOALS
    }
    add("legal_step", {**REPORTED, "day": today.isoformat()})
    for right in RIGHTS:
        add("victim_right", right)
    add("flag", {**FLAG, "until": (today + timedelta(days=14)).isoformat()})
    return goals
