"""Versions of this program that were shipped: their workspaces, their centre, and the bytes that went between them.

Made by tests/fixtures/make.py, which ran those versions; see tests/fixtures/README.md.
"""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg

from app import context as contexts
from app.central import admin, embedded
from app.central.config import Limits
from app.central.store import Store
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault
from tests.centre import CentreUnderTest
from tests.conftest import Clock
from tests.sync.laptops import PASSWORD

FIXTURES = Path(__file__).parent.parent / "fixtures"
VERSIONS = ("spine", "vault")
LAPTOPS = ("a1", "a2", "b1")


class SentBatch(NamedTuple):
    """A batch as it went up, and the centre's answer."""

    device: bytes
    office: str
    n: int
    data: bytes
    result: bytes


class SentSegment(NamedTuple):
    """A stretch of a feed as it came down."""

    device: bytes
    office: str
    scope: str
    cursor: str
    data: bytes


class Shipped:
    """One version, from its fixtures."""

    def __init__(self, name: str) -> None:
        self.folder = FIXTURES / name
        told: dict[str, Any] = msgspec.msgpack.decode((self.folder / "golden.msgpack").read_bytes())
        self.batches = [SentBatch(*one) for one in told["batches"]]
        self.segments = [SentSegment(*one) for one in told["segments"]]
        self.receipts: list[tuple[bytes, str, bytes]] = [tuple(one) for one in told["receipts"]]
        self.devices: list[list[Any]] = told["devices"]
        self.offices: list[list[Any]] = told["offices"]
        self.operations: dict[str, int] = told["operations"]
        self.clock = Clock(datetime.fromisoformat(told["at"]))

    def unpack(self, name: str, into: Path) -> Path:
        """The folder of one of its laptops."""
        with tarfile.open(self.folder / f"{name}.tar.xz") as packed:
            packed.extractall(into, filter="data")
        return into / name

    def unlock(self, folder: Path) -> contexts.Context:
        """Open a workspace of this version with the present program."""
        return contexts.unlock(folder, login=folder.name, password=PASSWORD, now=self.clock, vault=Vault(cost=CHEAPEST))

    @contextmanager
    def centre(self, postgres: embedded.Embedded, folder: Path) -> Iterator[CentreUnderTest]:
        """Its centre's database, brought to the present version, and served."""
        name = f"shipped_{self.folder.name}"
        with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 OWNER {embedded.OWNER}")
        urls = {role: postgres.url(role, database=name) for role in ("owner", "naungan_app")}
        urls["superuser"] = postgres.url("postgres", database=name)
        with psycopg.connect(urls["superuser"]) as connection:
            connection.execute((self.folder / "centre.sql").read_bytes())
        (folder / "centre").mkdir(mode=0o700)
        shutil.copy(self.folder / "centre.key", folder / "centre" / "centre.key")
        (folder / "centre" / "centre.key").chmod(0o600)
        admin.init(urls["owner"], folder / "centre")
        centre = CentreUnderTest(urls, folder / "centre", self.clock, Limits(), Store(urls["owner"]))
        centre.offices = {code: office.replace("-", "") for office, code, _region, _name in self.offices}
        centre.start()
        try:
            yield centre
        finally:
            centre.http.close()
            centre.stop()
            centre.owner.close()
            with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
