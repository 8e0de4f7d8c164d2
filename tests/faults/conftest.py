"""The faults stand on the same centre and laptops as the sync's own tests."""

from __future__ import annotations

from tests.sync.conftest import _in_english, centre, country, laptop, make_laptop, postgres

__all__ = ["_in_english", "centre", "country", "laptop", "make_laptop", "postgres"]
