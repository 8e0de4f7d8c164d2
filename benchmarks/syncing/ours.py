"""Our own: laptops on encrypted files, a centre on PostgreSQL, each a process or a folder of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.central import admin, embedded
from app.central.store import Store
from app.models.all import Case
from app.models.journal import Journal
from app.models.permission import Permission
from app.services import first_run
from app.services.desk import Desk
from app.services.validate import cleaned
from app.sync.device import SyncSetup
from app.sync.enrol import enrol
from app.sync.http import HttpTransport
from app.sync.loop import run
from app.sync.report import SyncReport
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault, Workspace
from benchmarks.syncing.corpus import Edit, Report
from benchmarks.syncing.legs import Way
from benchmarks.syncing.processes import Program, cpu_seconds, module, program

PASSWORD = "kereta pagi lewat jembatan"  # of workspaces that live as long as the measurement
_AT_ONCE = 250  # cases in one unit of work while the corpus is entered
_numbers = count(1)


def real_now() -> datetime:
    """The clock on the wall."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Moment:
    """A clock that stands where it was put."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Laptop:
    """A workspace whose centre is behind `url`."""

    workspace: Workspace
    url: str
    limit: float = 600.0
    reports: list[SyncReport] = field(default_factory=list)

    def desk(self, clock: Callable[[], datetime] = real_now, *, by: str = "") -> Desk:
        """Where its user works, called as the corpus says."""
        actor = first_run.actor_for(self.workspace.engine, user=self._user, device=self.workspace.device.id)
        return Desk(self.workspace.engine, replace(actor, name=by or actor.name), clock)

    @property
    def setup(self) -> SyncSetup:
        """What the sync is given."""
        return SyncSetup(self.workspace.engine, self.workspace.device, self.desk().actor, real_now)

    @property
    def _user(self) -> first_run.Person:
        user = self.workspace.user
        return first_run.Person(user.id, user.login, user.name, user.role)

    def enter(self, reports: Sequence[Report]) -> None:
        """Open these cases, each at its moment."""
        clock = Moment(real_now())
        for start in range(0, len(reports), _AT_ONCE):
            with self.desk(clock).write(Permission.WRITE_CASE) as session:
                for report in reports[start : start + _AT_ONCE]:
                    clock.at = report.at
                    values = cleaned(Case, report.values)
                    session.add(Case(id=report.id, number=report.number, made_by=report.by, **values))
                    session.flush()

    def edit(self, edits: Sequence[Edit]) -> None:
        """Save each at its moment, by whom the corpus says."""
        clock = Moment(real_now())
        with self.desk(clock).write(Permission.WRITE_CASE) as session:
            journal: Journal = session.info["journal"]
            for made in edits:
                clock.at, journal.actor = made.at, replace(journal.actor, name=made.by)
                setattr(session.get_one(Case, made.case), made.field, made.value)
                session.flush()

    def sync(self, url: str = "", *, expected: int = 0, pulling: bool = False) -> Way:
        """Sync until it is proved, again after a break, as long as `limit` allows; `expected` operations or rows."""
        until, moved, bodies = time.perf_counter() + self.limit, 0, 0
        while True:
            with HttpTransport(url or self.url, self.workspace.device) as transport:
                report = run(self.setup, transport, cancelled=lambda: time.perf_counter() > until)
            self.reports.append(report)
            bodies += report.bytes_up + report.bytes_down
            moved += sum(report.pulled.values()) if pulling else report.pushed_operations
            if report.green:
                return Way(1.0, bodies)
            if time.perf_counter() > until:
                share = min(0.999, moved / expected) if expected else 0.0
                return Way(share, bodies, type(report.problem).__name__ if report.problem else "")

    @contextmanager
    def session(self, url: str) -> Iterator[Callable[[], Way]]:
        """Sync once, and give the next sync of the same session."""
        with HttpTransport(url, self.workspace.device) as transport:
            run(self.setup, transport)

            def again() -> Way:
                report = run(self.setup, transport)
                if not report.green:
                    raise RuntimeError("the sync did not end with a proof") from report.problem
                return Way(1.0, report.bytes_up + report.bytes_down)

            yield again

    def ids(self) -> set[str]:
        """The cases it holds."""
        with Session(self.workspace.engine) as session:
            return set(session.scalars(select(Case.id)))

    def count(self) -> int:
        """How many cases it holds."""
        with Session(self.workspace.engine) as session:
            return session.scalar(select(func.count()).select_from(Case)) or 0


@dataclass(slots=True)
class Centre:
    """A serving centre and the laptops that were made for it."""

    url: str
    folder: Path
    owner: Store
    server: Program
    postmaster: int
    offices: set[str] = field(default_factory=set)
    laptops: list[Laptop] = field(default_factory=list)

    def laptop(self, *, office: str = "A") -> Laptop:
        """A new laptop, enrolled in this office and synced once: what it measures later is only its work."""
        if office not in self.offices:
            facts = {"name": f"Kantor {office}", "agency_type": "UPTD_PPA", "region": "3273"}
            admin.add_office(self.owner, code=office, now=real_now, **facts)
            self.offices.add(office)
        number = next(_numbers)
        laptop = Laptop(_workspace(self.folder / f"laptop-{number}", f"petugas{number}"), self.url)
        self.laptops.append(laptop)
        code = admin.enrol_code(self.owner, office_code=office, now=real_now)
        with HttpTransport(self.url, laptop.workspace.device) as transport:
            enrol(laptop.setup, transport, code=code, tag=f"L{number:02}")
        admin.confirm(self.owner, laptop.workspace.device.id)
        laptop.sync()
        return laptop

    def cpu(self) -> float:
        """Seconds used by the centre and its PostgreSQL."""
        return cpu_seconds([self.server.pid, self.postmaster])

    def close(self) -> None:
        """Shut all laptops."""
        for laptop in self.laptops:
            laptop.workspace.close()


@contextmanager
def serving(folder: Path) -> Iterator[Centre]:
    """A centre on a PostgreSQL of its own."""
    database = embedded.start(folder / "pg")
    try:
        admin.init(database.url("owner"), folder / "centre")
        command = module("benchmarks.syncing.serving", database.url("naungan_app"), folder / "centre")
        postmaster = int((folder / "pg" / "pgdata" / "postmaster.pid").read_text().split()[0])
        with program(*command) as server:
            owner = Store(database.url("owner"))
            centre = Centre(server.line(), folder, owner, server, postmaster)
            try:
                yield centre
            finally:
                centre.close()
                owner.close()
    finally:
        database.stop()


def _workspace(directory: Path, login: str) -> Workspace:
    vault = Vault(cost=CHEAPEST)  # what a password costs is no part of a sync
    workspace = vault.create(
        directory, login=login, name="Siti Rahma", role="SUPERVISOR", password=PASSWORD, now=real_now
    )
    user = first_run.Person(workspace.user.id, workspace.user.login, workspace.user.name, workspace.user.role)
    beginning = first_run.Beginning("Kantor", "UPTD_PPA", "3273")
    first_run.begin(workspace.engine, device=workspace.device.id, user=user, beginning=beginning, now=real_now)
    return workspace
