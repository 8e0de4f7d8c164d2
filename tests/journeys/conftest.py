"""Terminals and folders, for whole journeys."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import founded, naungan

__all__ = ["founded", "naungan"]


@pytest.fixture
def out() -> Iterator[Path]:
    """Where a demo may write. Not under pytest's own folder: PostgreSQL, which is never root, may not enter that."""
    folder = Path(tempfile.mkdtemp(prefix="naungan-demo-"))
    yield folder / "demo"
    shutil.rmtree(folder, ignore_errors=True)
