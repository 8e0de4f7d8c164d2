"""The fixtures of tests/worlds.py, for the services."""

from tests.worlds import as_role, case_id, desk, intake, vault, workspace

__all__ = ["as_role", "case_id", "desk", "intake", "vault", "workspace"]
