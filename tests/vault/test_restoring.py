"""A backup restored in the place of the workspace, checked, tried out, carried on a stick: the old or the new."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from app.errors import Conflicted, Invalid, KnownError, WorkspaceBusy, WorkspaceDamaged, WrongPassword
from app.vault import restoring
from app.vault.backup import back_up, backup_in, backups, thin_out
from app.vault.workspace import Workspace
from tests.vault.offices import PASSWORD, SECOND, Office, names, put


def in_place(office: Office, backup: Path, *, login: str = "sari", password: str = PASSWORD) -> None:
    restoring.prepare(backup, directory=office.directory, login=login, password=password, now=office.clock)
    restoring.put_in_place(office.directory, now=office.clock)


def files_of(office: Office) -> set[str]:
    return {each.name for each in office.directory.iterdir()}


def test_a_backup_takes_the_place_of_the_workspace(office: Office, clock) -> None:
    with office.unlock() as workspace:
        made = back_up(workspace, now=clock)
        put(workspace, "newer")
    before = files_of(office)
    clock.forward(hours=1)
    in_place(office, made.path)
    assert files_of(office) == before
    with office.unlock() as workspace:
        assert workspace.stale == "", "a restore is a decision, not an alarm"
        assert "newer" not in names(workspace) and len(names(workspace)) == 200
        put(workspace, "and it goes on")
    assert [each.path for each in backups(office.directory)] == [made.path]
    aside = next((office.directory / "backups").glob("*.replaced"))
    assert {"workspace.db", "naungan.keys", "anchor"} <= {each.name for each in aside.iterdir()}
    clock.forward(days=40)
    with office.unlock() as workspace:
        back_up(workspace, now=clock)
    assert not aside.exists(), "what was put aside ages out with the backups"


@pytest.mark.parametrize("harm", ["missing", "empty", "cut", "key file"])
def test_it_works_where_nothing_opens_any_more(office: Office, clock, harm: str) -> None:
    with office.unlock() as workspace:
        made = back_up(workspace, now=clock)
    if harm == "missing":
        office.database.unlink()
    elif harm == "key file":
        office.key_file.write_bytes(b"{}")
    else:
        office.database.write_bytes(b"" if harm == "empty" else office.database.read_bytes()[:5000])
    with pytest.raises(WorkspaceDamaged):
        office.unlock()
    in_place(office, made.path, login="budi", password=SECOND)
    with office.unlock() as workspace:
        assert len(names(workspace)) == 200


def test_what_may_not_be_restored_changes_nothing(office: Office, tmp_path: Path, clock) -> None:
    with office.unlock() as workspace:
        made = back_up(workspace, now=clock)
        in_use = office.directory
        restoring.prepare(made.path, directory=in_use, login="sari", password=PASSWORD, now=clock)
        with pytest.raises(WorkspaceBusy):
            restoring.put_in_place(in_use, now=clock)
    other = Office(tmp_path / "other", clock, office.vault)
    with office.vault.create(
        other.directory, login="sari", name="S", role="ADMIN", password=PASSWORD, now=clock
    ) as strange:
        theirs = back_up(strange, now=clock)
        with pytest.raises(Invalid, match="another workspace"):
            restoring.check(made.path, directory=other.directory, keys=strange.keys)
    before = office.database.read_bytes()
    with pytest.raises(Invalid, match="another workspace"):
        in_place(office, theirs.path)
    with pytest.raises(WrongPassword):
        in_place(office, made.path, password=SECOND)
    whole = (made.path / "workspace.db").read_bytes()
    for harm in (whole[:-4096], whole[:100], whole[:9000] + b"x" + whole[9001:]):
        (made.path / "workspace.db").write_bytes(harm)
        with pytest.raises(WorkspaceDamaged):
            in_place(office, made.path)
    with office.unlock():  # removes what was prepared and never decided
        pass
    with pytest.raises(Conflicted):
        restoring.put_in_place(office.directory, now=clock)
    assert len(before) == len(office.database.read_bytes())
    assert not list(office.directory.glob("restored*"))


def test_a_restore_that_was_cut_off_is_finished_by_whoever_comes(office: Office, clock) -> None:
    with office.unlock() as workspace:
        made = back_up(workspace, now=clock)
        put(workspace, "newer")
    restoring.prepare(made.path, directory=office.directory, login="sari", password=PASSWORD, now=clock)
    (office.directory / "restored.unfinished").rename(office.directory / "restored-20261123T013000Z")
    office.database.unlink()  # killed between two files
    with office.unlock() as workspace:
        assert "newer" not in names(workspace)


def test_a_backup_is_checked_and_tried_out_without_a_trace(workspace: Workspace, office: Office, clock) -> None:
    made = back_up(workspace, now=clock)
    put(workspace, "newer")
    before = sorted(office.directory.rglob("*"))
    restoring.check(made.path, directory=office.directory, keys=workspace.keys)
    tried = restoring.try_out(made.path, directory=office.directory, keys=workspace.keys)
    assert (tried.problems, tried.broken, tried.follows) == ((), None, True)
    assert tried.rows["setting"] == 200
    assert sorted(office.directory.rglob("*")) == before
    content = bytearray((made.path / "workspace.db").read_bytes())
    content[-100] ^= 4
    (made.path / "workspace.db").write_bytes(content)
    for look in (restoring.check, restoring.try_out):
        with pytest.raises(WorkspaceDamaged):
            look(made.path, directory=office.directory, keys=workspace.keys)
    assert sorted(office.directory.rglob("*")) == before


def test_a_copy_on_a_stick_is_whole_and_restores(office: Office, tmp_path: Path, clock) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    with office.unlock() as workspace:
        made = back_up(workspace, now=clock)
    first, second = (restoring.save_copy(made.path, folder=stick) for _ in range(2))
    assert {first.name, second.name} == {f"naungan-{made.path.name}", f"naungan-{made.path.name}-2"}
    found = backup_in(first)
    assert found is not None and (found.at, found.bytes) == (made.at, made.bytes)
    assert backup_in(stick) is None
    shutil.rmtree(office.directory / "backups")
    in_place(office, first)
    office.unlock().close()
    with pytest.raises(Invalid):
        restoring.save_copy(made.path, folder=tmp_path / "nowhere")


@pytest.mark.parametrize("number", [errno.EIO, errno.ENODEV, errno.ENOSPC, errno.EROFS])
def test_a_stick_that_is_pulled_or_full_is_said_in_words(
    office: Office, tmp_path: Path, clock, monkeypatch, number: int
) -> None:
    """The system's own call fails as it does then; what was here stays, and nothing half is left on the stick."""
    with office.unlock() as workspace:
        made = back_up(workspace, now=clock)
    copy, calls = shutil.copyfile, []

    def fail(source: object, target: object, **_more: object) -> object:
        calls.append(source)
        if str(source).endswith("workspace.db"):
            raise OSError(number, os.strerror(number))
        return copy(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr(shutil, "copyfile", fail)
    with pytest.raises(KnownError):
        restoring.save_copy(made.path, folder=tmp_path)
    with pytest.raises(KnownError):
        in_place(office, made.path)
    monkeypatch.undo()
    assert calls and not list(tmp_path.glob("naungan-*")) and not list(office.directory.glob("restored*"))
    office.unlock().close()


def test_older_data_thins_out_no_backup_of_the_newer(office: Office, clock) -> None:
    with office.unlock() as workspace:
        put(workspace, "first")
    older = office.database.read_bytes()
    with office.unlock() as workspace:
        put(workspace, "newer")
        back_up(workspace, now=clock)
    office.database.write_bytes(older)
    clock.forward(minutes=5)
    with office.unlock() as workspace:
        assert workspace.stale
        back_up(workspace, now=clock)
        assert len(backups(office.directory)) == 2, "of the same day, and both stay"
    thin_out(office.directory, at=clock())
    assert len(backups(office.directory)) == 1
