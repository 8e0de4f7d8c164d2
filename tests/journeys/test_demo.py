"""The demo from end to end: real PostgreSQL, real HTTP, two real workspaces, and what it leaves behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pikepdf

from app.cli.demo import has_display
from app.cli.shell import Shell
from tests.cli.conftest import Terminal
from tests.cli.test_central import postgres_in

STEPS = {
    "centre", "workspaces", "cases", "first_sync", "answers", "register", "pdf", "send", "accept", "answer", "verify",
    "total",
}  # fmt: skip


def test_the_demo_tells_the_whole_story_and_leaves_it_open_to_everybody(naungan: Terminal, out: Path) -> None:
    said = naungan.bare("demo", "--cases", "12", "--out", str(out), "--no-screens", "--language", "en", "--json")
    assert said.code == 0, said.err
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary == said.json
    assert summary["cases"] == 13
    assert summary["victims"] >= 13
    assert summary["answer"] == "ACCEPTED"
    assert summary["sealed_value_read_by_recipient"] is True
    assert summary["referrals"]["ACCEPTED"] >= 1
    assert summary["digests_equal"] is True
    assert summary["problems"] == []
    assert set(summary["seconds"]) == STEPS
    for office in summary["offices"].values():
        assert office["digest_equal"]
        assert set(office["outcomes"]) == {"accepted"}
        assert office["operations_pushed"] == office["outcomes"]["accepted"]
        assert min(office["records_pulled"], office["bytes_up"], office["bytes_down"]) > 0
    with pikepdf.open(out / summary["pdf"]["path"], password=summary["pdf"]["passphrase"]) as pdf:
        assert len(pdf.pages) == summary["pdf"]["pages"]
    assert not postgres_in(out)

    naungan.passphrase_file = out / "passphrases.txt"
    naungan.workspace = out / "office-a"
    assert naungan("case", "list", "--user", "siti", "--json").json["total"] == 13
    assert naungan("verify", "--user", "dewi").code == 0
    naungan.workspace = out / "office-b"
    inbox = naungan("referral", "list", "--inbox", "--json").json["referrals"]
    assert "ACCEPTED" in {referral["state"] for referral in inbox}
    assert naungan("case", "list", "--json").json["total"] < 13, "the partner has the shared cases only"


def test_a_demo_that_was_killed_is_played_again_in_the_same_folder(naungan: Terminal, out: Path) -> None:
    naungan.clock.moment = datetime.now(UTC)
    words = ["-m", "app", "demo", "--cases", "5", "--out", str(out), "--no-screens", "--language", "en"]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "sample cases are entered" in line:
                break
        process.send_signal(signal.SIGKILL)
        process.wait()
    said = naungan.bare("demo", "--cases", "5", "--out", str(out), "--no-screens", "--json")
    assert said.code == 0, said.err
    assert said.json["digests_equal"] is True
    assert not postgres_in(out)


def test_a_demo_that_is_asked_to_end_stops_its_servers(out: Path) -> None:
    words = ["-m", "app", "demo", "--cases", "5", "--out", str(out), "--no-screens", "--language", "en"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, *words], **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout is not None
        for line in process.stdout:
            if "PostgreSQL" in line:
                break
        process.send_signal(signal.SIGTERM)
        _rest, err = process.communicate()
    assert process.returncode == 130
    assert "Stopped." in err
    assert not postgres_in(out)


def test_a_folder_that_is_not_a_demo_is_refused(naungan: Terminal, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    said = naungan.bare("demo", "--out", str(tmp_path), "--language", "en")
    assert (said.code, "not a demo" in said.err) == (2, True)
    assert naungan.bare("demo", "--cases", "0", "--out", str(tmp_path / "x")).code == 2
    assert naungan.bare("demo", "--cases", "9999999", "--out", str(tmp_path / "x")).code == 2
    assert not (tmp_path / "x").exists()


def test_a_display_that_does_not_answer_is_no_display() -> None:
    assert not has_display(Shell(environ={}))
    assert not has_display(Shell(environ={"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}))
