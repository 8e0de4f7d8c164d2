"""The real program in a process of its own: how soon its window is there, and what it keeps of the laptop's memory.

Warm start: everything was read from the disk before. A window is there when it has been painted once. Memory is that
of the whole process, after five seconds in which nobody did anything: resident (every page of a shared library counted
in full, as the limit means it) and, beside it, Pss (shared pages divided among those who share them). The peer of the
start is an empty window of PySide6. On a screenless platform, and on a real X server where there is an Xvfb.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.context import NewUser, create
from app.demo.sample import load_sample
from app.services.first_run import Beginning
from benchmarks import case_list

Row = tuple[str, str, str, str]
Told = dict[str, dict[str, float]]
PASSWORD, TURNS, FEW = "kereta pagi lewat jembatan", 2, 200
VISIBLE_SECONDS, RESIDENT_MIB = 1.5, 150
EMPTY = """
import json, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pathlib import Path
class Empty(QWidget):
    def paintEvent(self, event):
        QTimer.singleShot(0, self.told)
    def told(self):
        sizes = [line.split() for line in Path("/proc/self/smaps_rollup").read_text().splitlines()]
        memory = {s[0][:-1].lower(): int(s[1]) / 1024 for s in sizes if s[0] in ("Rss:", "Pss:")}
        print(json.dumps({"name": "door", "at": time.monotonic(), **memory}), flush=True)
        app.quit()
app = QApplication([])
empty = Empty()
empty.resize(1366, 768)
empty.show()
app.exec()
"""


def rows() -> list[Row]:
    """Seconds and MiB with their limits, on every platform there is."""
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few", Path(folder) / "many"
        _few(few)
        _many(many)
        found = _on("offscreen", {}, few, many)
        if shutil.which("Xvfb"):
            with _x_server() as display:
                found += _on("X11", {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display}, few, many)
    return found


def _on(platform: str, chosen: dict[str, str], few: Path, many: Path) -> list[Row]:
    environ = {**os.environ, "QT_QPA_PLATFORM": platform, **chosen}
    empty = [_visit([sys.executable, "-c", EMPTY], environ) for _turn in range(TURNS)]
    started: list[float] = []
    found: list[Row] = []
    for name, workspace in ((f"{FEW}", few), (f"{case_list.CASES:,}", many)):
        turns = [_visit([sys.executable, "-m", "benchmarks._window", str(workspace)], environ) for _ in range(TURNS)]
        started += [told["door"]["seconds"] for told in turns]
        found += _memory(f"{platform}, {name} cases", turns)
    bare = min(told["door"]["seconds"] for told in empty)
    return [_start(f"window visible ({platform})", min(started), bare), *found]


def _start(what: str, ours: float, bare: float) -> Row:
    return what, f"{ours:.2f} s", f"{bare:.2f} s empty", f"{ours / bare:.1f} ({ours:.2f} s, limit {VISIBLE_SECONDS} s)"


def _memory(where: str, turns: list[Told]) -> list[Row]:
    """The worst of the turns: a limit is held always or not at all."""
    listed = min(told["listed"]["seconds"] - told["door"]["seconds"] for told in turns)
    found: list[Row] = [(f"password to the list ({where})", f"{listed:.2f} s", "-", "-")]
    for name, what, limit in (
        ("idle", "resident, list shown and idle", f"limit {RESIDENT_MIB} MiB"),
        ("toured", "resident, after every place", "no limit"),
    ):
        rss, pss = (max(told[name][kind] for told in turns) for kind in ("rss", "pss"))
        found.append(
            (f"{what} ({where})", f"{rss:.0f} MiB", f"{pss:.0f} MiB Pss", f"{rss / RESIDENT_MIB:.2f} ({limit})")
        )
    return found


def _visit(command: list[str], environ: dict[str, str]) -> Told:
    """What the process told, each with its seconds since the start of the process; CalledProcessError if it failed."""
    began = time.monotonic()
    done = subprocess.run(
        command, input=PASSWORD + "\n", capture_output=True, text=True, check=True, env=environ, timeout=120
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return {each.pop("name"): {**each, "seconds": each["at"] - began} for each in told}


def _few(directory: Path) -> None:
    who = NewUser("siti", "Siti", "SOCIAL_WORKER", PASSWORD)
    context = create(directory, user=who, beginning=Beginning("UPTD PPA", "UPTD_PPA", "3273"))
    load_sample(context, cases=FEW)
    context.close()


def _many(directory: Path) -> None:
    _desk, workspace = case_list.office(directory)
    case_list.fill(workspace)
    workspace.close()


@contextmanager
def _x_server() -> Iterator[str]:
    """A screen of its own, as large as that of a district laptop."""
    reading, writing = os.pipe()
    words = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1366x768x24", "-nolisten", "tcp"]
    with subprocess.Popen(words, pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as said:
                yield f":{said.readline().strip()}"
        finally:
            server.terminate()
