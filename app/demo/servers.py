"""The centre of the demo: an embedded PostgreSQL and the HTTP server, both real, both on this machine only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.central import admin, embedded, serve
from app.central.config import Clock, Config
from app.central.store import Store
from app.demo.offices import REGION, DemoOffice


@dataclass(slots=True)
class DemoCentre:
    """A running centre with its administration. Use it as a context manager."""

    postgres: embedded.Embedded
    server: serve.Running
    _owner: Store
    _now: Clock

    def __enter__(self) -> DemoCentre:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens: a free port of the loopback."""
        return self.server.base_url

    def add_office(self, office: DemoOffice) -> str:
        """A new office; returns the one-time code for its first laptop."""
        facts = {"name": office.name, "agency_type": office.agency_type, "region": REGION}
        admin.add_office(self._owner, code=office.code, now=self._now, **facts)
        return admin.enrol_code(self._owner, office_code=office.code, now=self._now)

    def confirm(self, device: str) -> None:
        """Somebody compared the six words of a laptop."""
        admin.confirm(self._owner, device)

    def stop(self) -> None:
        """Let requests finish, then stop both servers."""
        try:
            self.server.stop()
        finally:
            self._owner.close()
            self.postgres.stop()


def start(directory: Path, *, now: Clock) -> DemoCentre:
    """Set up a fresh centre in this directory and let it serve."""
    postgres = embedded.start(directory)
    try:
        admin.init(postgres.url("owner"), directory)
        server = serve.start(Config(admin.app_url(directory), directory, now))
    except BaseException:
        postgres.stop()
        raise
    return DemoCentre(postgres, server, Store(postgres.url("owner")), now)
