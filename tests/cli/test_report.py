"""Reports from the command line: the file, its passphrase, the consent behind it, the register."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from app.services.consents import record_consent
from app.services.parties import add_party
from tests.cli.conftest import Terminal


def test_a_report_for_the_police_opens_with_its_passphrase_only(
    naungan: Terminal, tmp_path: Path, unlocked: Any
) -> None:
    number = naungan.enter()["number"]
    file = tmp_path / "out.pdf"
    words = ["--profile", "police", "--recipient", "Unit PPA", "--purpose", "laporan", "--report-language", "en"]
    said = naungan("report", "case", number, *words, "--out", str(file), "--json")
    assert said.code == 0, said.err
    with pikepdf.open(file, password=said.json["passphrase"]) as pdf:
        assert len(pdf.pages) == said.json["pages"]
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(file)
    assert file.stat().st_mode & 0o077 == 0
    assert said.json["passphrase"] not in said.err
    context = unlocked(naungan)
    with context.desk.read() as session:
        register = session.connection().exec_driver_sql("SELECT recipient, profile, sha256 FROM export").fetchall()
        last = session.connection().exec_driver_sql("SELECT action, fields FROM audit WHERE action = 'export'").first()
    context.close()
    assert register == [("Unit PPA", "POLICE", said.json["sha256"])]
    assert last is not None
    assert last[0] == "export"
    assert "person.name" in last[1]
    assert "Sitti" not in last[1]


def test_without_consent_nothing_leaves(naungan: Terminal, tmp_path: Path) -> None:
    number = naungan.enter(consent=None)["number"]
    file = tmp_path / "out.pdf"
    said = naungan("report", "case", number, "--profile", "court", "--recipient", "PN", "--out", str(file))
    assert (said.code, "consent" in said.err) == (2, True)
    assert not file.exists()
    assert naungan("report", "case", number, "--profile", "internal", "--out", str(file)).code == 0


def test_nothing_is_overwritten_and_folders_are_not_made(naungan: Terminal, tmp_path: Path) -> None:
    number = naungan.enter()["number"]
    file = tmp_path / "out.pdf"
    file.write_text("mine", encoding="utf-8")
    assert naungan("report", "case", number, "--profile", "internal", "--out", str(file)).code == 2
    assert file.read_text(encoding="utf-8") == "mine"
    assert naungan("report", "case", number, "--profile", "internal", "--out", str(tmp_path / "no" / "x.pdf")).code == 2


def test_without_a_password_it_lies_open_and_says_no_passphrase(naungan: Terminal, tmp_path: Path) -> None:
    number = naungan.enter()["number"]
    file = tmp_path / "out.pdf"
    said = naungan("report", "case", number, "--profile", "statistics", "--no-password", "--out", str(file))
    assert "Passphrase" not in said.out
    with pikepdf.open(io.BytesIO(file.read_bytes())) as pdf:
        assert len(pdf.pages) >= 1


def test_whose_consent_it_is_has_to_be_said_when_there_are_two(
    naungan: Terminal, tmp_path: Path, unlocked: Any
) -> None:
    made = naungan.enter()
    context = unlocked(naungan)
    from_services(context, made["id"])
    context.close()
    words = [
        "report",
        "case",
        made["number"],
        "--profile",
        "police",
        "--recipient",
        "X",
        "--out",
        str(tmp_path / "a.pdf"),
    ]
    said = naungan(*words)
    assert (said.code, "Several victims" in said.err) == (2, True)
    consent = naungan("case", "show", made["number"], "--json").json["consents"][0]["id"]
    assert naungan(*words, "--consent", consent).code == 0


def from_services(context: Any, case_id: str) -> None:
    """A second victim with a consent of their own."""
    add_party(context.desk, case_id, {"name": "Budi", "sex": "L", "age": 30}, role="VICTIM")
    with context.desk.read() as session:
        person = session.connection().exec_driver_sql("SELECT id FROM person WHERE name = 'Budi'").scalar()
    values = {"purpose": "SHARE", "given_by": "VICTIM", "tiers": ["OPEN", "CASE", "IDENTIFYING"]}
    record_consent(context.desk, case_id, str(person), values)
