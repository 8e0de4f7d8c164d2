"""A copied or restored laptop goes on as a new device: nothing is dropped, nothing is applied twice."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import context as contexts
from app.errors import CentreRefused, Conflicted
from app.models.local import Batch, Feed, Operation
from app.sync.loop import run
from app.sync.report import SyncReport
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault
from tests.sync.country import Country, new_case
from tests.sync.laptops import PASSWORD, Laptop


def in_context(laptop: Laptop) -> contexts.Context:
    """The laptop as a program holds it."""
    return contexts.Context(laptop.workspace, laptop.desk, laptop.clock)


def sync(context: contexts.Context) -> SyncReport:
    """One sync as whoever the laptop is now."""
    with context.transport() as transport:
        return run(context.sync_setup(), transport)


def head(country: Country, laptop: Laptop) -> int:
    """How many lines the office's feed has."""
    [(found,)] = country.centre.sql("SELECT head FROM scope WHERE scope = %s", laptop.actor.office)
    return int(found)


def test_a_restored_laptop_keeps_its_work_and_the_centre_keeps_the_rest(country: Country, tmp_path: Path) -> None:
    laptop = country.laptop("a1")
    shared = new_case(laptop)
    assert country.sync(laptop).green
    laptop.workspace.close()
    shutil.copytree(laptop.workspace.directory, tmp_path / "old")
    laptop = country.reopened("a1")
    later = new_case(laptop)  # what the copy does not know of
    assert country.sync(laptop).green

    copy = contexts.unlock(
        tmp_path / "old", login="a1", password=PASSWORD, now=country.clock, vault=Vault(cost=CHEAPEST)
    )
    old = Laptop(copy.workspace, country.clock)
    mine = new_case(old)
    forked = sync(copy).problem
    assert isinstance(forked, CentreRefused)
    assert forked.code == "fork"
    before = copy.signer.id
    copy.enrol_anew(country.centre.base_url, code=country.centre.code("A"))
    assert copy.signer.id not in (before, copy.workspace.device.id)
    report = sync(copy)
    assert report.green, report.problem
    assert set(report.outcomes) == {"accepted"}
    cases = {record for kind, record in old.contents() if kind == "case"}
    assert {shared, later, mine} <= cases
    assert country.sync(laptop).green
    assert {record for kind, record in laptop.contents() if kind == "case"} == cases
    device = copy.signer.id
    copy.close()
    again = contexts.unlock(
        tmp_path / "old", login="a1", password=PASSWORD, now=country.clock, vault=Vault(cost=CHEAPEST)
    )
    assert again.signer.id == again.desk.actor.device == device
    new_case(Laptop(again.workspace, country.clock))
    assert sync(again).green
    again.close()


def test_what_the_centre_had_applied_is_not_applied_twice(country: Country) -> None:
    laptop = country.laptop("a1")
    case = new_case(laptop)
    assert country.sync(laptop).green
    applied, lines, operations = country.operations_at_the_centre(), head(country, laptop), laptop.count(Operation)
    with Session(laptop.workspace.engine) as session, session.begin():  # as a copy from before the replies came
        session.execute(update(Batch).values(state="FROZEN", offset=0, acked_at=None))
        session.execute(update(Operation).values(result=None, result_rev=None))
        session.execute(update(Feed).values(cursor="", seq=0, receipt=None))
    context = in_context(laptop)
    context.enrol_anew(country.centre.base_url, code=country.centre.code("A"))
    assert [op.batch for op in laptop.operations()] == [None] * operations
    report = sync(context)
    assert report.green, report.problem
    assert report.outcomes == {"duplicate": applied, "accepted": 1}, "the key of the office, which had none"
    assert head(country, laptop) == lines + 1, "the new device"
    assert {batch.n for batch in laptop.batches()} == {1, 2}
    assert any(record == case for _kind, record in laptop.contents())


def test_it_can_happen_again_and_answers_stay(country: Country) -> None:
    laptop = country.laptop("a1")
    context = in_context(laptop)
    for _round in range(3):
        new_case(laptop)
        assert sync(context).green
        context.enrol_anew(country.centre.base_url, code=country.centre.code("A"))
    assert sorted(batch.n for batch in laptop.batches()) == [-4, -3, -2, -1], "one of them with the key of the office"
    assert all(op.result == "accepted" and op.batch for op in laptop.operations())
    assert sync(context).green
    assert {batch.state for batch in laptop.batches()} == {"PROVEN"}


def test_a_wrong_code_changes_nothing_and_a_lost_reply_is_asked_for_again(country: Country, laptop: Laptop) -> None:
    with pytest.raises(Conflicted):
        in_context(laptop).enrol_anew(country.centre.base_url, code="AAAAAAAAAA")
    enrolled = country.laptop("a1")
    context = in_context(enrolled)
    before = context.signer.id
    with pytest.raises(CentreRefused):
        context.enrol_anew(country.centre.base_url, code="AAAAAAAAAA")
    new_case(enrolled)
    assert context.signer.id == before
    assert sync(context).green
    assert context.setting("next_device_keys") is not None
