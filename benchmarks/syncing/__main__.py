"""`make bench-sync`: every peer through every work, one table."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from benchmarks import storm
from benchmarks.syncing import kinto, missed, pouchdb, table
from benchmarks.syncing.legs import Results
from benchmarks.syncing.processes import ROOT
from benchmarks.syncing.runs import Kinto, Ours, PouchDB, Run, Size

QUICK = Size(1_000, 100, 30.0, 4.0, 100, ("far", "cut 64 KB", "cut 8 KB"), (26, 257))
PAGE = ROOT / "docs" / "benchmarks-sync.md"
_ABOUT = """# The sync beside public peers

What `make bench-sync` measured, on {machine}. How it is measured, and what is not, stands in
[benchmarks/README.md](../benchmarks/README.md).

The corpus: {cases:,} reports, {json:.1f} MB as JSON, of which {floor:.2f} MB are information; {edits} edits with
{edited:.1f} KB of information. Each way on a far link had {limit:.0f} seconds.

"""


def main(words: Sequence[str]) -> int:
    """Measure and print; 1 if something of it could not be measured."""
    wanted = _wanted(words)
    size = QUICK if wanted.quick else Size()
    began = time.perf_counter()
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="naungan-bench-") as folder:
        runs = _runs(Path(folder), size, wanted.only)
        try:
            for run in runs:
                _attempt(f"{run.name} on a good link", run.alone, failed)
            jobs = [(run.name, job) for run in runs if f"{run.name} on a good link" not in failed for job in run.jobs()]
            with ThreadPoolExecutor(max(1, len(jobs))) as pool:
                list(pool.map(lambda named: _attempt(f"{named[0]} on a far link", named[1], failed), jobs))
        finally:
            for run in runs:
                run.close()
        _missed(runs, Path(folder), size, failed)
    found = _found(runs)
    lines = table.rows(found, size)
    if not wanted.no_storm:
        _attempt("the storm", lambda: lines.extend(_storm(size)), failed)
    print(table.printed(lines))
    print(f"\n{(time.perf_counter() - began) / 60:.1f} minutes" + (f"; failed: {', '.join(failed)}" if failed else ""))
    if wanted.write:
        PAGE.write_text(_about(size) + table.markdown(lines), encoding="utf-8")
    return int(bool(failed))


def _wanted(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.syncing", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of it, in about three minutes")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)} as well")
    parser.add_argument("--no-storm", action="store_true", help="leave out the storm")
    parser.add_argument("--only", nargs="*", choices=table.PEERS, default=table.PEERS, help="these peers alone")
    return parser.parse_args(words)


def _runs(folder: Path, size: Size, only: Sequence[str]) -> list[Run]:
    """Those that can run here."""
    present = {"PouchDB": shutil.which("node") and pouchdb.INSTALLED.is_dir(), "Kinto": kinto.COMMAND.is_file()}
    kinds: dict[str, Callable[[Path, Size], Run]] = {"PouchDB": PouchDB, "Kinto": Kinto, "ours": Ours}
    return [kinds[name](folder, size) for name in only if present.get(name, True)]


def _found(runs: Sequence[Run]) -> table.Found:
    found = {name: Results(name, missing="not installed") for name in table.PEERS}
    found |= {run.name: run.results for run in runs}
    pouch, kinto_version = pouchdb.versions(), kinto.locked_version()
    found["PouchDB"].versions = f"PouchDB {pouch['pouchdb']} on LevelDB, express-pouchdb {pouch['express-pouchdb']}"
    found["Kinto"].versions = f"Kinto {kinto_version} on PostgreSQL, client in memory"
    found["ours"].versions = f"Naungan {version('naungan')}, SQLCipher and PostgreSQL"
    return found


def _missed(runs: Sequence[Run], folder: Path, size: Size, failed: list[str]) -> None:
    works: dict[str, Callable[[Path, float], str]] = {"Kinto": missed.of_kinto, "ours": missed.of_ours}
    for run in runs:
        if run.name in works:
            place = folder / f"missed-{run.name}"
            place.mkdir()

            def work(run: Run = run, place: Path = place) -> None:
                run.results.facts["missed"] = works[run.name](place, size.writing)

            _attempt(f"{run.name} with eight writers", work, failed)


def _storm(size: Size) -> list[table.Row]:
    return [(f"storm, {what}", "-", "-", mine, beside, ratio) for what, mine, beside, ratio in storm.rows(size.storms)]


def _attempt(what: str, work: Callable[[], object], failed: list[str]) -> None:
    began = time.perf_counter()
    try:
        work()
    except Exception:
        traceback.print_exc()
        failed.append(what)
    print(f"{what}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)


def _about(size: Size) -> str:
    machine = f"{os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}"
    edits, floor = size.corpus.edits(0, count=size.edits)
    return _ABOUT.format(
        machine=machine, cases=size.cases, json=size.corpus.json_bytes() / 1e6, floor=size.corpus.floor / 1e6,
        edits=len(edits), edited=floor / 1e3, limit=size.limit,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
