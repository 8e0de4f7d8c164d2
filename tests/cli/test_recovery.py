"""`naungan recovery` and `naungan recover`: keys never in the arguments, never echoed, never in the workspace."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from app.vault.recovery_key import RecoveryKey, lines_of, new_key
from tests.cli.conftest import Terminal

NEW = "sepeda ontel warna merah"


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, RecoveryKey]:
    """Both keys, each in a file as somebody types it from the sheet."""
    made = {holder: new_key() for holder in ("district", "centre")}
    for holder, key in made.items():
        typed = "\n".join(f"{groups} {check}" for groups, check in lines_of(key.secret))
        (tmp_path / f"{holder}.txt").write_text(typed.lower() + "\n")
    return made


def sealed(naungan: Terminal, keys: dict[str, RecoveryKey]) -> Path:
    made = naungan("recovery", "set", "--district", keys["district"].public, "--centre", keys["centre"].public)
    assert made.code == 0, made.err
    return naungan.workspace / "escrow.age"


def test_a_lost_passphrase_from_end_to_end(naungan: Terminal, keys: dict[str, RecoveryKey], tmp_path: Path) -> None:
    assert naungan("recovery", "show", "--json").json == {"escrow": None}
    escrow = sealed(naungan, keys)
    assert naungan("recovery", "show", "--json").json["whole"] is True
    opened, passphrase = tmp_path / "escrow.opened", tmp_path / "new"
    passphrase.write_text(NEW)
    centre = naungan.bare(
        "recovery", "open-outer", str(escrow), "--out", str(opened), "--key-file", str(tmp_path / "centre.txt")
    )
    assert centre.code == 0, centre.err
    words = [
        "--passphrase-file", str(passphrase), "--language", "en", "recover", str(naungan.workspace), "--opened",
        str(opened), "--login", "budi", "--name", "Budi", "--district-person", "Rina", "--centre-person", "Agus",
        "--key-file", "-",
    ]  # fmt: skip
    wrong = naungan.bare(*words, text=(tmp_path / "centre.txt").read_text())
    assert wrong.code == 2 and "another key" in wrong.err
    done = naungan.bare(*words, text=(tmp_path / "district.txt").read_text())
    assert done.code == 0 and "Budi may sign in now" in done.out, done.err
    listed = naungan.bare(
        "--workspace", str(naungan.workspace), "--passphrase-file", str(passphrase), "--user", "budi", "audit", "show"
    )
    assert listed.code == 0, listed.err
    for key in keys.values():
        assert key.secret[20:40] not in done.out + centre.out + wrong.err


@pytest.mark.parametrize("only", [False, True])
def test_a_backup_that_nobody_opens_any_more(
    naungan: Terminal, keys: dict[str, RecoveryKey], tmp_path: Path, only: bool
) -> None:
    sealed(naungan, keys)
    backup = Path(naungan("backup", "make", "--json").json["backup"])
    later = naungan.enter()["id"]
    out, passphrase = tmp_path / "escrow.opened", tmp_path / "new"
    passphrase.write_text(NEW)
    outer = ("recovery", "open-outer", str(backup / "escrow.age"), "--out", str(out), "--key-file")
    assert naungan.bare(*outer, str(tmp_path / "centre.txt")).code == 0
    words = [
        "--passphrase-file", str(passphrase), "--language", "en", "recover", str(naungan.workspace), "--opened",
        str(out), "--login", "budi", "--name", "Budi", "--district-person", "Rina", "--centre-person", "Agus",
        "--key-file", str(tmp_path / "district.txt"), *(["--only"] if only else []), "--backup",
    ]  # fmt: skip
    none = naungan.bare(*words, "20200101T000000Z")
    assert none.code == 2 and "no backup" in none.err
    done = naungan.bare(*words, backup.name)
    assert done.code == 0 and "is the backup of" in done.out, done.err
    newcomer = ["--workspace", str(naungan.workspace), "--passphrase-file", str(passphrase), "--user", "budi"]
    deeds = naungan.bare(*newcomer, "audit", "show", "--json")
    assert deeds.code == 0 and '"recover"' in deeds.out and later not in deeds.out, deeds.err
    assert naungan("--user", "dewi", "case", "list").code == (2 if only else 0), "who was there that day"


def test_what_is_doubted_keeps_only_from_being_done_and_it_is_said(
    naungan: Terminal, keys: dict[str, RecoveryKey], tmp_path: Path
) -> None:
    escrow, out, passphrase = sealed(naungan, keys), tmp_path / "escrow.opened", tmp_path / "new"
    passphrase.write_text(NEW)
    outer = ("recovery", "open-outer", str(escrow), "--out", str(out), "--key-file", str(tmp_path / "centre.txt"))
    assert naungan.bare(*outer).code == 0
    for name in ("naungan.keys", "anchor"):
        (naungan.workspace / name).unlink()
    words = (
        "--passphrase-file", str(passphrase), "--language", "en", "--json", "recover", str(naungan.workspace),
        "--opened", str(out), "--login", "budi", "--name", "Budi", "--district-person", "Rina", "--centre-person",
        "Agus", "--key-file", str(tmp_path / "district.txt"), "--only",
    )  # fmt: skip
    done = naungan.bare(*words)
    assert done.code == 0 and done.json["only"] is False and "nobody was removed" in done.json["stale"]


def test_the_sheet_is_the_only_place_of_a_key(naungan: Terminal, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.pdf"
    words = ("recovery", "key", "--for", "district", "--office", "UPTD PPA", "--out", str(sheet))
    made = naungan.bare(*words, "--json")
    assert made.code == 0, made.err
    assert set(made.json) == {"public", "sheet"} and "SECRET" not in made.out + made.err
    assert sheet.stat().st_mode & 0o077 == 0
    assert naungan.bare(*words).code == 2, "nothing is overwritten"


def test_what_is_wrong_is_said(naungan: Terminal, keys: dict[str, RecoveryKey], tmp_path: Path) -> None:
    same = naungan("recovery", "set", "--district", keys["centre"].public, "--centre", keys["centre"].public)
    assert same.code == 2 and "two people" in same.err
    secret = naungan("recovery", "set", "--district", keys["district"].secret, "--centre", keys["centre"].public)
    assert secret.code == 2 and keys["district"].secret not in secret.err
    escrow = sealed(naungan, keys)
    for arguments in (["--key-file", str(tmp_path / "none")], []):
        said = naungan("recovery", "open-outer", str(escrow), "--out", str(tmp_path / "o"), *arguments)
        assert said.code == 2 and not (tmp_path / "o").exists()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="a terminal of the system")
def test_a_key_that_is_typed_does_not_show(naungan: Terminal, keys: dict[str, RecoveryKey], tmp_path: Path) -> None:
    escrow, out = sealed(naungan, keys), tmp_path / "escrow.opened"
    command = [
        sys.executable,
        "-m",
        "app",
        "--language",
        "en",
        "recovery",
        "open-outer",
        str(escrow),
        "--out",
        str(out),
    ]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, close_fds=True
    ) as run:
        os.close(theirs)
        lines = [f"{groups} {check}" for groups, check in lines_of(keys["centre"].secret)]
        shown = ""
        for n, line in enumerate(lines, 1):
            while f"Line {n}:" not in shown:
                shown += os.read(ours, 1000).decode()
            os.write(ours, f"{line}\n".encode())
        while True:
            try:
                shown += os.read(ours, 1000).decode()
            except OSError:  # the other end is closed
                break
    os.close(ours)
    assert run.returncode == 0 and out.exists(), shown
    assert not any(line[:9] in shown for line in lines)
