"""Files that are not ours, or no longer: none of them opens, none is created, none is changed."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from app.errors import ReadOnly, WorkspaceDamaged
from app.vault import cipher, freshness, verify
from app.vault import workspace as opening
from app.vault.engine import DATABASE_PURPOSE
from app.vault.entrance import users
from app.vault.kdf import KEY_BYTES
from tests.attacks import Survived, Tries
from tests.vault.offices import PASSWORD, Office, put

PAGE = 4096


def plain(office: Office) -> None:
    office.database.unlink()
    with closing(sqlite3.connect(office.database)) as connection:
        connection.execute("CREATE TABLE setting (name, value)")
        connection.commit()


def plain_with_key_pragma(office: Office) -> None:
    """The standard library takes PRAGMA key without a word and writes plain text."""
    office.database.unlink()
    with closing(sqlite3.connect(office.database)) as connection:
        connection.execute("PRAGMA key = 'secret'")
        connection.execute("CREATE TABLE setting (name, value)")
        connection.commit()


def encrypted_by_another(office: Office) -> None:
    office.database.unlink()
    with closing(dbapi2.connect(str(office.database))) as connection:
        connection.set_key(bytearray(b"x'" + b"ab" * 32 + b"'"))
        connection.execute("CREATE TABLE setting (name, value)")
        connection.commit()


def from_another_workspace(office: Office) -> None:
    other = office.directory.parent / "other"
    office.vault.create(other, login="x", name="X", role="ADMIN", password=PASSWORD, now=office.clock).close()
    shutil.copy(other / "workspace.db", office.database)


def other_salt(office: Office) -> None:
    content = bytearray(office.database.read_bytes())
    content[:16] = secrets.token_bytes(16)
    office.database.write_bytes(content)


def two_pages_swapped(office: Office) -> None:
    content = office.database.read_bytes()
    first, second = content[PAGE : 2 * PAGE], content[2 * PAGE : 3 * PAGE]
    office.database.write_bytes(content[:PAGE] + second + first + content[3 * PAGE :])


def a_folder(office: Office) -> None:
    office.database.unlink()
    office.database.mkdir()


def a_link(office: Office) -> None:
    elsewhere = office.directory.parent / "elsewhere.db"
    office.database.rename(elsewhere)
    office.database.symlink_to(elsewhere)


def cut_to(size: int | float) -> Callable[[Office], None]:
    def cut(office: Office) -> None:
        whole = office.database.stat().st_size
        os.truncate(office.database, int(size * whole) if isinstance(size, float) else size)

    cut.__name__ = f"cut_to_{size}"
    return cut


def filled_with(content: bytes) -> Callable[[Office], None]:
    def fill(office: Office) -> None:
        office.database.write_bytes(content)

    fill.__name__ = f"filled_with_{content[:4].hex()}_{len(content)}"
    return fill


RUINS = [
    plain, plain_with_key_pragma, encrypted_by_another, from_another_workspace, other_salt, two_pages_swapped, a_folder,
    a_link, lambda office: office.database.unlink(), *map(cut_to, (0, 1, 15, 16, 100, 4095, 4096, 8192, 0.5, 0.9)),
    *map(filled_with, (bytes(PAGE), b"SQLite format 3", b"SQLite format 3\0" + bytes(PAGE), b"\xff" * 3 * PAGE)),
]  # fmt: skip


def test_a_ruined_database_never_opens_and_is_never_replaced(office: Office, survived: Survived) -> None:
    whole = shutil.copytree(office.directory, office.directory.parent / "whole")
    office.unlock().close()
    held = 0
    for ruin in RUINS:
        shutil.rmtree(office.directory)
        shutil.copytree(whole, office.directory)
        ruin(office)
        before = _state(office.directory)
        with pytest.raises(WorkspaceDamaged):
            office.unlock()
        held += _state(office.directory) == before
        shutil.rmtree(office.directory.parent / "other", ignore_errors=True)
        (office.directory.parent / "elsewhere.db").unlink(missing_ok=True)
    survived(held, of=len(RUINS), control="the folder that was not ruined opens; missing, empty, plain, foreign do not")


def test_a_folder_without_a_workspace_says_so_and_stays_empty(tmp_path: Path, office: Office) -> None:
    for place in (tmp_path / "nowhere", tmp_path / "empty"):
        office.directory = place
        if place.name == "empty":
            place.mkdir()
        with pytest.raises(WorkspaceDamaged, match="no workspace"):
            users(place)
        with pytest.raises(WorkspaceDamaged, match="no workspace"):
            office.unlock()
    assert not (tmp_path / "nowhere").exists()
    assert not any((tmp_path / "empty").iterdir())


def test_the_database_library_itself_may_create_nothing(tmp_path: Path) -> None:
    """Even if a file vanishes after every check."""
    with pytest.raises(ReadOnly):
        cipher.connect_fresh(tmp_path / "gone.db", key=bytearray(KEY_BYTES))
    assert not any(tmp_path.iterdir())


@pytest.fixture
def unverified(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The positive control: the same program without the look at every page's seal, and without the anchor."""

    def switch_off() -> None:
        monkeypatch.setattr(opening, "require_seals", lambda *_args, **_named: None)
        monkeypatch.setattr(freshness, "first_look", lambda *_args, **_named: (None, None))

    return switch_off


def test_a_bit_flipped_anywhere_in_the_file_is_noticed_at_unlock(
    office: Office, unverified: Callable[[], None], tries: Tries, survived: Survived
) -> None:
    whole, chance = office.database.read_bytes(), random.Random(20261123)
    spots = [page * PAGE + chance.randrange(PAGE) for page in range(len(whole) // PAGE)]
    spots += [chance.randrange(len(whole)) for _ in range(tries(ci=80, full=5_000) - len(spots))]
    flips = [(spot, chance.randrange(8)) for spot in spots]
    alarmed = sum(not _opens_flipped(office, whole, *flip) for flip in flips)
    office.database.write_bytes(whole)
    office.unlock().close()
    unverified()
    silent = sum(_opens_flipped(office, whole, *flip) for flip in flips[:80])
    assert silent > 12
    survived(alarmed, of=len(flips), control=f"unverified, {silent} of 80 open without a word")


def _opens_flipped(office: Office, whole: bytes, spot: int, bit: int) -> bool:
    content = bytearray(whole)
    content[spot] ^= 1 << bit
    office.database.write_bytes(content)
    try:
        with office.unlock() as workspace:
            return workspace.stale == ""
    except WorkspaceDamaged:
        return False


def test_no_other_key_opens_the_file(office: Office, tries: Tries, survived: Survived) -> None:
    with office.unlock() as workspace, workspace.keys.derived(DATABASE_PURPOSE) as right:
        key = bytes(right)
    others = [secrets.token_bytes(KEY_BYTES) for _ in range(tries(ci=200, full=10_000))]
    for bit in range(8 * KEY_BYTES):
        near = bytearray(key)
        near[bit // 8] ^= 1 << bit % 8
        others.append(bytes(near))
    assert _opens(office.database, key), "the right key does"
    opened = sum(_opens(office.database, other) for other in others)
    survived(len(others) - opened, of=len(others), control="the right key opens the same file the same way")


def _opens(database: Path, key: bytes) -> bool:
    try:
        cipher.connect(database, key=bytearray(key)).close()
    except WorkspaceDamaged:
        return False
    return True


def test_the_standard_library_cannot_read_it_and_no_name_stands_in_it(office: Office) -> None:
    with office.unlock() as workspace:
        put(workspace, "Siti Aminah binti Rahmat")
        files = [each for each in office.directory.iterdir() if each.is_file()]
        content = b"".join(each.read_bytes() for each in files)
        assert b"Siti" not in content
        assert "Siti".encode("utf-16-le") not in content
        assert b"CREATE TABLE" not in content
    with closing(sqlite3.connect(office.database)) as connection, pytest.raises(sqlite3.DatabaseError):
        connection.execute("SELECT * FROM sqlite_master").fetchall()


def test_a_page_that_breaks_while_the_workspace_is_open_is_a_known_error(office: Office) -> None:
    before = office.database.stat().st_size
    with office.unlock() as workspace:
        put(workspace, *(f"more {n}" for n in range(3000)))
    with office.unlock() as workspace:
        assert verify.integrity(workspace) == ()
        content = bytearray(office.database.read_bytes())
        for page in range(before // PAGE, len(content) // PAGE):  # of the rows alone: the schema stays legible
            content[page * PAGE + 50] ^= 1
        office.database.write_bytes(content)
        with pytest.raises(WorkspaceDamaged), workspace.reader.begin() as connection:
            connection.exec_driver_sql("SELECT sum(length(value)) FROM setting").scalar()
        assert any("HMAC" in problem for problem in verify.integrity(workspace))


def test_a_lost_parent_row_is_found(office: Office) -> None:
    with office.unlock() as workspace:
        with workspace.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
            connection.exec_driver_sql("CREATE TABLE child (parent REFERENCES parent (id))")
            connection.exec_driver_sql("INSERT INTO parent VALUES (1)")
            connection.exec_driver_sql("INSERT INTO child VALUES (1)")
        assert verify.integrity(workspace) == ()
        with workspace.keys.derived(DATABASE_PURPOSE) as key:
            raw = cipher.connect(office.database, key=key, foreign_keys=False)
        with closing(raw):
            raw.execute("DELETE FROM parent")
        assert len(verify.integrity(workspace)) == 1


def test_a_huge_file_is_not_read_to_its_end_at_unlock(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(office.database.read_bytes())
    content[-50] ^= 1
    office.database.write_bytes(content)
    monkeypatch.setattr(verify, "CHECKED_AT_UNLOCK", PAGE)
    with office.unlock() as workspace:
        assert verify.integrity(workspace)


def _state(directory: Path) -> dict[str, bytes | None]:
    """Every file and its content, but for the lock and the count of tries."""
    return {
        each.name: each.read_bytes() if each.is_file() else None
        for each in directory.iterdir()
        if each.name not in (".lock", "attempts")
    }
