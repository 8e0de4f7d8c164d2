"""Laptops on real SQLCipher files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import i18n
from tests.centre import CentreUnderTest, centre, postgres
from tests.conftest import Clock
from tests.sync.country import Country
from tests.sync.laptops import Laptop, new_laptop

__all__ = ["centre", "postgres"]


@pytest.fixture(autouse=True)
def _in_english(_indonesian_by_default: None) -> None:
    """The sentences that these tests match."""
    i18n.use("en")


@pytest.fixture
def make_laptop(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Laptop]]:
    """Laptops by name; closed at the end."""
    made: list[Laptop] = []

    def make(name: str = "siti", **beginning: str) -> Laptop:
        made.append(new_laptop(tmp_path / name, clock=clock, **beginning))
        return made[-1]

    yield make
    for laptop in made:
        laptop.workspace.close()


@pytest.fixture
def laptop(make_laptop: Callable[..., Laptop]) -> Laptop:
    """One laptop, not enrolled."""
    return make_laptop()


@pytest.fixture
def country(centre: CentreUnderTest, tmp_path: Path, clock: Clock) -> Iterator[Country]:
    """A real centre and room for laptops."""
    made = Country(centre, tmp_path / "laptops", clock)
    (tmp_path / "laptops").mkdir()
    yield made
    made.close()
