"""Fixtures of the centre's tests; what they give is in tests/centre.py, for whoever needs a real centre."""

from __future__ import annotations

import pytest

from tests.central.scene import Scene, scene_of
from tests.centre import CentreUnderTest, centre, postgres

__all__ = ["centre", "postgres"]


@pytest.fixture
def scene(centre: CentreUnderTest) -> Scene:
    """Two offices and a case, nothing sent yet."""
    return scene_of(centre)
