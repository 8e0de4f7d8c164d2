"""Older data put in the place of newer: always noticed, never silently worked on, and still there to be read."""

from __future__ import annotations

import json
import random
import shutil
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import ReadOnly, WorkspaceDamaged
from app.vault import freshness, verify
from app.vault.anchor import Altered, read_anchor, write_anchor
from app.vault.backup import back_up
from app.vault.keyfile import read_key_file, write_key_file
from app.vault.restoring import restore
from tests.attacks import Survived, Tries
from tests.vault.offices import PASSWORD, SECOND, Office, names, put, save, seen

PAGE = 4096


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The positive control: the same program without the look at the anchor."""

    def switch_off() -> None:
        monkeypatch.setattr(freshness, "first_look", lambda *_args, **_named: (None, None))

    return switch_off


@pytest.fixture
def history(office: Office, clock) -> Iterator[list[Path]]:
    """Copies of the whole folder after each of four days' work, oldest first; the office is as after the last."""
    copies = []
    for day in range(4):
        with office.unlock() as workspace:
            for n in range(5):
                save(workspace, f"day {day} save {n}", clock=clock)
        clock.forward(days=1)
        copies.append(shutil.copytree(office.directory, office.directory.parent / f"day{day}"))
    return copies


def put_back(old: Path, office: Office, *names_: str) -> None:
    for name in names_:
        target = office.directory / name
        target.unlink(missing_ok=True)
        if (old / name).exists():
            shutil.copy(old / name, target)


def test_what_was_left_opens_fresh_again_and_again(office: Office, clock) -> None:
    for n in range(3):
        with office.unlock() as workspace:
            assert workspace.stale == ""
            save(workspace, f"save {n}", clock=clock)
    assert seen(office) == ""


def test_the_database_rolled_back_alone_is_noticed(
    office: Office, history: list[Path], unguarded, survived: Survived
) -> None:
    for old in history[:-1]:
        put_back(old, office, "workspace.db")
        assert "26 Nov 2026" in seen(office), "it says which state is known"
        assert "day 3 save 4" not in names_of(office)
    unguarded()
    put_back(history[0], office, "workspace.db")
    assert seen(office) == "", "without the anchor it opens silently"
    survived(len(history) - 1, of=len(history) - 1, control="without the look at the anchor it opens silently")


def names_of(office: Office) -> set[str]:
    with office.unlock() as workspace:
        return names(workspace)


def test_the_whole_folder_rolled_back_but_for_the_anchor_is_noticed(
    office: Office, history: list[Path], unguarded, survived: Survived
) -> None:
    anchor = (office.directory / "anchor").read_bytes()
    for old in history[:-1]:
        shutil.rmtree(office.directory)
        shutil.copytree(old, office.directory)
        (office.directory / "anchor").write_bytes(anchor)
        assert seen(office) != ""
    unguarded()
    assert seen(office) == ""
    survived(len(history) - 1, of=len(history) - 1, control="without the look at the anchor it opens silently")


def test_an_old_page_put_back_is_noticed_wherever_it_is(
    office: Office, history: list[Path], unguarded, survived: Survived
) -> None:
    new = office.database.read_bytes()
    tried = 0
    for old in history[:-1]:
        was = (old / "workspace.db").read_bytes()
        for page in range(min(len(was), len(new)) // PAGE):
            spot = slice(page * PAGE, (page + 1) * PAGE)
            if was[spot] == new[spot]:
                continue
            office.database.write_bytes(new[: spot.start] + was[spot] + new[spot.stop :])
            with suppress(WorkspaceDamaged):  # an old first page does not even open
                assert seen(office) != "", f"page {page}"
            tried += 1
    assert tried >= 12
    unguarded()
    page = next(
        p for p in range(2, len(new) // PAGE) if was[p * PAGE : (p + 1) * PAGE] != new[p * PAGE : (p + 1) * PAGE]
    )
    spot = slice(page * PAGE, (page + 1) * PAGE)
    office.database.write_bytes(new[: spot.start] + was[spot] + new[spot.stop :])
    assert seen(office) == "", "its seal is right, so nothing else notices"
    survived(tried, of=tried, control="its seal is right: without the look at the anchor it opens silently")


def in_use(office: Office, clock, saves: int = 6) -> Path:
    """A copy of the folder as a power cut leaves it: everything saved is still in the log, the anchor knows of it."""
    with office.unlock() as workspace:
        for n in range(saves):
            save(workspace, f"save {n}", clock=clock)
        workspace.anchor()
        return shutil.copytree(office.directory, office.directory.parent / "cut")


def frames_of(log: bytes) -> list[int]:
    """Where each frame of a write-ahead log ends."""
    size = 24 + struct.unpack(">I", log[8:12])[0]
    return list(range(32 + size, len(log) + 1, size))


def test_a_power_cut_is_no_alarm_and_loses_nothing(office: Office, clock) -> None:
    cut = replace(office, directory=in_use(office, clock))
    with cut.unlock() as workspace:
        assert workspace.stale == ""
        assert {f"save {n}" for n in range(6)} <= names(workspace)


def test_a_power_cut_before_the_anchor_was_written_is_no_alarm(office: Office, clock) -> None:
    new = replace(office, directory=office.directory.parent / "new")
    make = {"login": "sari", "name": "S", "role": "ADMIN", "password": PASSWORD, "now": clock}
    for number, begin in enumerate((office.unlock, lambda: office.vault.create(new.directory, **make))):
        with begin() as workspace:
            save(workspace, "not anchored yet", clock=clock)
            cut = shutil.copytree(workspace.directory, office.directory.parent / f"cut {number}")
        assert seen(replace(office, directory=cut)) == ""


def test_a_log_cut_at_every_frame_is_noticed(
    office: Office, clock, unguarded, tries: Tries, survived: Survived
) -> None:
    cut = replace(office, directory=in_use(office, clock, saves=tries(ci=6, full=60)))
    whole = shutil.copytree(cut.directory, cut.directory.parent / "whole")
    log = (whole / "workspace.db-wal").read_bytes()
    ends = [0, 32, *frames_of(log)]
    assert len(ends) > 15
    for guarded in (True, False):
        if not guarded:
            unguarded()
        for end in ends[:-1]:
            shutil.rmtree(cut.directory)
            shutil.copytree(whole, cut.directory, ignore=shutil.ignore_patterns("*-shm"))
            (cut.directory / "workspace.db-wal").write_bytes(log[:end])
            assert (seen(cut) != "") == guarded, f"cut at {end} of {len(log)}"
    survived(len(ends) - 1, of=len(ends) - 1, control="without the look at the anchor every cut opens silently")


def test_the_database_rolled_back_with_its_log_is_noticed(office: Office, clock, unguarded, survived: Survived) -> None:
    older = shutil.copytree(in_use(office, clock, saves=2), office.directory.parent / "older")
    shutil.rmtree(office.directory.parent / "cut")
    with office.unlock() as workspace:
        save(workspace, "newer", clock=clock)
    for guarded in (True, False):
        if not guarded:
            unguarded()
        put_back(older, office, "workspace.db", "workspace.db-wal")
        assert (seen(office) != "") == guarded
    survived(1, of=1, control="without the look at the anchor it opens silently")


def test_an_old_log_put_beside_a_closed_file_is_put_aside_and_said(office: Office, clock, unguarded) -> None:
    older = in_use(office, clock)
    put_back(older, office, "workspace.db-wal")
    assert "put aside" in seen(office)
    assert seen(office) == ""
    with office.unlock() as workspace:
        assert {f"save {n}" for n in range(6)} <= names(workspace), "the file itself was not made older by it"
    unguarded()
    put_back(older, office, "workspace.db-wal")
    assert seen(office) == ""


def test_an_old_key_file_is_noticed(office: Office) -> None:
    before = office.key_file.read_bytes()
    with office.unlock() as workspace:
        workspace.change_password(old=PASSWORD, new="sandi baru yang panjang")
    office.key_file.write_bytes(before)
    assert "key file here is older" in seen(office)


def test_a_missing_anchor_is_noticed_where_the_key_file_knows_of_one(office: Office) -> None:
    (office.directory / "anchor").unlink()
    assert "missing" in seen(office)
    assert not (office.directory / "anchor").exists(), "what is in doubt is not anchored"
    assert "missing" in seen(office)


def test_no_other_anchor_is_taken(office: Office, clock, survived: Survived) -> None:
    path = office.directory / "anchor"
    whole, chance = path.read_bytes(), random.Random(4)
    told = json.loads(whole)
    other = office.directory.parent / "other"
    office.vault.create(other, login="x", name="X", role="ADMIN", password=PASSWORD, now=clock).close()
    mutants = [whole[:size] for size in range(len(whole))]
    for spot in range(len(whole)):
        flipped = bytearray(whole)
        flipped[spot] ^= 1 << chance.randrange(8)
        mutants.append(bytes(flipped))
    for name in told:
        for value in (None, "", 0, -1, 10**30, True, [], {}, "2099-01-01T00:00:00+00:00", "ff" * 32):
            if value != told[name]:
                mutants.append(json.dumps({**told, name: value}, sort_keys=True, indent=1).encode() + b"\n")
    mutants += [(other / "anchor").read_bytes(), whole + b" ", b"[" * 3000, b"null", b"x" * 9999]
    with office.unlock() as workspace:
        for mutant in mutants:
            path.write_bytes(mutant)
            with pytest.raises(Altered):
                read_anchor(office.directory, keys=workspace.keys)
        path.write_bytes(whole)
        assert read_anchor(office.directory, keys=workspace.keys) is not None
    assert len(mutants) > 700
    for mutant in (mutants[0], mutants[40], mutants[-5]):
        path.write_bytes(mutant)
        assert "altered" in seen(office)
    path.unlink()
    path.mkdir()
    assert "altered" in seen(office)
    survived(len(mutants), of=len(mutants), control="the anchor as it was left is read by the same call")


@pytest.mark.parametrize("lie", [{"seq": 99}, {"h": b"x" * 32}], ids=["a link ahead", "another hash"])
def test_while_in_use_the_chain_decides(office: Office, clock, lie: dict[str, object]) -> None:
    with office.unlock() as workspace:
        save(workspace, "known", clock=clock)
        workspace.anchor()
        known = read_anchor(office.directory, keys=workspace.keys)
        assert known is not None and known.head.seq == 1
        write_anchor(office.directory, replace(known, head=replace(known.head, **lie)), keys=workspace.keys)
        cut = shutil.copytree(office.directory, office.directory.parent / "cut")
    assert "older" in seen(replace(office, directory=cut))


def test_links_after_the_anchored_one_have_to_follow_from_it(office: Office, clock) -> None:
    with office.unlock() as workspace:
        for n in range(4):
            save(workspace, f"save {n}", clock=clock)
            if n == 0:
                workspace.anchor()
        with workspace.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE audit SET h = zeroblob(32) WHERE seq = 3")
        cut = shutil.copytree(office.directory, office.directory.parent / "cut")
    assert "older" in seen(replace(office, directory=cut))


def test_stale_data_is_read_verified_and_backed_up_but_the_key_file_stays(
    office: Office, history: list[Path], clock
) -> None:
    put_back(history[0], office, "workspace.db")
    before = {name: (office.directory / name).read_bytes() for name in ("anchor", "naungan.keys")}
    with office.unlock() as workspace:
        assert "day 0 save 4" in names(workspace)
        assert verify.integrity(workspace) == ()
        made = back_up(workspace, now=clock)
        with pytest.raises(ReadOnly, match="older"):
            workspace.add_user(login="rina", name="Rina", role="PARTNER", password=SECOND)
        with pytest.raises(ReadOnly, match="older"):
            workspace.change_password(old=PASSWORD, new=SECOND)
        save(workspace, "written all the same", clock=clock)
        workspace.anchor()
    assert before == {name: (office.directory / name).read_bytes() for name in before}
    assert made.bytes > 0
    assert seen(office) != "", "closing makes it no fresher"


def test_accepted_data_opens_fresh(office: Office, history: list[Path], clock) -> None:
    put_back(history[0], office, "workspace.db")
    with office.unlock() as workspace:
        assert workspace.stale
        workspace.accept_older()
        assert workspace.stale == ""
        save(workspace, "goes on", clock=clock)
    assert seen(office) == ""
    put_back(history[1], office, "workspace.db")
    assert seen(office) != "", "and is guarded again"


def test_a_restored_backup_opens_fresh_and_its_audit_says_so(office: Office, clock) -> None:
    with office.unlock() as workspace:
        save(workspace, "before", clock=clock)
        made = back_up(workspace, now=clock)
        save(workspace, "after", clock=clock)
    again = replace(office, directory=office.directory.parent / "again")
    restore(made.path, into=again.directory, login="budi", password=SECOND, now=clock)
    with again.unlock() as workspace:
        assert workspace.stale == ""
        with workspace.reader.begin() as connection:
            last = connection.exec_driver_sql(
                "SELECT seq, action, actor, device, fields FROM audit ORDER BY seq DESC"
            ).first()
        budi = next(user.id for user in workspace.users() if user.login == "budi")
        assert last == (2, "restore", budi, workspace.device.id, made.path.name)
        save(workspace, "goes on", clock=clock)
    assert seen(again) == ""
    shutil.copy(again.directory / "workspace.db", office.database)
    assert seen(office) != "", "its file in the place of the newer one is noticed"


def test_the_anchor_follows_every_commit_when_asked_and_costs_nothing_otherwise(office: Office, clock) -> None:
    path = office.directory / "anchor"
    with office.unlock() as workspace:
        workspace.anchor()
        first = path.stat()
        workspace.anchor()
        with workspace.reader.begin() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM setting").scalar()
        assert not workspace.unanchored, "reading is no news"
        assert path.stat().st_ino == first.st_ino, "nothing was written anew"
        save(workspace, "news", clock=clock)
        assert workspace.unanchored
        workspace.anchor()
        assert not workspace.unanchored
        anchor = read_anchor(office.directory, keys=workspace.keys)
    assert anchor is not None and (anchor.head.seq, anchor.file) == (1, "")


def test_a_put_without_audit_is_no_news_for_the_chain_but_for_the_closed_file(office: Office) -> None:
    before = office.database.read_bytes()
    with office.unlock() as workspace:
        put(workspace, "a setting")
    office.database.write_bytes(before)
    assert "not as this workspace was left" in seen(office)


def test_a_creation_cut_off_between_anchor_and_key_file_is_no_alarm(office: Office, clock) -> None:
    with office.unlock() as workspace:
        unfinished = replace(workspace.key_file(), initialised=False).signed(workspace.keys)
    write_key_file(office.directory, unfinished)
    assert seen(office) == ""
    write_key_file(office.directory, unfinished)
    (office.directory / "anchor").unlink()
    assert seen(office) == ""
    assert read_key_file(office.directory).initialised
