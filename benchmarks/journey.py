"""The demo with 200 cases, from an empty folder to the answer: a program of its own, as a stranger starts it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

Row = tuple[str, str, str, str]
CASES, TARGET = 200, 60.0


def rows() -> list[Row]:
    """The whole, then step by step; there is no peer, the limit stands in its place."""
    folder = Path(tempfile.mkdtemp(prefix="naungan-bench-"))
    try:
        command = [sys.executable, "-m", "app", "demo", "--cases", str(CASES), "--out", str(folder / "demo")]
        began = perf_counter()
        subprocess.run([*command, "--no-screens"], check=True, stdout=subprocess.DEVNULL)
        took = perf_counter() - began
        summary = json.loads((folder / "demo" / "summary.json").read_text(encoding="utf-8"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    whole = (f"demo journey, {CASES} cases", f"{took:.1f} s", f"target {TARGET:.0f} s", f"{took / TARGET:.2f} (<= 1)")
    steps = [
        (f"  {name}", f"{seconds:.1f} s", "", "") for name, seconds in summary["seconds"].items() if name != "total"
    ]
    return [whole, *steps]
