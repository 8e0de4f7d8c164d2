"""The audit of a real laptop at a real centre: countersigned at each sync, and an older copy is told apart."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from app.central import admin
from app.errors import CentreRefused, ReadOnly
from app.models.local import AuditEntry
from app.services.desk import log_view
from app.sync.countersigned import countersigned
from app.sync.loop import run
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault
from tests.sync.country import Country, new_case
from tests.sync.laptops import PASSWORD, Laptop


def test_each_sync_brings_the_countersignature_of_the_last_link(country: Country) -> None:
    laptop = country.laptop("a1")
    case_id = new_case(laptop)
    for _round in range(2):
        log_view(laptop.desk, case_id)
        assert country.sync(laptop).green
        country.clock.forward(days=1)  # a receipt is asked for anew
    with laptop.session() as session:
        signed = countersigned(session)
        assert signed is not None
        link = session.get(AuditEntry, signed.seq)
        assert link is not None
        assert (link.h, signed.seq) == (signed.h, laptop.count(AuditEntry))
    assert admin.incidents(country.centre.owner) == []


def test_a_copy_from_before_is_told_and_the_administrator_hears_of_it(country: Country, tmp_path: Path) -> None:
    laptop = country.laptop("a1")
    case_id = new_case(laptop)
    country.settle(laptop)
    laptop.workspace.close()
    shutil.copytree(laptop.workspace.directory, tmp_path / "old")
    laptop = country.reopened("a1")
    for _look in range(3):
        log_view(laptop.desk, case_id)  # nothing to send, and yet the audit went on
    country.clock.forward(days=1)
    assert country.sync(laptop).green
    old = Laptop(Vault(cost=CHEAPEST).unlock(tmp_path / "old", login="a1", password=PASSWORD, now=country.clock),
                 country.clock)  # fmt: skip
    told = country.sync(old).problem
    assert isinstance(told, CentreRefused)
    assert told.code == "audit_rewound"
    assert "anew" in str(told)
    [incident] = admin.incidents(country.centre.owner)
    assert (incident.device, incident.code) == (laptop.workspace.device.id, "audit_rewound")
    old.workspace.close()


def test_a_laptop_in_doubt_tells_the_centre_and_sends_nothing(country: Country) -> None:
    laptop = country.laptop("a1")
    country.settle(laptop)
    new_case(laptop)
    doubting = replace(laptop.setup, stale="The data here is older.", stale_word="older")
    with country.transport(laptop) as transport:
        report = run(doubting, transport)
    assert isinstance(report.problem, ReadOnly)
    assert (report.pushed_batches, laptop.batches()[-1].state) == (0, "PROVEN")
    assert [(i.code, i.word) for i in admin.incidents(country.centre.owner)] == [("stale", "older")]
