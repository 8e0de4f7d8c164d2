"""A real workspace on a real SQLCipher file, with the cheapest key derivation that the band allows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import i18n
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault, Workspace
from tests.keystores import store
from tests.vault.offices import PASSWORD, SECOND, Clock, Office, put

__all__ = ["store"]


@pytest.fixture(autouse=True)
def _in_english(_indonesian_by_default: None) -> None:
    """The sentences that these tests match."""
    i18n.use("en")


@pytest.fixture
def vault() -> Vault:
    """The product's vault, but cheap to guess."""
    return Vault(cost=CHEAPEST)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: two users and two hundred rows."""
    directory = tmp_path_factory.mktemp("founded") / "workspace"
    moment = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    with Vault(cost=CHEAPEST).create(
        directory, login="sari", name="Sari Dewi", role="SOCIAL_WORKER", password=PASSWORD, now=lambda: moment
    ) as workspace:
        workspace.add_user(login="budi", name="Budi", role="SUPERVISOR", password=SECOND)
        put(workspace, *(f"row {n}" for n in range(200)))
    return directory


@pytest.fixture
def office(founded: Path, tmp_path: Path, clock: Clock, vault: Vault) -> Office:
    """A fresh copy of the founded workspace, to be opened or ruined."""
    directory = tmp_path / "workspace"
    shutil.copytree(founded, directory)
    return Office(directory, clock, vault)


@pytest.fixture
def workspace(office: Office) -> Iterator[Workspace]:
    """The same, opened by sari."""
    with office.unlock() as opened:
        yield opened
