"""A centre with offices and their laptops: everything real, from the SQLCipher file to PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from app.central import admin
from app.services import directory, referrals
from app.services.case_page import open_page
from app.services.intake import take
from app.sync.enrol import enrol
from app.sync.http import HttpTransport
from app.sync.loop import run
from app.sync.report import SyncReport
from app.wire import REFERENCE
from tests.centre import CentreUnderTest
from tests.conftest import Clock
from tests.sync.laptops import Contents, Laptop, new_laptop, reopen
from tests.worlds import intake


@dataclass
class Country:
    """The centre, and every laptop that was made."""

    centre: CentreUnderTest
    directory: Path
    clock: Clock
    laptops: dict[str, Laptop] = field(default_factory=dict)

    def laptop(self, name: str, *, office: str = "A") -> Laptop:
        """A new laptop, enrolled in the office (made at first use)."""
        laptop = self.laptops[name] = new_laptop(self.directory / name, clock=self.clock)
        with self.transport(laptop) as transport:
            enrol(laptop.setup, transport, code=self.centre.code(office), tag=name.upper())
        admin.confirm(self.centre.owner, laptop.workspace.device.id)
        return laptop

    @contextmanager
    def transport(self, laptop: Laptop, *, url: str = "", timeout: float = 30.0) -> Iterator[HttpTransport]:
        """The laptop's way to the centre, or to somebody else's address."""
        with HttpTransport(url or self.centre.base_url, laptop.workspace.device, timeout=timeout) as transport:
            yield transport

    def sync(self, laptop: Laptop, *, url: str = "", **options: Any) -> SyncReport:
        """One sync of this laptop, whatever comes of it."""
        with self.transport(laptop, url=url) as transport:
            return run(laptop.setup, transport, **options)

    def settle(self, *laptops: Laptop) -> list[SyncReport]:
        """Sync all of them twice, each to the end: afterwards everybody knows everything."""
        reports = [self.sync(laptop) for _round in range(2) for laptop in laptops]
        for report in reports:
            assert report.problem is None, (report.problem, getattr(report.problem, "code", ""))
            assert report.green
            assert not report.repaired
        return reports

    def reopened(self, name: str) -> Laptop:
        """The laptop after a restart."""
        self.laptops[name] = reopen(self.laptops[name])
        return self.laptops[name]

    def close(self) -> None:
        """Shut all laptops."""
        for laptop in self.laptops.values():
            laptop.workspace.close()

    def operations_at_the_centre(self) -> int:
        """How many operations the centre has applied: the outcomes of all results it saved."""
        results = self.centre.sql("SELECT result FROM batch WHERE result IS NOT NULL")
        return sum(len(msgspec.msgpack.decode(bytes(result))["outcomes"]) for (result,) in results)


def of_scope(laptop: Laptop, scope: str) -> Contents:
    """What came to the laptop through this scope, as served."""
    with laptop.session():
        shadows = laptop.shadows()
    return {
        key: (rev, shadows.get(key[1], content)) for key, (rev, content) in laptop.contents().items()
        if rev and _scope(laptop, key[1]) == scope
    }  # fmt: skip


def _scope(laptop: Laptop, record: str) -> str:
    kind_of = {record_id: kind for kind, record_id in laptop.contents()}
    return REFERENCE if kind_of[record] in ("office", "agency", "office_key") else laptop.actor.office


def refer(laptop: Any, case_id: str, to: str, *tiers: str, consent_id: str = "") -> str:
    """Refer the first victim of a case to an office by (part of) its name, on the first consent if none is named."""
    page = open_page(laptop.desk, case_id)
    agency = next(agency.id for agency in directory.recipients(laptop.desk) if to in agency["name"])
    wish = {
        "to_agency": agency, "reason": "SERVICE", "urgency": "DAY1",
        "tiers": list(tiers or ("OPEN", "CASE", "IDENTIFYING")),
        "consent_id": consent_id or page.consents[0].id, "person_id": page.victims[0].person.id,
    }  # fmt: skip
    return referrals.refer(laptop.desk, case_id, wish).id


def new_case(laptop: Laptop, **changes: Any) -> str:
    """An ordinary intake."""
    return take(laptop.desk, intake(**changes)).id


Maker = Callable[..., Laptop]
