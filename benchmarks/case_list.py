"""The list of 100,000 cases: opened, scrolled, searched; beside loading every row, as a list without pages does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.demo.people import invented_name
from app.models.case_index import CaseRow
from app.models.names import initials, name_key
from app.services import case_list, first_run
from app.services.case_list import CaseQuery
from app.services.desk import Desk
from app.vault.workspace import Workspace, create

Row = tuple[str, str, str, str]
CASES, PAGE, RUNS = 100_000, 50, 9
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
STATUS = ("REPORTED", "SCREENED", "IN_SERVICE", "IN_SERVICE", "CLOSED", "CLOSED", "CLOSED")


def rows() -> list[Row]:
    """Ours, the naive way, and the ratio with the limit of the design in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        desk, workspace = office(Path(folder) / "workspace")
        try:
            fill(workspace)
            return _measure(desk)
        finally:
            workspace.close()


def _measure(desk: Desk) -> list[Row]:
    keys = case_list.ids(desk, CaseQuery())
    naive = _milliseconds(lambda: _load_all(desk))
    scan = _milliseconds(lambda: _scan(desk, "%nurjanah%"))
    pages = iter(range(0, CASES, CASES // 40))

    def page() -> None:
        start = next(pages)
        case_list.rows(desk, keys[start : start + PAGE])

    return [
        _row(f"open: all {CASES:,} ids in order", lambda: case_list.ids(desk, CaseQuery()), naive, limit=1000),
        _row("open: first page of 50", lambda: case_list.rows(desk, keys[:PAGE]), naive, limit=50),
        _row("scroll: a page somewhere", page, naive, limit=50),
        _row("counters of Home", lambda: case_list.counts(desk), naive, limit=1000),
        _row("search 'nurja' (common)", lambda: case_list.ids(desk, CaseQuery(text="nurja")), scan, limit=100),
        _row("search 'sri nurjanah'", lambda: case_list.ids(desk, CaseQuery(text="sri nurjanah")), scan, limit=100),
        _row("search for one number", lambda: case_list.ids(desk, CaseQuery(text="AAA-77777")), scan, limit=100),
        _row("filter: high risk and overdue", lambda: case_list.ids(desk, CaseQuery(risk="HIGH", overdue=True)), naive,
             limit=1000),
    ]  # fmt: skip


def _row(what: str, work: Callable[[], Any], peer: float, *, limit: float) -> Row:
    ours = _milliseconds(work)
    return what, f"{ours:.1f} ms", f"{peer:.0f} ms", f"{ours / peer:.3f} (limit {limit:.0f} ms)"


def _milliseconds(work: Callable[[], Any]) -> float:
    taken = []
    for _run in range(RUNS):
        began = perf_counter()
        work()
        taken.append(1000 * (perf_counter() - began))
    return median(taken)


def _load_all(desk: Desk) -> int:
    """The naive way to open a list: every row as an object."""
    with desk.read() as session:
        return len(session.scalars(select(CaseRow)).all())


def _scan(desk: Desk, pattern: str) -> int:
    """The naive way to search: LIKE over every text."""
    with desk.read() as session:
        return len(session.execute(text("SELECT rowid FROM case_fts WHERE text LIKE :p"), {"p": pattern}).all())


def office(directory: Path) -> tuple[Desk, Workspace]:
    """The desk of a fresh workspace, at the product's own cost of a key slot."""
    who = {"login": "siti", "name": "Siti", "role": "SOCIAL_WORKER"}
    workspace = create(directory, **who, password="kereta pagi lewat jembatan", now=lambda: NOW)
    user = first_run.Person(workspace.user.id, "siti", "Siti", "SOCIAL_WORKER")
    beginning = first_run.Beginning("UPTD PPA", "UPTD_PPA", "3273")
    first_run.begin(workspace.engine, device=workspace.device.id, user=user, beginning=beginning, now=lambda: NOW)
    actor = first_run.actor_for(workspace.engine, user=user, device=workspace.device.id)
    return Desk(workspace.engine, actor, lambda: NOW), workspace


def fill(workspace: Workspace) -> None:
    """A hundred thousand rows in the list and its search index, without the records behind them."""
    random = Random(7)
    listed, words = [], []
    for n in range(1, CASES + 1):
        sex = random.choice("PPPL")
        name = invented_name(random, sex)
        number, risk = f"3273-26-AAA-{n:05}", random.choice(("HIGH", "MEDIUM", "LOW"))
        day = random.randint(1, 28)
        listed.append({
            "n": n, "case_id": f"{n:032x}", "number": number, "victims": f"{initials(name)}|{sex}|31",
            "victim_count": 1, "child": False, "risk": risk, "risk_order": ("HIGH", "MEDIUM", "LOW").index(risk),
            "status": random.choice(STATUS), "exploitation": "", "next_kind": "service", "next_code": "P.COUNSEL",
            "due": f"2026-{random.randint(10, 12)}-{day:02}", "lead": "Siti Rahma", "office": "",
            "reported_at": NOW, "last_at": NOW,
        })  # fmt: skip
        words.append({"n": n, "t": f"{number}\n{name}\n{name_key(name)}"})
    with Session(workspace.engine) as session:
        session.execute(insert(CaseRow), listed)
        session.execute(text("INSERT INTO case_fts(rowid, text) VALUES (:n, :t)"), words)
        session.commit()
