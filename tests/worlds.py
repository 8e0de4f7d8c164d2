"""A desk on a real encrypted workspace, and the smallest sensible case."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models import settings
from app.models.all import Agency, Office
from app.models.ids import new_id
from app.models.journal import Actor, Journal
from app.services import first_run
from app.services.desk import Desk
from app.services.intake import Intake, take
from app.services.oversight import NEEDS_APPROVAL
from app.services.sealing import Keyring
from app.vault.kdf import KdfCost
from app.vault.workspace import Vault, Workspace
from tests.conftest import Clock

PASSWORD = "kereta pagi lewat jembatan"


@pytest.fixture(scope="session")
def vault() -> Vault:
    """Key slots at the cheapest cost the band allows."""
    return Vault(cost=KdfCost(memory_mib=19, passes=2, lanes=1))


@pytest.fixture
def workspace(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, vault: Vault, clock: Clock
) -> Iterator[Workspace]:
    """An open workspace of a UPTD PPA in Bandung, with a directory: a copy of one that was made once in this run."""
    copy_begun(tmp_path / "ws", tmp_path_factory, vault, clock)
    with vault.unlock(tmp_path / "ws", login="siti", password=PASSWORD, now=clock) as opened:
        yield opened


_begun: list[Path] = []


def copy_begun(folder: Path, factory: pytest.TempPathFactory, vault: Vault, clock: Clock) -> None:
    """A copy of the workspace that is made once in this run."""
    if not _begun:
        _begun.append(_begin(factory.mktemp("begun") / "ws", vault=vault, clock=clock))
    shutil.copytree(_begun[0], folder)


def _begin(folder: Path, *, vault: Vault, clock: Clock) -> Path:
    with vault.create(
        folder, login="siti", name="Siti Rahma", role="SOCIAL_WORKER", password=PASSWORD, now=clock
    ) as made:
        beginning = first_run.Beginning("UPTD PPA Kota Bandung", "UPTD_PPA", "3273")
        first_run.begin(made.engine, device=made.device.id, user=_person(made), beginning=beginning, now=clock)
        actor = first_run.actor_for(made.engine, user=_person(made), device=made.device.id)
        _add_directory(made, actor, clock)
    return folder


def _person(workspace: Workspace) -> first_run.Person:
    user = workspace.user
    return first_run.Person(user.id, user.login, user.name, user.role)


@pytest.fixture
def desk(workspace: Workspace, clock: Clock) -> Desk:
    """The desk of a social worker, with a directory of one agency that has Naungan and one that works on paper."""
    return desk_of(workspace, clock)


def desk_of(workspace: Workspace, clock: Clock) -> Desk:
    """The same, for who holds a workspace for longer than one test."""
    actor = first_run.actor_for(workspace.engine, user=_person(workspace), device=workspace.device.id)
    return Desk(workspace.engine, actor, clock, keyring=keyring_of(workspace), directory=workspace.directory)


def keyring_of(workspace: Workspace) -> Keyring | None:
    """What opens sealed values, for a user who is cleared."""
    device = workspace.device
    return Keyring.open(workspace.engine, workspace.restricted, signer=device, device=device)


def _add_directory(workspace: Workspace, actor: Actor, clock: Clock) -> None:
    with Session(workspace.engine) as session:
        session.info["journal"] = Journal(actor, clock, applying=True)
        settings.put(session, NEEDS_APPROVAL, False)  # who looks at approvals switches it on
        police = Office(name="Unit PPA Polrestabes Bandung", agency_type="POLRES_PPA", region="3273")
        session.add(police)
        session.add(Agency(name=police.name, agency_type="POLRES_PPA", office_id=police.id))
        session.add(Agency(name="RSUD Kota Bandung", agency_type="RSUD", services=("H.VISUM",)))
        session.commit()


@pytest.fixture
def as_role(desk: Desk) -> Callable[[str], Desk]:
    """The same office, another signed-in user."""

    def change(role: str) -> Desk:
        actor = Actor(new_id(), "Orang Lain", role, desk.actor.office, desk.actor.device)
        return Desk(desk.engine, actor, desk.now, keyring=desk.keyring, directory=desk.directory)

    return change


GIRL = {"name": "Sitti Aminah", "alias": "Mina", "sex": "P", "birth_date": "2009-08-??", "nationality": "ID"}
REPORT = {
    "channel": "SAPA129",
    "reporter_type": "FAMILY",
    "risk": "HIGH",
    "summary": "Ditawari kerja lewat media sosial.",
}


def intake(**changes: Any) -> Intake:
    """An ordinary intake with everything but a referral."""
    parts: dict[str, Any] = {
        "case": REPORT,
        "victim": GIRL,
        "screening": {"process": ["ACT.RECRUIT"], "purpose": ["PURP.PROSTITUTION"], "conclusion": "POSSIBLE"},
        "consent": {"purpose": "SHARE", "given_by": "BOTH", "tiers": ["OPEN", "CASE", "IDENTIFYING"]},
    }
    return Intake(**{**parts, **changes})


@pytest.fixture
def case_id(desk: Desk) -> str:
    """A case with one girl, screened, with consent to share."""
    return take(desk, intake()).id
