"""A desk on a real workspace, for the loader."""

from __future__ import annotations

from tests.worlds import desk, vault, workspace

__all__ = ["desk", "vault", "workspace"]
