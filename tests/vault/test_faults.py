"""A full disk, a medium without writing, a broken place: known errors that say what to do, and nothing is lost."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from app import i18n
from app.errors import DiskFull, KnownError, NaunganError, ReadOnly, WorkspaceBusy, WorkspaceDamaged
from app.vault import cipher, faults
from app.vault.faults import known, translated
from app.vault.kdf import KEY_BYTES
from tests.attacks import Survived, Tries
from tests.vault.offices import ROOT, Office

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limits are Linux's")


@pytest.mark.parametrize(("action", "fewest"), [("saving", 12), ("everything", 20), ("read_only", 0)])
def test_in_a_cramped_place(action: str, fewest: int, tmp_path: Path, tries: Tries, survived: Survived) -> None:
    turns = str(tries(ci=8 if action == "everything" else 12, full=120))
    command = [sys.executable, "-m", "tests.vault.cramped", action, str(tmp_path), turns]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    full = int(run.stdout)
    assert full >= fewest, "else the disk was hardly ever full"
    survived(
        max(full, 1), of=max(full, 1), control="with room, or on a disk that takes writing, the same step goes through"
    )


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFull),
        (OSError(errno.EFBIG, "File too large"), DiskFull),
        (OSError(errno.EROFS, "Read-only file system"), ReadOnly),
        (PermissionError(errno.EACCES, "Permission denied"), ReadOnly),
        (FileNotFoundError(errno.ENOENT, "No such file"), None),
        (dbapi2.OperationalError("disk I/O error"), DiskFull),
        (dbapi2.OperationalError("near SELEKT: syntax error"), None),
        (RuntimeError("disk I/O error"), None),
        (WorkspaceBusy("x"), WorkspaceBusy),
    ],
)
def test_what_is_known_and_what_stays_a_bug(error: Exception, kind: type[KnownError] | None) -> None:
    assert type(known(error)) is (kind or type(None))
    with pytest.raises(kind or type(error)), translated():
        raise error


def test_the_database_says_full_busy_and_not_ours_in_the_same_words(tmp_path: Path) -> None:
    path = tmp_path / "small.db"
    path.touch()
    with closing(cipher.connect_fresh(path, key=bytearray(KEY_BYTES))) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("PRAGMA max_page_count = 3")
        with pytest.raises(DiskFull), translated():
            connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
        connection.execute("PRAGMA query_only = ON")
        with pytest.raises(ReadOnly), translated():
            connection.execute("INSERT INTO t VALUES (1)")
        connection.execute("PRAGMA query_only = OFF")
        connection.execute("BEGIN EXCLUSIVE")
        with closing(dbapi2.connect(str(path), timeout=0)) as other:
            other.set_key(bytearray(b"x'" + b"00" * 32 + b"'"))
            with pytest.raises(WorkspaceBusy), translated():
                other.execute("SELECT * FROM t").fetchall()
        connection.execute("COMMIT")
    with pytest.raises(WorkspaceDamaged):
        cipher.connect(path, key=bytearray(b"\1" * KEY_BYTES))


def test_a_place_without_a_write_ahead_log_is_refused_not_taken_in_silence(tmp_path: Path) -> None:
    with closing(dbapi2.connect(":memory:")) as connection, pytest.raises(KnownError, match="own disk"):
        cipher.use_write_ahead_log(connection)


def test_a_library_without_a_cipher_is_never_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An unkeyed build answers PRAGMA cipher_version with no row and would write plain text."""

    class Plain(sqlite3.Connection):
        def set_key(self, _key: bytearray) -> None:
            """What such a build would do with a key: nothing."""

    path = tmp_path / "fresh.db"
    path.touch()
    monkeypatch.setattr(cipher.dbapi2, "connect", lambda *args, **kw: sqlite3.connect(*args, factory=Plain, **kw))
    with pytest.raises(RuntimeError, match="plain text"):
        cipher.connect_fresh(path, key=bytearray(KEY_BYTES))
    assert path.stat().st_size == 0


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_sentence_says_what_to_do(language: str, office: Office) -> None:
    i18n.use(language)
    told: list[NaunganError] = [faults.damaged()]
    told += [each for code in (5, 8, 10, 11, 13, 14, 26) if (each := faults._of_sqlite(code))]
    assert len(told) == 8
    for error in told:
        assert str(error).count(".") >= 2, "one sentence of what happened, one of what to do"
