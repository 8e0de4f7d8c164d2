"""A province on one laptop: 100,000 cases, 120,000 victims, 600,000 notes and services; beside the naive ways."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import text

from app.services import care, case_list, case_page, duplicates, first_run
from app.services.case_list import CaseQuery
from app.services.desk import Desk
from app.vault.workspace import unlock
from benchmarks.case_list import NOW

Row = tuple[str, str, str, str]
PAGE = 50
WORDS = (
    "nurjanah", "sri nurjanah", "siti safitri", "paspor majikan", "visum", "AAA-77777", "muhammad rizki",
    "sitti saftri", "kafe kota", "soeryani", "pelatihan menjahit lubis",
)  # fmt: skip
TYPED: tuple[dict[str, Any], ...] = (
    {"name": "Sitti Safitri"}, {"name": "Mochamad Rizki Saputra", "birth_date": "1999-05-17"}, {"name": "Ani"},
    {"name": "Soeryani"}, {"name": "Yosep Nainggolan", "sex": "L"}, {"name": "Nur", "phone": "+6281234567890"},
    {"name": "Ahmad Hidayat"}, {"name": "Kartika Wulandari", "village": "Suka Lubis"},
)  # fmt: skip


def rows() -> list[Row]:
    """Ours, the naive way, and the ratio with the limit of the design."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "workspace"
        subprocess.run([sys.executable, "-m", "benchmarks._district", str(place)], check=True)
        with unlock(place, login="siti", password="kereta pagi lewat jembatan", now=lambda: NOW) as workspace:
            user = first_run.Person(workspace.user.id, "siti", "Siti", "SOCIAL_WORKER")
            actor = first_run.actor_for(workspace.engine, user=user, device=workspace.device.id)
            return _measure(Desk(workspace.engine, actor, lambda: NOW))


def _measure(desk: Desk) -> list[Row]:
    keys = case_list.ids(desk, CaseQuery())
    items = case_list.rows(desk, keys[:PAGE])
    starts = Random(5).sample(range(len(keys) - PAGE), 40)
    found = [
        _row("search, while typing", WORDS, lambda word: case_list.ids(desk, CaseQuery(text=word)),
             beside=lambda: _scan(desk), limit=100),
        _row("a page of what was found, with snippets", WORDS,
             lambda word: case_list.rows(desk, case_list.ids(desk, CaseQuery(text=word))[:PAGE], words=word),
             beside=lambda: _scan(desk), limit=100),
        _row("scroll: a page somewhere", starts, lambda at: case_list.rows(desk, keys[at : at + PAGE]),
             beside=lambda: _load_all(desk), limit=50),
        _row("candidates while a name is typed", TYPED, lambda values: duplicates.candidates(desk, values),
             beside=lambda: _compare_all(desk), limit=150),
        _row("a case page", items[:20], lambda item: case_page.open_page(desk, item.id),
             beside=lambda: _load_all(desk), limit=200),
        _row("save a note", items[:20], lambda item: care.add_note(desk, item.id, {"text": "Ditelepon, aman."}),
             beside=lambda: _load_all(desk), limit=200),
        _row("50 persons looked at for the queue", range(5), lambda _n: duplicates.look_further(desk),
             beside=lambda: _compare_all(desk), limit=500),
    ]  # fmt: skip
    return [*found, _memory(desk)]


def _row(what: str, tries: Any, work: Callable[[Any], Any], *, beside: Callable[[], Any], limit: int) -> Row:
    """The median over different things, each done twice, and the slowest; the naive way once."""
    times = sorted(min(_milliseconds(work, one) for _again in range(2)) for one in tries)
    naive = _milliseconds(lambda _one: beside(), None)
    ours = median(times)
    said = f"{ours / naive:.3f} (limit {limit} ms)"
    return what, f"{ours:.1f} ms, at most {times[-1]:.0f}", f"{naive:.0f} ms", said


def _milliseconds(work: Callable[[Any], Any], one: Any) -> float:
    began = perf_counter()
    work(one)
    return 1000 * (perf_counter() - began)


def _memory(desk: Desk) -> Row:
    """What all of the above left with the process, and with every row loaded as well."""
    before = rss()
    held = _load_all(desk)
    after = rss()
    said = f"{before / after:.3f} (limit 300 MiB), {len(held):,} rows"
    return "memory (RSS)", f"{before:.0f} MiB", f"{after:.0f} MiB", said


def rss() -> float:
    """What the process holds in memory now, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def _scan(desk: Desk) -> int:
    """The naive search: LIKE over every text."""
    with desk.read() as session:
        like = "SELECT count(*) FROM case_fts WHERE text LIKE '%nurjanah%' OR names LIKE '%nurjanah%'"
        return int(session.execute(text(like)).scalar_one())


def _load_all(desk: Desk) -> list[case_list.CaseItem]:
    """The naive list: every row as an object, as a model of items wants it."""
    keys = case_list.ids(desk, CaseQuery())
    parts = (case_list.rows(desk, keys[at : at + 1000]) for at in range(0, len(keys), 1000))
    return list(itertools.chain.from_iterable(parts))


def _compare_all(desk: Desk) -> list[Any]:
    """The naive candidates: every name read and compared."""
    with desk.read() as session:
        names = session.execute(text("SELECT name_key FROM person")).scalars().all()
    return process.extract("siti safitri", names, scorer=fuzz.token_sort_ratio, limit=5)
