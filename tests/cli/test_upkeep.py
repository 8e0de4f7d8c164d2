"""Backup, restore and verification from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.cli.conftest import INTAKE, Terminal


def test_a_backup_is_listed_and_restored_into_a_new_folder(naungan: Terminal, tmp_path: Path) -> None:
    number = naungan.enter()["number"]
    made = naungan("backup", "--json").json
    listed = naungan("backup", "list", "--json").json["backups"]
    assert [each["backup"] for each in listed] == [made["backup"]]
    naungan.enter()
    said = naungan("backup", "restore", made["backup"], "--into", str(tmp_path / "again"), "--json")
    assert said.code == 0, said.err
    naungan.workspace = tmp_path / "again"
    assert [case["number"] for case in naungan("case", "list", "--json").json["cases"]] == [number]


def test_a_backup_dated_by_a_wrong_clock_is_told_and_keeps_no_day_from_its_own(naungan: Terminal) -> None:
    naungan.clock.forward(days=2000)
    ahead = Path(naungan("backup", "--json").json["backup"])
    naungan.clock.forward(days=-2000)
    told = naungan("backup", "list")
    assert f"{ahead.name}: its date is still to come" in told.out and "stays until" in told.out
    assert naungan("backup", "make", "--daily", "--json").json["backup"], "today has none yet"
    listed = {each["backup"]: each for each in naungan("backup", "list", "--json").json["backups"]}
    assert listed[str(ahead)]["made_by"] == naungan.clock().isoformat()
    assert "goes with that one" in naungan("backup", "list").out


def test_a_restore_overwrites_nothing_and_needs_a_whole_backup(naungan: Terminal, tmp_path: Path) -> None:
    made = Path(naungan("backup", "--json").json["backup"])
    taken = naungan("backup", "restore", str(made), "--into", str(naungan.workspace))
    assert (taken.code, "never overwrites" in taken.err) == (2, True)
    assert "no backup in" in naungan("backup", "restore", str(tmp_path), "--into", str(tmp_path / "x")).err
    ruined = shutil.copytree(made, tmp_path / "ruined")
    (ruined / "workspace.db").write_bytes(b"not a database" * 1000)
    assert naungan("backup", "restore", str(ruined), "--into", str(tmp_path / "x")).code == 3
    assert not (tmp_path / "x").exists()


def test_a_sound_workspace_verifies(naungan: Terminal) -> None:
    naungan.enter()
    said = naungan("verify", "--json")
    assert said.code == 0
    assert said.json == {"sound": True, "problems": [], "receipts": []}
    assert "not confirmed anything yet" in naungan("verify").out


def test_an_altered_audit_entry_is_found(naungan: Terminal, unlocked: Any) -> None:
    naungan.enter()
    context = unlocked(naungan)
    with context.workspace.engine.begin() as connection:
        connection.execute(text("UPDATE audit SET fields = 'name' WHERE seq = 2"))
    context.close()
    said = naungan("verify")
    assert said.code == 3
    assert "Audit entry 2 was altered" in said.out


def test_a_damaged_file_is_the_environments_fault(naungan: Terminal) -> None:
    database = naungan.workspace / "workspace.db"
    pages = bytearray(database.read_bytes())
    pages[6000] ^= 1
    database.write_bytes(pages)
    said = naungan("case", "list")
    assert said.code == 3
    assert said.out == ""


def test_older_data_is_said_and_accepted_with_a_reason(naungan: Terminal) -> None:
    database = naungan.workspace / "workspace.db"
    older = database.read_bytes()
    naungan.enter()
    database.write_bytes(older)
    said = naungan("verify")
    assert (said.code, "may be older" in said.out) == (3, True)
    refused = naungan("case", "new", "--from", "-", text=json.dumps(INTAKE))
    assert (refused.code, "nothing can be saved" in refused.err) == (3, True)
    assert naungan("verify", "--accept-older", " ").code == 2
    assert naungan("verify", "--accept-older", "the disk was replaced").code == 0
    assert naungan.enter()["number"]
    assert naungan("verify", "--accept-older", "again").code == 2, "there is nothing to accept"


def test_a_backup_is_made_checked_carried_and_tried_out(naungan: Terminal, tmp_path: Path) -> None:
    naungan.enter()
    stick = tmp_path / "stick"
    stick.mkdir()
    made = naungan("backup", "make", "--daily", "--to", str(stick), "--json").json
    assert naungan("backup", "make", "--daily", "--json").json["backup"] is None, "once a day"
    naungan.enter()
    listed = naungan("backup", "list", "--json").json["backups"]
    assert [each["opened_by"] for each in listed] == [[{"login": "dewi", "todays_password": True}]]
    assert "Dewi Lestari (today’s password)" in naungan("backup", "list").out
    assert naungan("backup", "verify").code == 0
    tried = naungan("backup", "drill", "--json")
    assert (tried.code, tried.json["sound"], tried.json["problems"]) == (0, True, [])
    assert tried.json["newer"] > 3
    assert naungan("backup", "verify", made["copy"], "--json").json["backups"][0]["sound"]
    database = Path(made["backup"]) / "workspace.db"
    database.write_bytes(database.read_bytes()[:-4096])
    assert naungan("backup", "verify").code == 3
    assert naungan("backup", "drill").code == 3
    assert naungan("backup", "verify", str(stick)).code == 2


def test_a_backup_is_restored_in_place(naungan: Terminal, tmp_path: Path) -> None:
    number = naungan.enter()["number"]
    made = naungan("backup", "make", "--json").json["backup"]
    naungan.enter()
    (naungan.workspace / "workspace.db").write_bytes(b"nothing that was ever ours")
    assert naungan("case", "list").code == 3
    said = naungan("backup", "restore", made, "--in-place")
    assert said.code == 0, said.err
    assert [case["number"] for case in naungan("case", "list", "--json").json["cases"]] == [number]
    assert naungan("audit", "verify").code == 0
    assert naungan("backup", "restore", made).code == 2, "say where"
