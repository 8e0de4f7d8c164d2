"""Two people open a backup whose passwords nobody knows any more, and it takes the place of the workspace."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.errors import Conflicted, Invalid, WorkspaceBusy, WorkspaceDamaged
from app.vault import restoring
from app.vault.backup import back_up, backups
from app.vault.escrow import Trustees
from app.vault.keyfile import read_key_file
from app.vault.recovery import recover
from app.vault.recovery_backup import lay_out
from app.vault.recovery_key import new_key
from tests.vault.offices import PASSWORD, SECOND, Office, names, put
from tests.vault.test_clearance import id_of, keep_ring, kept_ring
from tests.vault.test_escrow import BY, CENTRE, NEWCOMER, TRUSTEES, audited, opened, state


@pytest.fixture
def backed(office: Office) -> Office:
    """With an escrow, a backup of it, and a row that came later."""
    with office.unlock() as workspace:
        keep_ring(workspace)
        workspace.set_trustees(TRUSTEES)
        back_up(workspace, now=office.clock)
        put(workspace, "after the backup")
    return office


def come_back(office: Office, backup: Path, *, escrow: Path | None = None, into: Path | None = None) -> None:
    """As the service does it."""
    directory = into or office.directory
    keys = opened(escrow or backup / "escrow.age")
    building, found = lay_out(backup, directory=directory, opened=keys, now=office.clock)
    try:
        recover(office.vault, building, opened=found, newcomer=NEWCOMER, by=BY, now=office.clock).close()
        restoring.put_in_place(directory, now=office.clock)
    except BaseException:
        restoring.forget_prepared(directory)
        raise
    record = read_key_file(directory).escrow
    assert record is not None and record.is_in(directory / "escrow.age"), "before anybody signs in"


def made(office: Office) -> Path:
    """The first one: a rekey makes another, perhaps in the same second."""
    return min(each.path for each in backups(office.directory))


def sound(office: Office, *people: tuple[str, str]) -> None:
    """What the backup held, for all of them; the escrow beside it is the one of these keys."""
    for login, password in people:
        with office.unlock(login, password) as workspace:
            assert workspace.stale == "" and "after the backup" not in names(workspace)
            assert len(names(workspace)) == 201
    with office.unlock("dewi", NEWCOMER.password) as workspace:
        assert workspace.cleared and len(kept_ring(workspace, workspace.restricted).publics) == 1
        assert audited(workspace) == [("recover", ", ".join(BY))]
        found = opened(office.directory / "escrow.age")
        assert found.held.same_as(workspace.held)
        assert workspace.escrow is not None and found.generation == workspace.escrow.generation
        found.held.wipe()


def test_a_backup_takes_the_place_of_the_workspace(backed: Office) -> None:
    come_back(backed, made(backed))
    sound(backed, ("dewi", NEWCOMER.password), ("sari", PASSWORD), ("budi", SECOND))
    assert list(backed.directory.glob("backups/*.replaced/workspace.db")), "what was here is put aside"
    assert not list(backed.directory.glob("restored*"))


def test_of_keys_before_the_present_ones(backed: Office) -> None:
    with backed.unlock() as workspace:
        workspace.remove_user(id_of(workspace, "budi"))
    come_back(backed, made(backed))
    sound(backed, ("dewi", NEWCOMER.password), ("sari", PASSWORD), ("budi", SECOND))


def test_into_a_new_folder_and_without_the_backups_own_key_file(backed: Office, tmp_path: Path) -> None:
    for n, ruin in enumerate((lambda _path: None, Path.unlink, lambda path: path.write_bytes(b"{}"))):
        stick = Path(shutil.copytree(made(backed), tmp_path / f"stick{n}"))
        ruin(stick / "naungan.keys")
        there = Office(tmp_path / f"new{n}", backed.clock, backed.vault)
        come_back(there, stick, into=there.directory)
        sound(there, ("dewi", NEWCOMER.password), *(() if n else (("sari", PASSWORD),)))


def test_a_backup_from_before_the_escrow_opens_with_that_of_the_same_keys(office: Office) -> None:
    with office.unlock() as workspace:
        keep_ring(workspace)
        back_up(workspace, now=office.clock)
        workspace.set_trustees(TRUSTEES)
    come_back(office, made(office), escrow=office.directory / "escrow.age")
    sound(office, ("sari", PASSWORD))


def test_what_does_not_fit_is_refused_in_words_and_changes_nothing(backed: Office, tmp_path: Path) -> None:
    first = made(backed)
    other = tmp_path / "other"
    with backed.vault.create(other, login="x", name="X", role="ADMIN", password=PASSWORD, now=backed.clock) as theirs:
        theirs.set_trustees(TRUSTEES)
        back_up(theirs, now=backed.clock)
    full = tmp_path / "documents"
    full.mkdir()
    (full / "letter.txt").write_text("mine")
    with backed.unlock() as workspace:
        workspace.remove_user(id_of(workspace, "budi"))
        back_up(workspace, now=backed.clock)
    cut = Path(shutil.copytree(first, tmp_path / "cut"))
    (cut / "workspace.db").write_bytes((cut / "workspace.db").read_bytes()[:-4096])
    before = state(backed.directory)
    newer = backed.directory / "escrow.age"
    with pytest.raises(Conflicted, match="does not open this backup"):
        come_back(backed, first, escrow=newer)
    with pytest.raises(Conflicted, match="another workspace"):
        come_back(backed, first, escrow=other / "escrow.age")
    with pytest.raises(Invalid, match="another workspace"):
        come_back(backed, backups(other)[0].path)
    with pytest.raises(Invalid, match="not empty"):
        come_back(backed, first, into=full)
    with pytest.raises(WorkspaceDamaged):
        come_back(backed, cut)
    with pytest.raises(WorkspaceDamaged):
        come_back(backed, cut, into=tmp_path / "new")
    assert not list(backed.directory.glob("restored*")) and not (tmp_path / "new").exists()
    with backed.unlock(), pytest.raises(WorkspaceBusy):
        come_back(backed, first)
    assert {name: told for name, told in state(backed.directory).items() if name in before and name != "anchor"} == {
        name: told for name, told in before.items() if name != "anchor"
    }
    assert not list(backed.directory.glob("restored*")) and [each.name for each in full.iterdir()] == ["letter.txt"]


def test_who_holds_replaced_recovery_keys_does_not_come_in_through_a_backup(backed: Office) -> None:
    with backed.unlock() as workspace:
        workspace.set_trustees(Trustees(new_key().public, CENTRE.public))
    before = state(backed.directory)
    with pytest.raises(Conflicted, match="older escrow"):
        come_back(backed, made(backed))
    assert state(backed.directory) == before
    assert read_key_file(made(backed)).escrow is not None
