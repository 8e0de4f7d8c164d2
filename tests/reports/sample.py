"""One typical case as canonical content: a girl recruited online, a suspect, a mother, services, referrals, consent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.models.field import to_ms
from app.reports.case_input import CaseInput
from app.reports.case_summary import Occasion
from app.reports.redaction import Profile, Release

NOW = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
ALL = frozenset({"OPEN", "CASE", "IDENTIFYING", "NARRATIVE", "SENSITIVE"})
OFFICE, POLICE, HOSPITAL, SHELTER = (f"{n:032x}" for n in (0xA1, 0xA2, 0xA3, 0xA4))
NAMES = {
    OFFICE: "UPTD PPA Kota Bandung",
    POLICE: "Unit PPA Polrestabes Bandung",
    HOSPITAL: "RSUD Kota Bandung",
    SHELTER: "Balai Pemulihan Sosial Jawa Barat",
}


def rid(number: int) -> str:
    """A record's identity."""
    return f"{number:032x}"


def at(days: float) -> int:
    """Milliseconds of a moment so many days before now."""
    return to_ms(NOW - timedelta(days=days))


def _entered(content: dict[str, Any], *, days: float, by: str = "Siti Rahma", office: str = OFFICE) -> dict[str, Any]:
    return {"case_id": rid(1), "made_at": at(days), "made_by": by, "made_office": office, **content}


CASE = {
    "number": "3273-2026-A1-0041",
    "reported_at": at(4.2),
    "channel": "SAPA129",
    "reporter_type": "FAMILY",
    "risk": "HIGH",
    "exploitation": ["SEX"],
    "recruitment_mode": "JOB_SOCMED",
    "platform": "FACEBOOK",
    "control": ["DEBT", "DOCS"],
    "origin": "327302",
    "transit": "Pelabuhan Batam Centre",
    "transport": "SEA_FERRY",
    "destination_country": "MY",
    "destination": "Johor Bahru",
    "lead_worker": "Siti Rahma",
    "summary": "Korban ditawari bekerja di kafe di Batam dengan gaji Rp6.000.000 sebulan lewat media sosial. "
    "Setibanya di Batam, ponsel dan KTP-nya diambil, lalu ia diberi tahu mempunyai utang Rp15.000.000 yang harus "
    "dilunasi. Ibunya melapor setelah menerima pesan singkat yang meminta tolong.",
    "made_at": at(4.2),
    "made_by": "Dewi Lestari",
    "made_office": OFFICE,
}
VICTIM = {
    "name": "Ani Nurhayati",
    "alias": "Nia",
    "sex": "P",
    "birth_date": "2009-03-17",
    "nik": "3273025703090000",
    "family_card": "3273020101100000",
    "nationality": "ID",
    "region": "327302",
    "address": "Jl. Dago Atas No. 12 RT 03/05",
    "phone": "+6281234567890",
    "contact_safety": "MESSAGE_ONLY",
    "contact_note": "Pesan singkat saja, setelah pukul 16.00",
    "education": "SLTA",
    "occupation": "STUDENT",
    "marital_status": "SINGLE",
    "religion": "ISLAM",
    "disability": ["NONE"],
    "health": "Sulit tidur; diperiksa di RSUD, hasil menyusul.",
    "made_at": at(4.2),
    "made_by": "Dewi Lestari",
    "made_office": OFFICE,
}
SUSPECT = {
    "name": "Jon Hartono",
    "alias": "Bang Jo",
    "sex": "L",
    "age": 34,
    "phone": "+60123456789",
    "nationality": "ID",
}
MOTHER = {"name": "Euis Komariah", "sex": "P", "birth_date": "1984-??-??", "phone": "+6281298765432"}


def records() -> dict[str, tuple[tuple[str, Mapping[str, Any]], ...]]:
    """All records of the case, by kind."""
    return {
        "case": ((rid(1), CASE),),
        "person": ((rid(2), VICTIM), (rid(3), SUSPECT), (rid(4), MOTHER)),
        "party": (
            (rid(5), _entered({"person_id": rid(2), "role": "VICTIM", "trafficking_status": "POSSIBLE"}, days=4)),
            (
                rid(6),
                _entered(
                    {
                        "person_id": rid(3),
                        "role": "SUSPECT",
                        "network_role": "RECRUITER",
                        "relation": "ONLINE_STRANGER",
                    },
                    days=4,
                ),
            ),
            (rid(7), _entered({"person_id": rid(4), "role": "GUARDIAN", "relation": "PARENT"}, days=4)),
        ),
        "screening": (
            (
                rid(8),
                _entered(
                    {
                        "person_id": rid(2),
                        "process": ["ACT.RECRUIT", "ACT.TRANSPORT"],
                        "means": ["MEANS.DECEIVE", "MEANS.DEBT"],
                        "purpose": ["PURP.PROSTITUTION"],
                        "indicators": ["ILO.DECEPT_RECR.1", "ILO.COERC_DEST.1"],
                        "child": True,
                        "conclusion": "PRESUMED",
                        "concluded_at": at(3.1),
                        "reasoning": "Anak; perekrutan dan tujuan terlihat, cara dicatat walau tidak "
                        "disyaratkan. Disepakati bersama supervisor.",
                    },
                    days=3.1,
                ),
            ),
        ),
        "consent": (
            (
                rid(9),
                _entered(
                    {
                        "person_id": rid(2),
                        "purpose": "SHARE",
                        "decision": "GIVEN",
                        "recipient": POLICE,
                        "given_by": "BOTH",
                        "tiers": ["CASE", "IDENTIFYING", "NARRATIVE", "OPEN"],
                        "decided_at": at(3),
                        "valid_until": "2027-05-31",
                        "method": "WRITTEN",
                    },
                    days=3,
                ),
            ),
            (
                rid(10),
                _entered(
                    {
                        "person_id": rid(2),
                        "purpose": "PHOTO",
                        "decision": "REFUSED",
                        "given_by": "BOTH",
                        "decided_at": at(3),
                        "method": "VERBAL",
                        "note": "Tidak ingin difoto.",
                    },
                    days=3,
                ),
            ),
        ),
        "service": (
            (
                rid(11),
                _entered(
                    {
                        "person_id": rid(2),
                        "service_type": "H.VISUM",
                        "need": "MEDICAL",
                        "state": "DONE",
                        "provider_id": HOSPITAL,
                        "due": "2026-11-22",
                        "done_at": at(1.8),
                        "result": "Visum selesai; surat menyusul.",
                    },
                    days=3,
                ),
            ),
            (
                rid(12),
                _entered(
                    {
                        "person_id": rid(2),
                        "service_type": "S.SHELTER",
                        "need": "SAFETY",
                        "state": "PLANNED",
                        "provider_id": SHELTER,
                        "due": "2026-11-25",
                        "goal": "Aman dan tidak sendirian",
                        "place": "Rumah Aman Melati",
                    },
                    days=2,
                ),
            ),
            (
                rid(13),
                _entered(
                    {"person_id": rid(2), "service_type": "P.COUNSEL", "state": "PLANNED", "due": "2026-11-30"}, days=2
                ),
            ),
        ),
        "referral": (
            (
                rid(14),
                _entered(
                    {
                        "person_id": rid(2),
                        "to_office": POLICE,
                        "to_agency": POLICE,
                        "to_person": "Kanit PPA",
                        "reason": "LEGAL",
                        "urgency": "DAY1",
                        "services": ["L.REPORT", "TPPO.5"],
                        "due_at": at(1),
                        "tiers": ["CASE", "IDENTIFYING", "OPEN"],
                        "consent_id": rid(9),
                        "message": "Mohon pendampingan saat BAP; korban anak.",
                    },
                    days=2,
                ),
            ),
            (
                rid(15),
                _entered(
                    {
                        "person_id": rid(2),
                        "to_agency": SHELTER,
                        "reason": "SHELTER",
                        "urgency": "DAY3",
                        "due_at": at(-2),
                        "tiers": ["OPEN"],
                    },
                    days=1,
                ),
            ),
        ),
        "referral_event": (
            (rid(16), _entered({"referral_id": rid(14), "step": "SENT", "at": at(2)}, days=2)),
            (
                rid(17),
                _entered(
                    {
                        "referral_id": rid(14),
                        "step": "ACCEPTED",
                        "at": at(1.87),
                        "feedback": "Siap menerima besok pukul 09.00.",
                    },
                    days=1.87,
                    by="Aiptu Rina",
                    office=POLICE,
                ),
            ),
            (rid(18), _entered({"referral_id": rid(15), "step": "SENT", "at": at(1)}, days=1)),
        ),
        "note": (
            (
                rid(19),
                _entered(
                    {
                        "person_id": rid(2),
                        "note_kind": "VISIT",
                        "at": at(3.5),
                        "text": "Korban ditemui di rumah bibinya, didampingi ibu. Tenang, mau bercerita.",
                    },
                    days=3.5,
                ),
            ),
            (
                rid(20),
                _entered(
                    {"note_kind": "CALL", "at": at(0.5), "text": "BP3MI mengonfirmasi data keberangkatan."}, days=0.5
                ),
            ),
        ),
    }


def case_input(**changed: tuple[tuple[str, Mapping[str, Any]], ...]) -> CaseInput:
    """The case, with some kinds of record replaced."""
    return CaseInput(rid(1), {**records(), **changed}, date(2026, 11, 24), NAMES)


def occasion(**changed: Any) -> Occasion:
    """To the police, for the investigation."""
    values: dict[str, Any] = {
        "recipient": "Unit PPA Polrestabes Bandung",
        "purpose": "Penyelidikan",
        "export_id": "7K2M-9QXD",
        "worker": "Siti Rahma",
        "supervisor": "Dewi Lestari",
        "place": "Bandung",
        "now": NOW,
        "status": "IN_SERVICE",
    }
    return Occasion(**(values | changed))


def release(profile: Profile = Profile.POLICE, **changed: Any) -> Release:
    """A release to the police unit on a consent for everything."""
    values: dict[str, Any] = {"may_leave": ALL, "recipient_office": POLICE}
    return Release(profile=profile, **(values | changed))
