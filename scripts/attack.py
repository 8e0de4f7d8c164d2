"""`make attack`: every attack and fault test at full size, one table of what was tried and what held.

    python scripts/attack.py [what pytest takes, e.g. -k bit]

A row appears when its test is done; what pytest says meanwhile goes to build/attack.log. Exit 1 unless everything
that was tried was repelled and every test reported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "build" / "attack.log"
LINES = ROOT / "build" / "attack.jsonl"
TRIES_CELL, NAME_CELL = 9, 84


def main(arguments: list[str]) -> int:
    """The exit code."""
    LOG.parent.mkdir(exist_ok=True)
    LINES.write_text("", encoding="utf-8")
    told: list[dict[str, Any]] = []
    print(f"{'test':<{NAME_CELL}} | {'tries':>{TRIES_CELL}} | {'survived':>{TRIES_CELL}} | seconds | positive control")
    for line in _runs(arguments):
        told.append(line)
        print(_row(line), flush=True)
    bad = [line for line in told if not _held(line)]
    tries, held = (sum(line.get(key, 0) for line in told) for key in ("tries", "survived"))
    seconds = sum(line["seconds"] for line in told)
    print(f"{f'{len(told)} tests':<{NAME_CELL}} | {tries:>{TRIES_CELL},} | {held:>{TRIES_CELL},} | {seconds:>7.0f} |")
    if bad or not told:
        print(f"\n{len(bad)} did not hold: see {LOG.relative_to(ROOT)}", file=sys.stderr)
    return 1 if bad or not told else 0


def _runs(arguments: list[str]) -> Iterator[dict[str, Any]]:
    """The tests' lines as they are written."""
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", "-v", "tests", *arguments]
    environment = os.environ | {
        "NAUNGAN_ATTACK": "full", "NAUNGAN_ATTACK_OUT": str(LINES), "QT_QPA_PLATFORM": "offscreen",
    }  # fmt: skip
    with (
        LOG.open("w", encoding="utf-8") as log,
        LINES.open(encoding="utf-8") as lines,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as run,
    ):
        assert run.stdout is not None
        for said in run.stdout:
            log.write(said)
            log.flush()
            yield from map(json.loads, lines)
        yield from map(json.loads, lines)


def _held(line: dict[str, Any]) -> bool:
    return bool(line["outcome"] == "passed" and line.get("tries") and line["tries"] == line["survived"])


def _row(line: dict[str, Any]) -> str:
    name = line["name"].removeprefix("tests/").replace(".py::test_", ": ").replace("_", " ")
    name = name if len(name) <= NAME_CELL else name[: NAME_CELL - 1] + "…"
    tries, held = (f"{line[key]:,}" if key in line else "-" for key in ("tries", "survived"))
    control = line.get("control", line["outcome"].upper())
    if not _held(line):
        control = f"GOT THROUGH: {control}"
    return f"{name:<{NAME_CELL}} | {tries:>{TRIES_CELL}} | {held:>{TRIES_CELL}} | {line['seconds']:>7.1f} | {control}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
