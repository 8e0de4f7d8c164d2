"""Laptops for the sync's tests: real encrypted workspaces with a desk to work at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.base import KINDS, Record
from app.models.content import content_of
from app.models.journal import Actor
from app.models.local import Batch, Feed, Operation, Shadow
from app.services import first_run
from app.services.desk import Desk
from app.sync.device import SyncSetup
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault, Workspace
from tests.worlds import keyring_of

Clock = Callable[[], datetime]
PASSWORD = "kereta pagi lewat jembatan"
Contents = dict[tuple[str, str], tuple[int, dict[str, Any]]]


@dataclass
class Laptop:
    """An open workspace, its first user, and the clock on the wall."""

    workspace: Workspace
    clock: Clock

    @property
    def actor(self) -> Actor:
        """The first user, for the office the workspace belongs to now."""
        user = self.workspace.user
        person = first_run.Person(user.id, user.login, user.name, user.role)
        return first_run.actor_for(self.workspace.engine, user=person, device=self.workspace.device.id)

    @property
    def desk(self) -> Desk:
        """Where the user works."""
        keyring = keyring_of(self.workspace)
        return Desk(
            self.workspace.engine, self.actor, self.clock, keyring=keyring, directory=self.workspace.directory
        )  # fmt: skip

    @property
    def setup(self) -> SyncSetup:
        """What the sync is given."""
        return SyncSetup(self.workspace.engine, self.workspace.device, self.actor, self.clock)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A look into the file."""
        with Session(self.workspace.engine.execution_options(naungan_read=True)) as session:
            yield session

    def operations(self) -> list[Operation]:
        """The outbox, in order."""
        with self.session() as session:
            return list(session.scalars(select(Operation).order_by(Operation.seq)))

    def batches(self) -> list[Batch]:
        """The frozen batches, in order."""
        with self.session() as session:
            return list(session.scalars(select(Batch).order_by(Batch.n)))

    def feeds(self) -> dict[str, Feed]:
        """How far each scope was read."""
        with self.session() as session:
            return {feed.scope: feed for feed in session.scalars(select(Feed))}

    def shadows(self) -> dict[str, dict[str, Any]]:
        """The centre's version of the records with local work on them."""
        with self.session() as session:
            return {s.record: msgspec.msgpack.decode(s.content) for s in session.scalars(select(Shadow))}

    def get(self, kind: type[Record], record_id: str) -> Record | None:
        """A record as it stands in the file."""
        with self.session() as session:
            return session.get(kind, record_id)

    def contents(self) -> Contents:
        """Everything this laptop shows, by kind and id: (rev, content)."""
        with self.session() as session:
            return {
                (kind, record.id): (record.rev, content_of(record))
                for kind, record_class in KINDS.items()
                for record in session.scalars(select(record_class))
            }

    def count(self, table: type[Any]) -> int:
        """How many rows a table has."""
        with self.session() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


def new_laptop(directory: Path, *, clock: Clock, office: str = "UPTD PPA", kind: str = "UPTD_PPA") -> Laptop:
    """A fresh workspace of an office in Bandung, not enrolled yet.

    The first of a name in a test is a copy of one that this run made before; a second one is made, with its own keys.
    """
    made = _Made(directory.name.replace("_", "-"), office, kind, clock())
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
    if not test or (test, made.login) in _given:
        return Laptop(_begun(directory, made, clock=clock), clock)
    _given.add((test, made.login))
    if made not in _kept:
        _kept[made] = Path(_keep.name) / str(len(_kept))
        _begun(_kept[made], made, clock=clock).close()
    shutil.copytree(_kept[made], directory)
    return Laptop(Vault(cost=CHEAPEST).unlock(directory, login=made.login, password=PASSWORD, now=clock), clock)


class _Made(NamedTuple):
    login: str
    office: str
    kind: str
    at: datetime


_keep = TemporaryDirectory(prefix="naungan-laptops-")  # it goes with the process
_kept: dict[_Made, Path] = {}
_given: set[tuple[str, str]] = set()


def _begun(directory: Path, made: _Made, *, clock: Clock) -> Workspace:
    workspace = Vault(cost=CHEAPEST).create(
        directory, login=made.login, name=f"Petugas {made.login}", role="SUPERVISOR", password=PASSWORD, now=clock
    )
    user = first_run.Person(workspace.user.id, workspace.user.login, workspace.user.name, workspace.user.role)
    beginning = first_run.Beginning(made.office, made.kind, "3273")
    first_run.begin(workspace.engine, device=workspace.device.id, user=user, beginning=beginning, now=clock)
    return workspace


def reopen(laptop: Laptop) -> Laptop:
    """Close the workspace and open it again, as after a restart."""
    directory, login = laptop.workspace.directory, laptop.workspace.user.login
    laptop.workspace.close()
    opened = Vault(cost=CHEAPEST).unlock(directory, login=login, password=PASSWORD, now=laptop.clock)
    return Laptop(opened, laptop.clock)
