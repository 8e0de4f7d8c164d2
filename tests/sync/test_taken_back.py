"""An import that is undone while the outbox is being frozen is not sent, and what is entered in its place is."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.models.case import Case
from app.services import care, imports
from app.services.case_page import open_page
from app.services.import_plan import Plan, Planned
from app.services.imports import Source
from app.sync.loop import run
from app.wire.messages import BATCH_DOMAIN
from tests.sync.country import Country, new_case
from tests.sync.laptops import Laptop
from tests.sync.test_broken_links import agree
from tests.worlds import REPORT

ROWS = 9


@dataclass
class Meanwhile:
    """Does something just before batch `n` is signed: its entries are chosen, and it is not kept yet."""

    laptop: Laptop
    n: int
    deed: Callable[[], None] | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.laptop.workspace.device, name)

    def sign(self, message: bytes) -> bytes:
        """As the device does."""
        if self.deed and message.startswith(BATCH_DOMAIN) and len(self.laptop.batches()) == self.n - 1:
            deed, self.deed = self.deed, None
            deed()
        return self.laptop.workspace.device.sign(message)


def take_in(laptop: Laptop) -> str:
    """An import of cases that fill several batches."""
    rows = [Planned(at, {"case": {**REPORT, "summary": os.urandom(45_000).hex()}}) for at in range(1, ROWS + 1)]
    source, nothing = Source("register.xlsx", "2024"), lambda *_told: None
    return imports.take_in(laptop.desk, Plan(tuple(rows), {}), source=source, decided={}, progress=nothing).id


@pytest.mark.parametrize("before", [0, 1], ids=["all of it", "other work goes first"])
def test_an_import_undone_while_it_is_frozen_is_not_sent(country: Country, before: int) -> None:
    laptop, other = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(laptop)
    country.settle(laptop)
    for _ in range(before * 4):
        noise = os.urandom(45_000).hex()
        care.add_note(laptop.desk, case_id, {"note_kind": "VISIT", "at": laptop.clock(), "text": noise})
    batch = take_in(laptop)
    entered: list[str] = []

    def deed() -> None:
        imports.undo(laptop.desk, batch)  # its numbers are free now, and the next entries take them
        entered.append(new_case(laptop))

    meanwhile = Meanwhile(laptop, len(laptop.batches()) + 1 + before, deed)
    with country.transport(laptop) as transport:
        report = run(replace(laptop.setup, signer=meanwhile), transport)
    assert meanwhile.deed is None and report.green
    country.settle(laptop, other)
    assert laptop.count(Case) == other.count(Case) == 2
    assert open_page(other.desk, entered[0]).victims
    assert sum(b.operations for b in laptop.batches()) == len(laptop.operations())
    agree(country, laptop, other)
