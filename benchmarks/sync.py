"""The sync on this machine: bytes and seconds of a first push and pull, of 500 edits, and of nothing to do.

Beside each stands what the same records weigh as JSON, the naive way; docs of the design name public peers.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.central import admin, embedded, serve
from app.central.config import Config, Limits
from app.central.store import Store
from app.models.local import Operation
from app.services import cases, first_run
from app.services.desk import Desk
from app.services.intake import Intake, take
from app.sync.device import SyncSetup
from app.sync.enrol import enrol
from app.sync.http import HttpTransport
from app.sync.loop import run
from app.sync.proof import digest_of_scope
from app.sync.report import SyncReport
from app.vault.workspace import Workspace, create

Row = tuple[str, str, str, str]
CASES, EDITS = 400, 500
PASSWORD = "kereta pagi lewat jembatan"
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
NAMES = ("Siti", "Aminah", "Rukmini", "Dewi", "Lestari", "Ayu", "Wulan", "Sari", "Ningsih", "Ratna")
STORY = "korban bekerja di kapal tanpa upah lalu dokumen disita oleh agen dari kampung asal sejak bulan lalu"
WORDS = STORY.split()


def rows() -> list[Row]:
    """What, ours, beside, ratio."""
    with tempfile.TemporaryDirectory(prefix="naungan-bench-") as place, _centre(Path(place)) as centre:
        first, second = centre("satu"), centre("dua")
        made = [_case(first, n) for n in range(CASES)]
        plain = _plain_json(first, after=0)
        pushed, pulled = _sync(first), _sync(second)
        mark = _last(first)
        chance = random.Random(1)
        for _ in range(EDITS):
            cases.change_case(_desk(first), chance.choice(made), {"transit": " ".join(chance.choices(WORDS, k=3))})
        edits = _plain_json(first, after=mark)
        pushed_edits, pulled_edits, idle = _sync(first), _sync(second), _idle(second)
        return [
            _row(f"push {CASES} cases ({pushed.pushed_operations} operations)", pushed, pushed.bytes_up, plain),
            _row(f"pull them ({sum(pulled.pulled.values())} rows)", pulled, pulled.bytes_down, plain),
            _row(f"push {EDITS} edits", pushed_edits, pushed_edits.bytes_up, edits),
            _row(f"pull {EDITS} edits", pulled_edits, pulled_edits.bytes_down, edits),
            ("nothing to do, proved", f"{idle.bytes_up + idle.bytes_down} B, {idle.requests} exchange", "-", "-"),
            ("digest of a scope, from its rows", _digest_seconds(second), "-", "-"),
        ]


def _row(what: str, report: SyncReport, moved: int, plain: int) -> Row:
    seconds = sum(report.seconds.values())
    return (what, f"{moved / 1000:.1f} KB, {seconds:.2f} s", f"{plain / 1000:.1f} KB as JSON", f"{moved / plain:.2f}")


@contextmanager
def _centre(place: Path) -> Iterator[Callable[[str], Workspace]]:
    """A centre with one office; gives a maker of its laptops."""
    database = embedded.start(place / "pg")
    admin.init(database.url("owner"), place / "centre")
    owner = Store(database.url("owner"))
    admin.add_office(owner, code="A", name="Kantor A", agency_type="UPTD_PPA", region="3273", now=lambda: NOW)
    limits = Limits(requests_per_minute=100_000)
    opened: list[Workspace] = []
    with serve.start(Config(database.url("naungan_app"), place / "centre", lambda: NOW, limits)) as running:

        def laptop(name: str) -> Workspace:
            workspace = _workspace(place / name, name)
            opened.append(workspace)
            code = admin.enrol_code(owner, office_code="A", now=lambda: NOW)
            workspaces[workspace.directory] = running.base_url
            with HttpTransport(running.base_url, workspace.device) as transport:
                enrol(_setup(workspace), transport, code=code, tag=name.upper())
            return workspace

        yield laptop
        for workspace in opened:
            workspace.close()
    owner.close()
    database.stop()


workspaces: dict[Path, str] = {}  # where each laptop's centre is


def _workspace(directory: Path, login: str) -> Workspace:
    workspace = create(directory, login=login, name="Siti Rahma", role="SUPERVISOR", password=PASSWORD, now=lambda: NOW)
    user = _person(workspace)
    beginning = first_run.Beginning("Kantor A", "UPTD_PPA", "3273")
    first_run.begin(workspace.engine, device=workspace.device.id, user=user, beginning=beginning, now=lambda: NOW)
    return workspace


def _person(workspace: Workspace) -> first_run.Person:
    user = workspace.user
    return first_run.Person(user.id, user.login, user.name, user.role)


def _desk(workspace: Workspace) -> Desk:
    actor = first_run.actor_for(workspace.engine, user=_person(workspace), device=workspace.device.id)
    return Desk(workspace.engine, actor, lambda: NOW)


def _setup(workspace: Workspace) -> SyncSetup:
    return SyncSetup(workspace.engine, workspace.device, _desk(workspace).actor, lambda: NOW)


def _case(workspace: Workspace, n: int) -> str:
    chance = random.Random(n)
    story = " ".join(chance.choices(WORDS, k=90))
    victim = {
        "name": " ".join(chance.choices(NAMES, k=3)),
        "sex": "P",
        "birth_date": f"{chance.randint(1980, 2012)}-??-??",
    }
    case = {"channel": "SAPA129", "reporter_type": "FAMILY", "risk": chance.choice(["LOW", "HIGH"]), "summary": story}
    screening = {"process": ["ACT.RECRUIT"], "purpose": ["PURP.PROSTITUTION"], "conclusion": "POSSIBLE"}
    consent = {"purpose": "SHARE", "given_by": "BOTH", "tiers": ["OPEN", "CASE"]}
    return take(_desk(workspace), Intake(case=case, victim=victim, screening=screening, consent=consent)).id


def _sync(workspace: Workspace) -> SyncReport:
    with HttpTransport(workspaces[workspace.directory], workspace.device) as transport:
        return _green(run(_setup(workspace), transport))


def _idle(workspace: Workspace) -> SyncReport:
    """The second of two syncs in one session."""
    with HttpTransport(workspaces[workspace.directory], workspace.device) as transport:
        run(_setup(workspace), transport)
        return _green(run(_setup(workspace), transport))


def _green(report: SyncReport) -> SyncReport:
    if not report.green:
        raise RuntimeError("the sync did not end with a receipt") from report.problem
    return report


def _last(workspace: Workspace) -> int:
    with Session(workspace.engine) as session:
        return max(session.scalars(select(Operation.seq)))


def _plain_json(workspace: Workspace, *, after: int) -> int:
    """What the unsent operations weigh as JSON, one document each."""
    with Session(workspace.engine) as session:
        found = session.scalars(select(Operation).where(Operation.seq > after)).all()
        return sum(len(json.dumps(_document(op)).encode()) for op in found)


def _document(op: Operation) -> dict[str, Any]:
    return {
        "kind": op.kind, "id": op.record, "case": op.case_id, "base": op.base_rev, "actor": op.actor,
        "name": op.actor_name, "at": op.at.isoformat(), "changes": msgspec.msgpack.decode(op.changes),
    }  # fmt: skip


def _digest_seconds(workspace: Workspace) -> str:
    with Session(workspace.engine) as session:
        began = time.perf_counter()
        digest = digest_of_scope(session, _desk(workspace).actor.office)
        took = time.perf_counter() - began
    return f"{took * 1000:.0f} ms for {digest.count} records ({took / max(digest.count, 1) * 1e6:.0f} us each)"
