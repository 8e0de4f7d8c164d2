"""Where a workspace may lie, and what a clock that is far off does to it."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from app.errors import KnownError, WrongPassword
from app.vault import place
from app.vault.backup import back_up, backups
from app.vault.restoring import restore
from tests.vault.offices import PASSWORD, SECOND, Office, names, put
from tests.vault.test_clearance import id_of

MOUNTS = """\
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
35 21 0:50 / {share} rw,relatime shared:5 - {kind} server:/export rw
36 21 0:51 / /mnt/with\\040blank rw shared:6 - cifs //server/x rw
37 21 0:52 / /mnt/over rw shared:7 - nfs4 a:/ rw
38 37 8:1 / /mnt/over rw shared:8 - ext4 /dev/sdb1 rw
39 35 8:1 / {share}/disk rw shared:8 - vfat /dev/sdb1 rw
not a line
"""


def test_the_table_of_mounts_is_read_as_the_system_writes_it() -> None:
    mounts = MOUNTS.format(share="/srv/office", kind="nfs4")
    found = {
        "/home/a": "ext4", "/srv/office": "nfs4", "/srv/office/a/b": "nfs4", "/srv/office2": "ext4",
        "/mnt/with blank/x": "cifs", "/mnt/over/x": "ext4", "/srv/office/disk/x": "vfat",
    }  # fmt: skip
    assert {path: place.file_system(Path(path), mounts=mounts) for path in found} == found
    assert place.file_system(Path("/"), mounts="") == ""


@pytest.mark.skipif(not place.MOUNTS.exists(), reason="the table of mounts is Linux's")
def test_on_a_share_it_is_neither_made_nor_opened_and_a_backup_there_is_restored(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = tmp_path / "share"
    with office.unlock() as workspace:
        made = back_up(workspace, now=office.clock)
    there = Office(share / "workspace", office.clock, office.vault)
    shutil.copytree(office.directory, there.directory)
    before = {path: path.stat().st_mtime_ns for path in share.rglob("*")}
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS.format(share=share, kind="cifs"))
    monkeypatch.setattr(place, "MOUNTS", table)
    with pytest.raises(KnownError, match="share of the network"):
        there.unlock()
    with pytest.raises(KnownError, match="share of the network"):
        office.vault.create(share / "new", login="x", name="X", role="ADMIN", password=PASSWORD, now=office.clock)
    assert {path: path.stat().st_mtime_ns for path in share.rglob("*")} == before, "not so much as a lock"
    carried = shutil.copytree(made.path, share / made.path.name)
    here = Office(tmp_path / "here", office.clock, office.vault)
    restore(carried, into=here.directory, login="sari", password=PASSWORD, now=office.clock)
    here.unlock().close()


@pytest.mark.parametrize("years", [-10, 10])
def test_a_clock_ten_years_off_keeps_nobody_out_and_changes_no_key(office: Office, years: int) -> None:
    now = office.clock()
    off = Office(office.directory, lambda: now + timedelta(days=365 * years), office.vault)
    with off.unlock() as workspace:
        assert workspace.stale == ""
        put(workspace, "on a strange day")
        workspace.set_cleared(id_of(workspace, "budi"), True)
        workspace.set_cleared(id_of(workspace, "budi"), False)
        workspace.anchor()
    with pytest.raises(WrongPassword):
        off.unlock(password=SECOND)
    with office.unlock() as workspace:
        assert workspace.stale == "" and "on a strange day" in names(workspace)
        made = back_up(workspace, now=office.clock)
    assert made.path in [each.path for each in backups(office.directory)], "not thinned out by one of a strange day"
