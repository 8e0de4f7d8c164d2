"""A workspace and a backup of the first version get what this one has: an anchor, doors."""

from __future__ import annotations

from dataclasses import replace

from app.vault.backup import back_up
from app.vault.keyfile import VERSION, read_key_file, write_key_file
from app.vault.restoring import restore
from tests.vault.offices import PASSWORD, SECOND, Office, save, seen
from tests.vault.version1 import make_version_1, of_version_1


def test_a_workspace_of_the_first_version_gets_an_anchor(office: Office, clock) -> None:
    make_version_1(office)
    with office.unlock() as workspace:
        assert workspace.stale == ""
        assert workspace.key_file().version == VERSION
        save(workspace, "goes on", clock=clock)
    (office.directory / "anchor").unlink()
    assert "missing" in seen(office)


def test_a_backup_of_the_first_version_is_restored_and_brought_along(office: Office, clock) -> None:
    with office.unlock() as workspace:
        made = back_up(workspace, now=clock)
        write_key_file(made.path, of_version_1(workspace.key_file(), workspace.keys))
    again = replace(office, directory=office.directory.parent / "again")
    restore(made.path, into=again.directory, login="sari", password=PASSWORD, now=clock)
    assert read_key_file(again.directory).version == 1
    for login, password in (("sari", PASSWORD), ("budi", SECOND)):
        with again.unlock(login, password) as workspace:
            assert workspace.stale == ""
    key_file = read_key_file(again.directory)
    assert key_file.version == VERSION
    assert all(slot.door for slot in key_file.slots)
