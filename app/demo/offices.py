"""The two offices of the demo, who works there, and the agencies around them. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.services import directory
from app.services.desk import Desk


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker of an office."""

    login: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class DemoOffice:
    """An office with its workers; the first one sets the laptop up, the last one works at it in the demo."""

    code: str
    name: str
    agency_type: str
    folder: str
    workers: tuple[Worker, ...]


REGION = "3273"  # Kota Bandung
OFFICE_A = DemoOffice(
    "3273-UPTD-PPA",
    "UPTD PPA Kota Bandung",
    "UPTD_PPA",
    "office-a",
    (Worker("dewi", "Dewi Lestari", "SUPERVISOR"), Worker("siti", "Siti Rahma", "SOCIAL_WORKER")),
)
OFFICE_B = DemoOffice(
    "3273-UNIT-PPA",
    "Unit PPA Polrestabes Bandung",
    "POLRES_PPA",
    "office-b",
    (Worker("ratna", "Iptu Ratna", "PARTNER"),),
)
# The address of a safe house is nowhere in a directory: not even invented.
AGENCIES: tuple[dict[str, Any], ...] = (
    {"name": "RSUD Kota Bandung", "agency_type": "RSUD", "services": ["H.EMERG", "H.MEDICAL", "H.VISUM", "H.REPRO"],
     "phone": "+622210000101", "hours": "24 jam"},
    {"name": "LBH Pelita Pasundan", "agency_type": "LBH", "services": ["L.CONSULT", "L.COURT", "L.RESTITUTION"],
     "phone": "+622210000102", "hours": "Senin-Jumat 08.00-16.00"},
    {"name": "BP3MI Jawa Barat", "agency_type": "BP3MI", "services": ["TPPO.5", "S.FAMTRACE"],
     "phone": "+622210000103", "hours": "Senin-Jumat 08.00-16.00"},
    {"name": "Dinas Sosial Kota Bandung", "agency_type": "DINSOS", "services": ["S.BASIC", "E.SKILL", "S.DTKS"],
     "phone": "+622210000104", "hours": "Senin-Jumat 08.00-16.00"},
    {"name": "LPSK Perwakilan Jawa Barat", "agency_type": "LPSK", "services": ["L.LPSK", "L.RESTITUTION"],
     "phone": "+622210000105", "hours": "Senin-Jumat 08.00-16.00"},
    {"name": "Rumah Aman Tunas Harapan", "agency_type": "SHELTER_NGO", "services": ["S.SHELTER", "P.COUNSEL"],
     "phone": "+622210000106", "hours": "24 jam", "note": "Alamat dirahasiakan; hubungi narahubung."},
    {"name": "Disdukcapil Kota Bandung", "agency_type": "DUKCAPIL", "services": ["A.CIVREG"],
     "phone": "+622210000107", "hours": "Senin-Jumat 08.00-15.00"},
)  # fmt: skip


def fill_directory(desk: Desk) -> int:
    """Enter the agencies at the desk of a user who may; how many they are."""
    for agency in AGENCIES:
        directory.add_agency(desk, {**agency, "region": REGION})
    return len(AGENCIES)
