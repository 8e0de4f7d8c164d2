"""Exports from the command line in every form, and the register."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.services.users import add_user
from tests.cli.conftest import INTAKE, PASSPHRASE, Terminal
from tests.reports.files import sheets, table
from tests.reports.pdf_reading import read


def test_data_that_names_nobody_and_the_register(naungan: Terminal, tmp_path: Path) -> None:
    number = naungan.enter()["number"]
    words = ["--profile", "statistics", "--no-password"]
    data, listed = tmp_path / "x.json", tmp_path / "x.csv"
    said = naungan("case", "export", number, "--format", "json", *words, "--out", str(data), "--json")
    assert said.code == 0, said.err
    assert json.loads(data.read_bytes())["export"]["profile"] == "STATISTICS"
    assert "Sitti" not in data.read_text("ascii")
    assert naungan("report", "list", "--format", "csv", *words, "--out", str(listed)).code == 0
    assert not [cell for row in table(listed.read_bytes()) for cell in row if number in cell]
    found = {line["report"]: line for line in naungan("report", "register", "--json").json}
    assert {name: line["format"] for name, line in found.items()} == {"case_list": "csv", "case_summary": "json"}
    assert found["case_summary"]["sha256"] == said.json["sha256"]
    assert number in naungan("report", "register").out


def test_a_sheet_opens_with_its_words_at_another_laptop(naungan: Terminal, tmp_path: Path) -> None:
    number = naungan.enter()["number"]
    enclosed, words, out = tmp_path / "x.age", tmp_path / "words", tmp_path / "x.xlsx"
    order = ["--format", "xlsx", "--profile", "internal", "--out", str(enclosed)]
    said = naungan("case", "export", number, *order, "--without", "timeline", "--json")
    assert said.code == 0, said.err
    words.write_text(said.json["passphrase"] + "\n", encoding="utf-8")
    opened = naungan.bare("--passphrase-file", str(words), "report", "open", str(enclosed), "--out", str(out))
    assert opened.code == 0, opened.err
    assert any(cell.value == "Sitti Aminah" for cell in sheets(out.read_bytes()).cells)


def test_what_can_name_somebody_never_lies_open(naungan: Terminal, tmp_path: Path) -> None:
    number = naungan.enter()["number"]
    for form in ("xlsx", "csv", "json"):
        out = tmp_path / f"x.{form}"
        words = ["--format", form, "--profile", "internal", "--no-password", "--out", str(out)]
        assert naungan("case", "export", number, *words).code == 2
        assert not out.exists()
    assert naungan("report", "register", "--json").json == []


def test_what_is_released_by_hand_is_in_the_file_and_named_in_the_register(naungan: Terminal, tmp_path: Path) -> None:
    victim = {**INTAKE["victim"], "health": "Jarum luka", "disability": ["MENTAL"]}
    tiers = ["OPEN", "CASE", "IDENTIFYING", "SENSITIVE"]
    number = naungan.enter(victim=victim, consent={**INTAKE["consent"], "tiers": tiers})["number"]
    out = tmp_path / "x.pdf"
    words = ["case", "export", number, "--profile", "police", "--recipient", "Unit PPA", "--no-password"]
    said = naungan(*words, "--release", "person.health", "--out", str(out))
    assert said.code == 0, said.err
    assert "Jarum luka" in read(out.read_bytes()).everything
    [line] = naungan("report", "register", "--json").json
    assert line["released"] == ["person.health"]
    for name in ("case.summary", "person.name", "conflict.kept"):
        refused = naungan(*words, "--release", name, "--out", str(tmp_path / "y.pdf"))
        assert (refused.code, name in refused.err, (tmp_path / "y.pdf").exists()) == (2, True, False)


def test_who_is_not_cleared_cannot_release_it(naungan: Terminal, tmp_path: Path, unlocked: Any) -> None:
    victim = {**INTAKE["victim"], "health": "Jarum luka"}
    tiers = ["OPEN", "CASE", "IDENTIFYING", "SENSITIVE"]
    number = naungan.enter(victim=victim, consent={**INTAKE["consent"], "tiers": tiers})["number"]
    context = unlocked(naungan)
    worker = {"login": "joko", "name": "Joko", "role": "SOCIAL_WORKER", "password": PASSPHRASE}
    add_user(context.desk, context.workspace, **worker, cleared=False)
    context.close()
    out = tmp_path / "x.pdf"
    words = ["--profile", "police", "--recipient", "Unit PPA", "--release", "person.health", "--out", str(out)]
    for login, code in (("joko", 2), ("dewi", 0)):
        said = naungan("--user", login, "case", "export", number, *words)
        assert (said.code, "cleared" in said.err, out.exists()) == (code, code == 2, code == 0), said.err


def test_counts_from_the_command_line(naungan: Terminal, tmp_path: Path) -> None:
    naungan.enter()
    shown = naungan("statistics", "show", "--by", "sex", "--by", "risk")
    assert shown.code == 0, shown.err
    assert "*" in shown.out
    told = naungan("statistics", "show", "--by", "sex", "--inside", "--json").json
    assert {cell["count"] for cell in told["cells"]} == {None}
    out = tmp_path / "x.xlsx"
    words = ["--by", "risk", "--profile", "statistics", "--no-password", "--out", str(out)]
    assert naungan("statistics", "export", *words).code == 0
    assert not sheets(out.read_bytes()).active
