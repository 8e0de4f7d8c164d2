"""Programs beside the measurement: started, spoken to in lines of JSON, stopped; and what their work cost in CPU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "peers"
_END_SECONDS = 15


class Program:
    """A running program that answers each line with a line; it ends with its input."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def line(self) -> str:
        """The next line it says. RuntimeError if it ended instead."""
        assert self._process.stdout
        if not (text := self._process.stdout.readline()):
            raise RuntimeError(f"{self._process.args!r} ended")
        return text.strip()

    def ask(self, **words: Any) -> dict[str, Any]:
        """A command and its answer. RuntimeError if it failed."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.line())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def stop(self) -> None:
        """End it, by force if it does not follow."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def program(*command: str | Path, folder: Path = ROOT) -> Iterator[Program]:
    """Start it in a folder; what it says besides its answers is dropped."""
    with subprocess.Popen(
        [str(word) for word in command], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=None if os.environ.get("BENCH_TALKS") else subprocess.DEVNULL, text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        running = Program(process)
        try:
            yield running
        finally:
            running.stop()


def module(name: str, *arguments: str | Path) -> list[str | Path]:
    """The command that runs a module of ours."""
    return [sys.executable, "-m", name, *arguments]


def cpu_seconds(pids: Sequence[int]) -> float:
    """What these processes and all below them have used so far; 0 where the system does not tell."""
    stats = dict(_stats())
    wanted, used = set(pids), 0.0
    grown = True
    while grown:
        more = {pid for pid, (parent, _cpu) in stats.items() if parent in wanted} - wanted
        wanted |= more
        grown = bool(more)
    for pid in wanted & stats.keys():
        used += stats[pid][1]
    return used


def _stats() -> Iterator[tuple[int, tuple[int, float]]]:
    """pid -> (parent, CPU seconds, those of its ended children included)."""
    if not sys.platform.startswith("linux"):
        return
    tick = os.sysconf("SC_CLK_TCK")
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended meanwhile
            yield int(entry.name), (int(fields[1]), sum(map(int, fields[11:15])) / tick)
