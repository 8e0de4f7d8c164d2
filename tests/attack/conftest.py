"""Attacks and faults that belong to no single part of the program. Their size and their record: tests/attacks.py."""

from __future__ import annotations

from tests.centre import centre, postgres
from tests.sync.conftest import country, laptop, make_laptop
from tests.worlds import as_role, case_id, desk, vault, workspace

__all__ = [
    "as_role", "case_id", "centre", "country", "desk", "laptop", "make_laptop", "postgres", "vault", "workspace",
]  # fmt: skip
