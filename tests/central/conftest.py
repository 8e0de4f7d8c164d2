"""Fixtures of the centre's tests; what they give is in tests/centre.py, for whoever needs a real centre."""

from __future__ import annotations

from tests.centre import centre, postgres

__all__ = ["centre", "postgres"]
