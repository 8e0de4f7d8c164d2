"""Enrolment and sync from the command line, against a real centre."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.central import admin, embedded
from app.central.config import Limits
from tests.centre import CentreUnderTest, new_centre
from tests.cli.conftest import Terminal
from tests.conftest import Clock


def enrol(naungan: Terminal, centre: CentreUnderTest) -> None:
    """Make the laptop a device of an office."""
    said = naungan("enrol", "--centre", centre.base_url, "--code", centre.code("3273-UPTD"))
    assert said.code == 0, said.err
    for device in admin.devices(centre.owner, centre.data_dir):
        admin.confirm(centre.owner, device.id)


def test_before_enrolment_nothing_can_be_sent(naungan: Terminal) -> None:
    said = naungan("sync", "--centre", "http://127.0.0.1:9")
    assert (said.code, "not enrolled yet" in said.err) == (2, True)


def test_work_is_previewed_sent_and_proven(naungan: Terminal, centre: CentreUnderTest) -> None:
    number = naungan.enter()["number"]
    enrol(naungan, centre)
    before = naungan("sync", "--preview", "--json").json
    assert before["operations"] > 4
    assert {item["state"] for item in before["items"]} == {"only_here"}
    done = naungan("sync", "--json")
    assert done.code == 0, done.err
    assert done.json["proven"] is True
    assert done.json["pushed"]["operations"] == before["operations"] + 1  # the office's key, once the directory is here
    assert {item["state"] for item in done.json["items"] if item["case"] == number} == {"proven"}
    assert naungan("sync", "--preview", "--json").json["operations"] == 0
    again = naungan("sync")
    assert again.code == 0
    assert "Proven: the centre signed" in again.out
    checked = naungan("verify", "--json").json
    assert checked["sound"] is True
    assert [receipt["equal"] for receipt in checked["receipts"]] == [True, True]


def test_without_a_link_it_is_not_proven_and_nothing_is_lost(naungan: Terminal, centre: CentreUnderTest) -> None:
    enrol(naungan, centre)
    naungan.enter()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        said = naungan("sync", "--centre", f"http://127.0.0.1:{nobody.getsockname()[1]}", "--json")
    assert said.code == 3
    assert said.json["proven"] is False
    assert "cannot be reached" in said.err
    assert naungan("sync").code == 0


def test_a_wrong_code_or_address_enrols_nobody(naungan: Terminal, centre: CentreUnderTest) -> None:
    centre.office("3273-UPTD")
    assert naungan("enrol", "--centre", centre.base_url, "--code", "AAAAAAAAAA").code == 3
    plain = naungan("enrol", "--centre", "http://centre.example", "--code", "AAAAAAAAAA")
    assert (plain.code, "https://" in plain.err) == (2, True)
    assert naungan("sync").code == 2


def test_a_row_that_is_not_what_was_signed_is_found(naungan: Terminal, centre: CentreUnderTest, unlocked) -> None:  # type: ignore[no-untyped-def]
    enrol(naungan, centre)
    naungan.enter()
    assert naungan("sync").code == 0
    context = unlocked(naungan)
    with context.workspace.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE person SET name = 'Orang Lain'")
    context.close()
    said = naungan("verify")
    assert said.code == 3
    assert "NOT as the centre signed it" in said.out


def test_a_laptop_too_long_alone_warns_then_refuses_until_it_is_synchronised(
    naungan: Terminal, centre: CentreUnderTest
) -> None:
    enrol(naungan, centre)
    naungan.enter()
    naungan.clock.forward(days=15)
    assert "for 15 days" in naungan("case", "list").err
    naungan.clock.forward(days=15)
    refused = naungan("case", "new", "--from", "-", text="{}")
    assert refused.code != 0
    assert naungan("case", "list").code == 0
    naungan.clock.forward(days=31)
    locked = naungan("case", "list")
    assert (locked.code, locked.out, "No record is shown" in locked.err) == (3, "", True)
    naungan.clock.forward(days=-60)
    assert naungan("case", "list").code == 3, "setting the clock back gains nothing"
    naungan.clock.forward(days=60)
    assert naungan("sync").code == 0
    assert naungan("case", "list").code == 0


def test_a_laptop_goes_on_as_a_new_device(naungan: Terminal, centre: CentreUnderTest) -> None:
    first = naungan("enrol", "--anew", "--centre", centre.base_url, "--code", centre.code("3273-UPTD"))
    assert (first.code, "without --anew" in first.err) == (2, True)
    enrol(naungan, centre)
    naungan.enter()
    said = naungan("enrol", "--anew", "--centre", centre.base_url, "--code", centre.code("3273-UPTD"), "--json")
    assert said.code == 0, said.err
    assert len(admin.devices(centre.owner, centre.data_dir)) == 2
    [line] = [line for line in admin.devices(centre.owner, centre.data_dir) if line.id == said.json["device"]]
    assert line.words == said.json["words"]
    assert naungan("sync", "--json").json["proven"] is True
    assert naungan("verify", "--json").json["sound"] is True


@pytest.fixture
def busy(postgres: embedded.Embedded, tmp_path: Path, clock: Clock) -> Iterator[CentreUnderTest]:
    """A centre that soon asks everybody to wait."""
    yield from new_centre(postgres, tmp_path, clock=clock, limits=Limits(requests_per_minute=5))


def test_whoever_is_asked_to_wait_goes_on_alone(naungan: Terminal, busy: CentreUnderTest) -> None:
    naungan.enter()
    enrol(naungan, busy)
    waiting = naungan("sync", "--preview", "--json").json["operations"]
    said = naungan("sync", "--json")
    assert said.code == 0, said.err
    assert said.json["proven"] is True
    assert naungan.slept
    assert said.err.count("The centre asks us to wait: trying again in") == len(naungan.slept)
    assert said.json["pushed"]["operations"] == waiting + 1, "counted over all tries"
    naungan.slept.clear()
    naungan.enter()
    said = naungan("sync", "--wait", "0", "--json")
    assert (said.code, said.json["retry_after"] > 0, naungan.slept) == (3, True, [])
