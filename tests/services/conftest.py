"""The fixtures of tests/worlds.py and of the office that seals, for the services."""

from tests.services.sealed_office import centre, police, sealed_case, uncleared
from tests.worlds import as_role, case_id, desk, intake, vault, workspace

__all__ = [
    "as_role", "case_id", "centre", "desk", "intake", "police", "sealed_case", "uncleared", "vault", "workspace",
]  # fmt: skip
