"""A spreadsheet from the command line: tried, taken in with its wrong rows told, listed and undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Terminal

HEADS = "No,Tgl lapor,Risiko,Orang,JK,Umur"
GOOD = "1,3/2/2024,Tinggi,Siti Aminah,Pr,17"
MAP = ("--map", "Orang=victim.name", "--given", "case.channel=WALKIN")


def register(folder: Path, *rows: str) -> str:
    path = folder / "register.csv"
    path.write_text("\n".join([HEADS, *rows]) + "\n", encoding="utf-8")
    return str(path)


def count(naungan: Terminal) -> int:
    return int(naungan("case", "list", "--json").json["total"])


def test_a_register_is_tried_taken_in_listed_and_undone(naungan: Terminal, tmp_path: Path) -> None:
    file = register(tmp_path, GOOD, "2,4/2/2024,Sedang,Budi,entah,31", "3,43831x,Sedang,Ani,Pr,9")
    tried = naungan("import", file, *MAP, "--dry-run")
    assert (tried.code, count(naungan)) == (2, 0)
    lines = tried.out.splitlines()
    assert lines[:2] == ["1 row is good; nothing was saved.", "Columns left out: No"]
    assert "Not understood for Sex: entah (1)" in lines
    assert [line.split(": ")[0] for line in lines[-3:]] == ["2 rows are wrong:", "  3  E JK", "  4  B Tgl lapor"]
    made = naungan("import", file, *MAP, "--json")
    assert (made.code, made.json["good"], made.json["wrong"], count(naungan)) == (2, 1, 2, 1)
    assert [(one["row"], one["column"]) for one in made.json["problems"]] == [(3, "E"), (4, "B")]
    (listed,) = naungan("import", "--list", "--json").json["imports"]
    assert (listed["id"], listed["cases"], listed["why_not"]) == (made.json["id"], 1, None)
    assert "1 case was taken back." in naungan("import", "--undo", listed["id"][-6:]).out
    assert count(naungan) == 0
    again = naungan("import", "--undo", listed["id"])
    assert (again.code, "undone already" in again.err) == (2, True)
    remembered = naungan("import", register(tmp_path, GOOD), "--given", "case.channel=WALKIN", "--json")
    assert (remembered.code, remembered.json["columns"]["D"], count(naungan)) == (0, ["Orang", "victim.name"], 1)


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_file_without_a_good_row_saves_nothing(naungan: Terminal, tmp_path: Path, dry: tuple[str, ...]) -> None:
    said = naungan("import", register(tmp_path, GOOD), "--map", "Orang=victim.name", *dry, "--json")  # no channel
    assert (said.code, said.json["id"], said.json["wrong"]) == (2, "", 1)
    assert "Channel" in said.json["problems"][0]["problem"]


def test_what_cannot_be_understood_is_refused_with_what_there_is(naungan: Terminal, tmp_path: Path) -> None:
    file = register(tmp_path, GOOD)
    for words, says in (
        ((), "one of these is needed: FILE --list --undo"),
        ((file, "--list"), "does not go with"),
        ((file, "--sheet", "2023"), "There are: register"),
        ((file, "--heading", "9"), "Row 9 is empty"),
        ((file, "--map", "Orang"), "two parts"),
        ((file, "--map", "Nama=victim.name"), "There are: No, Tgl lapor"),
        ((file, "--map", "Orang=victim.nam"), "victim.name"),
        ((file, "--given", "case.channel=PIGEON"), "  case.channel: “PIGEON” is not in the list"),
        ((str(tmp_path / "none.csv"),), "cannot be opened"),
        (("--undo", "x"), "no such import"),
    ):
        said = naungan("import", *words)
        assert (said.code, said.out, says in said.err) == (2, "", True), (words, said.err)
