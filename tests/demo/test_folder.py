"""The folder of the demo: never somebody else's, made anew each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.demo.folder import MARK, fresh_folder, keep_passphrases
from app.errors import UserError


def test_a_folder_with_somebodys_work_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError):
        fresh_folder(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(UserError):
        fresh_folder(tmp_path / "thesis.txt")


def test_our_own_folder_is_emptied_but_a_link_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "keep").touch()
    out = fresh_folder(tmp_path / "demo")
    (out / "office-a").mkdir()
    (out / "office-a" / "file").touch()
    (out / "link").symlink_to(precious)
    fresh_folder(out)
    assert [entry.name for entry in out.iterdir()] == [MARK]
    assert (precious / "keep").exists()
    assert out.stat().st_mode & 0o077 == 0


def test_the_passphrase_stands_on_the_first_line(tmp_path: Path) -> None:
    keep_passphrases(tmp_path, "enam kata yang dibuat acak")
    lines = (tmp_path / "passphrases.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "enam kata yang dibuat acak"
    assert any("office-a --user siti" in line for line in lines)
