"""A stick that is carried between laptops and the centre, and whoever puts it in at the centre."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.central.bundle import Taken, take
from app.central.centre import Centre, open_centre
from app.central.config import Config
from app.sync.bundle import BundleRead, pack, read_answers
from app.sync.push import WAITING
from app.sync.report import SyncReport
from tests.centre import CentreUnderTest
from tests.sync.country import Country
from tests.sync.laptops import Laptop


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """An empty stick."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def waiting(laptop: Laptop) -> int:
    """How many batches nobody has answered for."""
    return sum(batch.state in WAITING for batch in laptop.batches())


@contextmanager
def at(centre: CentreUnderTest) -> Iterator[Centre]:
    """The centre, as its command opens it beside the one that serves."""
    opened = open_centre(Config(centre.url_of["naungan_app"], centre.data_dir, centre.clock, centre.limits))
    try:
        yield opened
    finally:
        opened.store.close()


def to_centre(country: Country, folder: Path) -> list[Taken]:
    """`naungan central bundle FOLDER`."""
    with at(country.centre) as opened:
        return take(opened, folder)


def carry(country: Country, folder: Path, *laptops: Laptop, check: bool = True) -> list[SyncReport]:
    """Pack what each laptop has on one stick, take it to the centre and back; an hour passes."""
    folder.mkdir(exist_ok=True)
    for laptop in laptops:
        pack(laptop.setup, folder)
    country.clock.forward(hours=1)
    for line in to_centre(country, folder):
        assert not check or not line.problem, line
    reports = [read_answers(laptop.setup, folder).report for laptop in laptops]
    for report in reports:
        assert not check or (report.problem is None and report.green), report
    for file in folder.iterdir():
        file.unlink()
    return reports


def answers_to(country: Country, folder: Path, laptop: Laptop) -> BundleRead:
    """An hour later at the centre, then back at the laptop."""
    country.clock.forward(hours=1)
    to_centre(country, folder)
    return read_answers(laptop.setup, folder)
