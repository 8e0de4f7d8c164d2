"""One saved note with journal and audit in its transaction, beside the bare insert of the same row in the same file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.models.all import Note
from app.models.ids import new_id
from app.models.journal import Journal
from app.services import care, cases
from app.services.desk import Desk
from app.vault.workspace import Workspace
from benchmarks.case_list import NOW, office

Row = tuple[str, str, str, str]
ROUNDS, EACH = 8, 40
TEXT = "Kunjungan rumah bersama kader. Keluarga menerima dengan baik, korban mulai membantu usaha ibunya."
REPORT = {"channel": "PHONE", "risk": "LOW"}


def rows() -> list[Row]:
    """Taken in turns, so that a busy machine disturbs all alike; the medians of the turns."""
    with tempfile.TemporaryDirectory() as folder:
        desk, workspace = office(Path(folder) / "workspace")
        try:
            return _measure(desk, workspace)
        finally:
            workspace.close()


def _measure(desk: Desk, workspace: Workspace) -> list[Row]:
    some = iter([cases.open_case(desk, REPORT).id for _ in range(ROUNDS * EACH + EACH)])
    case = next(some)
    numbers = count()
    works: dict[str, Callable[[], Any]] = {
        "bare": lambda: _bare(workspace, case, next(numbers)),
        "objects": lambda: _objects(workspace, case, journal=None),
        "journal": lambda: _objects(workspace, case, journal=Journal(desk.actor, desk.now)),
        "service": lambda: care.add_note(desk, next(some), {"note_kind": "VISIT", "text": TEXT}),
    }
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _round in range(ROUNDS):
        for name, work in works.items():
            began = perf_counter()
            for _n in range(EACH):
                work()
            taken[name].append(1000 * (perf_counter() - began) / EACH)
    each = {name: median(times) for name, times in taken.items()}
    return [
        _row("a note with journal and audit", each["journal"], each["bare"], limit=2.5),
        _row("the same beside SQLAlchemy objects without them", each["journal"], each["objects"]),
        _row("the same as a worker's save: checked, list row, search text", each["service"], each["bare"]),
    ]


def _row(what: str, ours: float, peer: float, *, limit: float = 0) -> Row:
    wanted = f" (<= {limit:g}){'' if ours <= limit * peer else ' MISSED'}" if limit else ""
    return what, f"{ours:.2f} ms", f"{peer:.2f} ms", f"{ours / peer:.2f}{wanted}"


def _bare(workspace: Workspace, case: str, number: int) -> None:
    values = {
        "id": new_id(), "rev": 0, "case_id": case, "note_kind": "VISIT", "at": NOW, "text": f"{TEXT} {number}",
        "made_at": NOW, "made_by": "Siti", "made_office": case,
    }  # fmt: skip
    with workspace.engine.begin() as connection:
        connection.execute(insert(Note), values)


def _objects(workspace: Workspace, case: str, *, journal: Journal | None) -> None:
    with Session(workspace.engine) as session:
        if journal is not None:
            session.info["journal"] = journal
        session.add(Note(case_id=case, note_kind="VISIT", at=NOW, text=TEXT))
        session.commit()
