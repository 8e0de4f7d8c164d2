"""Backups: whole or not there, thinned out by rule, restored alone and never over anything."""

from __future__ import annotations

import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.errors import Invalid, WorkspaceDamaged, WrongPassword
from app.vault.backup import back_up, backups, to_keep
from app.vault.restoring import restore
from app.vault.workspace import Workspace
from tests.vault.offices import PASSWORD, SECOND, Office, names, put


def test_a_backup_restores_alone_to_an_equal_workspace(office: Office, tmp_path: Path, clock) -> None:
    with office.unlock() as workspace:
        put(workspace, "before")
        made = back_up(workspace, now=clock)
        put(workspace, "after")
        was = workspace.device.id
    assert made == backups(office.directory)[0]
    assert made.at == clock()
    assert made.bytes == sum(each.stat().st_size for each in made.path.iterdir())
    carried = tmp_path / "stick"
    shutil.copytree(made.path, carried)
    shutil.rmtree(office.directory)
    restore(carried, into=tmp_path / "again", login="budi", password=SECOND, now=clock)
    office.directory = tmp_path / "again"
    with office.unlock() as workspace:
        found = names(workspace)
        assert "before" in found
        assert "after" not in found
        assert len(found) == 201
        assert workspace.device.id == was
        put(workspace, "and it goes on")


def test_a_backup_is_under_a_key_of_its_own_and_needs_no_log(office: Office, clock) -> None:
    with office.unlock() as workspace:
        one, two = (back_up(workspace, now=clock) for _ in range(2))
    assert one.path != two.path
    files = {each.name for each in two.path.iterdir()}
    assert files == {"workspace.db", "backup.json", "naungan.keys"}
    shutil.copy(one.path / "workspace.db", office.database)
    with pytest.raises(WorkspaceDamaged):
        office.unlock()
    told = json.loads((one.path / "backup.json").read_text())
    assert set(told) == {"version", "vault", "backup", "at", "rows", "nonce", "sealed"}
    assert told["rows"]["setting"] == 200


def test_a_backup_goes_on_while_others_write_and_is_one_moment(workspace: Workspace, office: Office, clock) -> None:
    with workspace.engine.begin() as writing:
        writing.execute(text("INSERT INTO setting VALUES ('not committed', x'00')"))
        made = back_up(workspace, now=clock)
    restore(made.path, into=office.directory.parent / "copy", login="sari", password=PASSWORD, now=clock)
    copy = Office(office.directory.parent / "copy", clock, office.vault)
    with copy.unlock() as opened:
        assert "not committed" not in names(opened)
    assert "not committed" in names(workspace)


def test_a_backup_opens_with_the_password_of_its_day(office: Office, tmp_path: Path, clock) -> None:
    with office.unlock() as workspace:
        made = back_up(workspace, now=clock)
        workspace.change_password(old=PASSWORD, new="sandi baru yang panjang")
    with pytest.raises(WrongPassword):
        restore(made.path, into=tmp_path / "a", login="sari", password="sandi baru yang panjang", now=clock)
    with pytest.raises(WrongPassword):
        restore(made.path, into=tmp_path / "a", login="nobody", password=PASSWORD, now=clock)
    assert not (tmp_path / "a").exists()
    restore(made.path, into=tmp_path / "a", login="sari", password=PASSWORD, now=clock)


def test_a_restore_never_overwrites(office: Office, tmp_path: Path, clock) -> None:
    with office.unlock() as workspace:
        made = back_up(workspace, now=clock)
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "letter.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for place in (office.directory, tmp_path / "used", tmp_path / "file"):
        with pytest.raises(Invalid, match="not empty"):
            restore(made.path, into=place, login="sari", password=PASSWORD, now=clock)
    (tmp_path / "empty").mkdir()
    restore(made.path, into=tmp_path / "empty", login="sari", password=PASSWORD, now=clock)
    assert (tmp_path / "used" / "letter.txt").read_text() == "mine"


def test_a_damaged_backup_is_refused_and_leaves_nothing(office: Office, tmp_path: Path, clock) -> None:
    with office.unlock() as workspace:
        made, other = back_up(workspace, now=clock), back_up(workspace, now=clock)
    chance = random.Random(3)
    tried = 0
    for name in ("workspace.db", "backup.json", "naungan.keys"):
        whole = (made.path / name).read_bytes()
        ruined = [whole[:size] for size in (0, 10, len(whole) // 2)]
        ruined += [_flipped(whole, chance.randrange(len(whole)), chance.randrange(8)) for _ in range(25)]
        ruined += [(other.path / name).read_bytes()] if name != "naungan.keys" else []
        for content in ruined:
            (made.path / name).write_bytes(content)
            with pytest.raises((WorkspaceDamaged, WrongPassword)):
                restore(made.path, into=tmp_path / "new", login="sari", password=PASSWORD, now=clock)
            assert not list(tmp_path.glob("new*"))
            tried += 1
        (made.path / name).write_bytes(whole)
        (made.path / name).rename(tmp_path / "aside")
        with pytest.raises(WorkspaceDamaged):
            restore(made.path, into=tmp_path / "new", login="sari", password=PASSWORD, now=clock)
        (tmp_path / "aside").rename(made.path / name)
    assert tried > 80
    restore(made.path, into=tmp_path / "new", login="sari", password=PASSWORD, now=clock)


def test_a_damaged_workspace_makes_no_backup(office: Office, clock) -> None:
    with office.unlock() as workspace:
        put(workspace, *(f"more {n}" for n in range(2000)))
    with office.unlock() as workspace:
        content = bytearray(office.database.read_bytes())
        content[-3000] ^= 1
        office.database.write_bytes(content)
        with pytest.raises(WorkspaceDamaged):
            back_up(workspace, now=clock)
    assert backups(office.directory) == ()
    assert not list((office.directory / "backups").iterdir())


def test_only_finished_backups_are_listed_newest_first(office: Office, clock) -> None:
    assert backups(office.directory) == ()
    with office.unlock() as workspace:
        for _ in range(3):
            back_up(workspace, now=clock)
            clock.forward(hours=1)
        made = back_up(workspace, now=clock)
    folder = office.directory / "backups"
    (folder / "20261123T000000Z.unfinished").mkdir()
    (folder / "letter.txt").write_text("x")
    (folder / "20261123T000000Z").mkdir()
    found = backups(office.directory)
    assert found == (made,), "one a day is kept, the newest of the day"


def test_old_backups_are_thinned_out_by_day_and_week(office: Office, clock) -> None:
    with office.unlock() as workspace:
        for _ in range(12):
            back_up(workspace, now=clock)
            clock.forward(days=1)
    days = [f"{each.at:%d %b}" for each in backups(office.directory)]
    assert days == ["04 Dec", "03 Dec", "02 Dec", "01 Dec", "30 Nov", "29 Nov", "28 Nov", "27 Nov"]


def test_the_rule_of_seven_days_and_four_weeks() -> None:
    start = datetime(2026, 1, 1, 9, tzinfo=UTC)
    kept: set[datetime] = set()
    for n in range(100):
        kept = to_keep(kept | {start + timedelta(days=n), start + timedelta(days=n, hours=3)})
    ages = sorted((start + timedelta(days=99, hours=3) - moment).days for moment in kept)
    assert ages[:7] == [0, 1, 2, 3, 4, 5, 6]
    assert len(kept) == 7 + 4
    assert 20 < ages[-1] < 35, "a backup ages out within 35 days"
    assert to_keep([]) == set()
    alone = start - timedelta(days=900)
    assert to_keep([alone]) == {alone}, "the only one stays, however old"


def _flipped(content: bytes, spot: int, bit: int) -> bytes:
    mutant = bytearray(content)
    mutant[spot] ^= 1 << bit
    return bytes(mutant)
