"""A register of 10,000 rows: read, checked and taken in at once; beside one unit of work for each row."""

from __future__ import annotations

import csv
import resource
import tempfile
from pathlib import Path
from random import Random
from time import perf_counter

from app.demo.people import STREETS, invented_name
from app.services.desk import Desk
from app.services.import_plan import ColumnMap, Plan, headings, prepare, suggest
from app.services.imports import Source, take_in
from app.services.spreadsheet import Book
from benchmarks.case_list import office
from benchmarks.district import rss

Row = tuple[str, str, str, str]
ROWS, SAMPLE, LIMIT = 10_000, 300, 60
_HEADS = ("No", "Tgl lapor", "Saluran", "Risiko", "Nama Korban", "JK", "Umur", "NIK", "Alamat", "Catatan")


def rows() -> list[Row]:
    """Ours, the naive way on a sample and scaled to all rows, and the ratio with the limit of the design."""
    with tempfile.TemporaryDirectory() as folder:
        file = register(Path(folder) / "register.csv", count=ROWS)
        desk, workspace = office(Path(folder) / "naive")
        try:
            naive = _one_by_one(desk, _plan(desk, file, count=SAMPLE)) * ROWS / SAMPLE
        finally:
            workspace.close()
        desk, workspace = office(Path(folder) / "ours")
        try:
            return _measure(desk, file, naive=naive)
        finally:
            workspace.close()


def register(path: Path, *, count: int) -> Path:
    """A register as an office keeps one: every row is good, and nobody stands in it twice by NIK."""
    random = Random(7)
    with path.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(_HEADS)
        for n in range(1, count + 1):
            sex, month = random.choice("LPPP"), random.randint(1, 12)
            nik = f"327301{random.randint(1, 28) + (40 if sex == 'P' else 0):02}{month:02}90{n:04}"
            table.writerow((
                n, f"{random.randint(1, 28)}/{month}/2024", "Datang langsung", random.choice(("Tinggi", "Sedang")),
                invented_name(random, sex), sex, random.randint(12, 50), nik if n < 10_000 else "",
                random.choice(STREETS), "Dijanjikan kerja di kafe lalu dibawa ke luar kota.",
            ))  # fmt: skip
    return path


def _measure(desk: Desk, file: Path, *, naive: float) -> list[Row]:
    before, began = rss(), perf_counter()
    plan = _plan(desk, file)
    checked, between = perf_counter() - began, perf_counter()
    take_in(desk, plan, source=Source(file.name, file.stem), decided={}, progress=_unheard)
    taken = perf_counter() - between
    after, most = rss(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if len(plan.good) != ROWS:
        raise AssertionError(f"{ROWS - len(plan.good)} rows were refused")
    beside = f"{naive:.0f} s, one unit of work per row ({SAMPLE} rows, scaled)"
    whole = f"{(checked + taken) / (checked + naive):.3f} (limit {LIMIT} s)"
    return [
        (f"dry run of {ROWS:,} rows", f"{checked:.1f} s", "-", "-"),
        (f"{ROWS:,} rows taken in", f"{taken:.1f} s", beside, f"{taken / naive:.3f}"),
        ("both", f"{checked + taken:.1f} s", f"{checked + naive:.0f} s", whole),
        ("memory (RSS): before, after, most", f"{before:.0f}, {after:.0f}, {most:.0f} MiB", "-", "-"),
    ]


def _plan(desk: Desk, file: Path, *, count: int = ROWS) -> Plan:
    book = Book(file)
    sheet = book.read(book.sheets[0])
    at = sheet.heading()
    mapping: ColumnMap = suggest(desk, headings(sheet, at))
    plan = prepare(desk, sheet, mapping, heading=at, progress=_unheard)
    return Plan(plan.rows[:count], plan.unknown)


def _one_by_one(desk: Desk, plan: Plan) -> float:
    """The naive way: each row saved by itself, as if somebody typed it in."""
    began = perf_counter()
    for row in plan.good:
        take_in(desk, Plan((row,), {}), source=Source("register.csv", "register"), decided={}, progress=_unheard)
    return perf_counter() - began


def _unheard(_done: int, _total: int) -> None:
    """Nobody looks at the progress."""
