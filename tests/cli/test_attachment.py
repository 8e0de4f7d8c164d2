"""Attachments from the command line: in, listed, out again; and sealed words that are found and shown."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import INTAKE, Terminal

SCAN = b"%PDF-1.7\n" + b"nadel" * 100


def test_a_scan_goes_in_and_comes_out_again(naungan: Terminal, tmp_path: Path) -> None:
    number = naungan("--json", "case", "new", "--from", "-", text=json.dumps(INTAKE)).json["number"]
    scan, out = tmp_path / "visum dokter.pdf", tmp_path / "out.pdf"
    scan.write_bytes(SCAN)
    added = naungan("--json", "attachment", "add", number, str(scan))
    assert added.code == 0, added.err
    [listed] = naungan("--json", "attachment", "list", number).json
    assert (listed["id"], listed["title"], listed["here"]) == (added.json["id"], "visum dokter.pdf", True)
    assert "visum dokter.pdf" in naungan("attachment", "list", number).out
    assert naungan("attachment", "open", listed["id"], "--out", str(out)).code == 0
    assert out.read_bytes() == SCAN
    assert naungan("attachment", "open", listed["id"], "--out", str(out)).code == 2, "never overwritten"
    assert naungan("--json", "case", "list", "--text", "visum dok").json["total"] == 1
    (tmp_path / "x.pdf").write_bytes(b"MZ no scan")
    assert "JPEG, PNG or PDF" in naungan("attachment", "add", number, str(tmp_path / "x.pdf")).err


def test_what_is_sealed_is_found_and_shown_to_the_cleared(naungan: Terminal) -> None:
    entry = {**INTAKE, "victim": {**INTAKE["victim"], "health": "nadelstich", "disability": ["PHYSICAL"]}}
    number = naungan("--json", "case", "new", "--from", "-", text=json.dumps(entry)).json["number"]
    assert naungan("--json", "case", "list", "--text", "nadelst").json["total"] == 1
    shown = naungan("--json", "case", "show", number).json["parties"][0]["person"]
    assert (shown["health"], shown["disability"]) == ("nadelstich", ["PHYSICAL"])
