"""Names and bytes of attachments that came from elsewhere: none walks out of its folder, none unpacks into a flood."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.vault import attachments as files
from app.vault.attachments import FileAltered, FileMissing
from tests.attack.fuzz import strings
from tests.attack.mutants import mutants_of
from tests.attacks import Survived, Tries

KEY = bytes(range(32))
WALKS = (
    "../canary", "../../canary", "..\\canary", "/etc/passwd", "C:\\canary", "canary", ".", "..", "", "\x00",
    "a/../../canary", "%2e%2e%2fcanary", "..%2fcanary", "....//canary", "~/canary", "file:///etc/passwd",
    "\\\\host\\share\\x", "CON", "NUL", "f" * 63, "f" * 65, "F" * 64, "f" * 64 + "\n", " " + "f" * 63,
    "f" * 63 + "/", "٠" * 64, "f" * 63 + "\x00", "é" * 64,
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace's folder with a file of its own, and something outside that must stay as it is."""
    made = tmp_path / "workspace"
    (made / files.ATTACHMENTS).mkdir(parents=True)
    for place in (tmp_path / "canary", made / "canary", made / files.ATTACHMENTS / "canary"):
        place.write_bytes(b"untouched")
    return made


def state(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_no_name_walks_out_of_the_folder(folder: Path, tmp_path: Path, tries: Tries, survived: Survived) -> None:
    kept = files.keep(folder, b"a photograph", key=KEY)
    before = state(tmp_path)
    names = [*WALKS, *strings(tries(ci=500, full=20_000), seed=5)]
    held = 0
    for name in names:
        for read in (lambda n: files.read(folder, n, key=KEY), lambda n: files.read_sealed(folder, n)):
            with pytest.raises((FileMissing, FileAltered)):
                read(name)
        assert not files.is_here(folder, name)
        files.forget(folder, [name])
        held += 1
    files.sweep(folder)
    assert state(tmp_path) == before
    assert files.read(folder, kept, key=KEY) == b"a photograph"
    walking = sum((folder / files.ATTACHMENTS / name).is_file() for name in WALKS[:14] if "\x00" not in name)
    assert walking > 2
    survived(held, of=len(names), control=f"joined as they are, {walking} of the first 14 name a file that exists")


def test_no_cut_and_no_flipped_bit_of_a_sealed_file_opens(tries: Tries, survived: Survived) -> None:
    plain = bytes(range(256)) * 4
    whole = files.sealed_bytes(plain, key=KEY)
    mutants = list(mutants_of(whole, count=tries(ci=1_000, full=10_000)))
    opened = 0
    for each in mutants:
        try:
            files.opened_bytes(each, key=KEY)
            opened += 1
        except FileAltered:
            pass
    assert files.opened_bytes(whole, key=KEY) == plain
    survived(len(mutants) - opened, of=len(mutants), control="the file as it was sealed opens under the same key")
