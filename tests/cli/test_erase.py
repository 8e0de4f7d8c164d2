"""`naungan erase` from the request to the certificate."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from app.services.users import add_user
from tests.cli.conftest import Terminal
from tests.reports.pdf_reading import read

SECOND = "lautan tenang di sore hari"


def second_user(naungan: Terminal, unlocked: Any, tmp_path: Path) -> list[str]:
    """Another supervisor of the same laptop; how she signs in."""
    context = unlocked(naungan)
    add_user(context.desk, context.workspace, login="rini", name="Rini", role="SUPERVISOR", password=SECOND)
    context.close()
    file = tmp_path / "second"
    file.write_text(SECOND + "\n", encoding="utf-8")
    return ["--user", "rini", "--passphrase-file", str(file)]


def test_from_the_request_to_the_certificate(naungan: Terminal, unlocked: Any, tmp_path: Path) -> None:
    number = naungan.enter()["number"]
    rini = second_user(naungan, unlocked, tmp_path)
    dewi = ["--user", "dewi"]
    wrong = naungan(*dewi, "erase", "request", "--case", number, "--basis", "WHY", "--asked-by", "SUBJECT")
    assert wrong.code == 2
    assert "REQUEST" in wrong.err
    words = ["--case", number, "--basis", "REQUEST", "--asked-by", "SUBJECT"]
    asked = naungan(*dewi, "erase", "request", *words, "--json")
    assert asked.code == 0, asked.err
    short = asked.json["id"][-10:]
    listed = naungan(*dewi, "erase", "list")
    assert number in listed.out
    assert "waits" in listed.out
    assert naungan(*dewi, "erase", "approve", short, "--no-proceedings").code == 2  # who asked
    assert naungan(*rini, "erase", "approve", short).code == 2  # nobody has said that nothing runs
    assert naungan(*rini, "erase", "certificate", short, "--out", str(tmp_path / "x.pdf")).code == 2
    done = naungan(*rini, "erase", "approve", short, "--no-proceedings")
    assert done.code == 0, done.err
    assert "28 December 2026" in done.out
    assert naungan(*dewi, "case", "show", number).code == 2
    file = tmp_path / "certificate.pdf"
    made = naungan(*dewi, "erase", "certificate", short, "--out", str(file), "--paper-language", "en", "--json")
    assert made.code == 0, made.err
    assert made.json["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    printed = read(file.read_bytes()).everything
    for said in ("Request of the data subject", "Dewi Lestari", "Rini", "28 December 2026", asked.json["id"]):
        assert said in printed
    for gone in ("Sitti", "Aminah", "Batam", number):
        assert gone not in printed
    again = naungan(*dewi, "erase", "certificate", short, "--out", str(tmp_path / "again.pdf"))
    assert again.code == 0
    context = unlocked(naungan)
    with context.desk.read() as session:
        told = session.connection().exec_driver_sql("SELECT fields FROM audit WHERE action = 'certificate'").scalars()
        assert made.json["sha256"] in list(told)
    context.close()


def test_a_refusal_keeps_its_reason(naungan: Terminal, unlocked: Any, tmp_path: Path) -> None:
    number = naungan.enter()["number"]
    rini = second_user(naungan, unlocked, tmp_path)
    words = ["request", "--case", number, "--basis", "MISTAKE", "--asked-by", "OFFICE", "--json"]
    asked = naungan("--user", "dewi", "erase", *words).json["id"]
    assert naungan(*rini, "erase", "refuse", asked, "--reason", "NONE").code == 2
    assert naungan(*rini, "erase", "refuse", asked, "--reason", "NO_BASIS").code == 0
    [item] = naungan(*rini, "erase", "list", "--json").json["erasures"]
    assert (item["state"], item["reason"]) == ("REFUSED", "NO_BASIS")
    assert naungan(*rini, "erase", "due").out.strip() == "No case is past its period."
    assert naungan(*rini, "case", "show", number).code == 0
