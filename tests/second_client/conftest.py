"""One centre for all tests of the second client: what it costs is paid once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import i18n
from app.central import admin, embedded
from tests.centre import centre, new_centre, postgres
from tests.conftest import Clock
from tests.second_client.device import Device
from tests.sync.country import Country
from tests.sync.laptops import Laptop

__all__ = ["centre", "postgres"]


@pytest.fixture(autouse=True)
def _in_english(_indonesian_by_default: None) -> None:
    """Nobody reads here, but laptops are made in one language."""
    i18n.use("en")


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    """The centre outlives a test here, and so do its workers; every other thread ends."""
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in set(threading.enumerate()) - before if "AnyIO" not in thread.name]
    assert not left


@pytest.fixture(scope="module")
def country(postgres: embedded.Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """A real centre, and room for laptops."""
    i18n.use("en")
    clock = Clock(datetime(2026, 11, 23, 1, 30, tzinfo=UTC))
    folder = tmp_path_factory.mktemp("second")
    for under_test in new_centre(postgres, folder, clock=clock):
        made = Country(under_test, folder / "laptops", clock)
        made.directory.mkdir()
        yield made
        made.close()


@pytest.fixture
def newcomer(country: Country, tmp_path: Path) -> Iterator[Callable[..., Device]]:
    """Second clients, enrolled and confirmed; their files are shut at the end."""
    made: list[Device] = []

    def make(office: str = "A") -> Device:
        tag = f"K{len(made)}{tmp_path.name[-8:]}"[:8].upper().replace("_", "")
        folder = tmp_path / tag
        folder.mkdir()
        made.append(Device(folder, country.centre.base_url))
        made[-1].enrol(country.centre.code(office), tag)
        admin.confirm(country.centre.owner, made[-1].id.hex())
        return made[-1]

    yield make
    for device in made:
        device.store.close()


@pytest.fixture(scope="module")
def siti(country: Country) -> Laptop:
    """A laptop with Naungan in office A."""
    return country.laptop("siti")
