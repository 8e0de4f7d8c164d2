"""The scanner finds what was planted, in every dress: without that its silence means nothing."""

from __future__ import annotations

import base64
import gzip
import os
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.attack.scanner import find_needles, forms

NAME = "Sitti Nurhasanah-Thị"


@pytest.mark.parametrize("form", forms(NAME))
@pytest.mark.parametrize("before", [b"", b"x", b"\x00\xffyz"])
def test_every_dress_is_seen_through(tmp_path: Path, form: str, before: bytes) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    file = tmp_path / "deep" / "er" / "x.bin"
    file.write_bytes(os.urandom(1000) + before + forms(NAME)[form] + os.urandom(1000))
    hits = find_needles([tmp_path], ["Sari Dewanti", NAME])
    assert {hit.needle for hit in hits} == {NAME}
    assert {hit.file for hit in hits} == {file}
    assert hits[0].offset == 1000 + len(before)


@pytest.mark.parametrize("offset", range(6))
def test_base64_of_a_whole_text_gives_it_away(tmp_path: Path, offset: int) -> None:
    (tmp_path / "x").write_bytes(base64.b64encode(b"?" * offset + NAME.encode() + b" and more"))
    assert find_needles([tmp_path], [NAME])


def test_case_of_letters_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("SITTI nurhasanah", encoding="utf-16")
    assert find_needles([tmp_path], ["Sitti Nurhasanah"])


def test_compressed_pieces_are_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.gz", gzip.compress(NAME.encode()))
    (tmp_path / "c.pdf").write_bytes(b"%PDF stream\n" + zlib.compress(NAME.encode() * 3) + b"\nendstream")
    assert {hit.file.name for hit in find_needles([tmp_path], [NAME])} == {"a.xlsx", "c.pdf"}


def test_names_of_files_and_targets_of_links_count(tmp_path: Path) -> None:
    (tmp_path / "Sitti Nurhasanah").mkdir()
    (tmp_path / "b").symlink_to("/tiada/sitti%20nurhasanah")
    hits = find_needles([tmp_path], ["Sitti Nurhasanah"])
    assert {(hit.file.name, hit.offset) for hit in hits} == {("Sitti Nurhasanah", -1), ("b", -1)}


def test_what_chance_would_find_is_not_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too short"):
        find_needles([tmp_path], ["Ani"])
    (tmp_path / "x").write_bytes(os.urandom(1 << 20))
    assert find_needles([tmp_path], [NAME]) == []
