"""Whole intakes as a worker makes them: case, person, party, screening and consent in one save. For information."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.local import Operation
from app.services.intake import Intake, take
from benchmarks.syncing.corpus import Report
from benchmarks.syncing.ours import Laptop, Moment


def enter_intakes(laptop: Laptop, reports: Sequence[Report]) -> int:
    """One intake for each report; returns what their operations weigh as JSON."""
    with Session(laptop.workspace.engine) as session:
        before = max(session.scalars(select(Operation.seq)), default=0)
    for report in reports:
        take(laptop.desk(Moment(report.at), by=report.by), _intake(report))
    with Session(laptop.workspace.engine) as session:
        made = session.scalars(select(Operation).where(Operation.seq > before))
        return sum(len(json.dumps(_plain(one), ensure_ascii=False, separators=(",", ":")).encode()) for one in made)


def _intake(report: Report) -> Intake:
    """The victim is called as the second person of the story; the rest is what every intake has."""
    case = {key: value for key, value in report.values.items() if key != "lead_worker"}
    victim = {"name": report.by, "sex": "P", "birth_date": f"{1975 + report.at.second % 35}-??-??"}
    screening = {"process": ["ACT.RECRUIT"], "purpose": ["PURP.PROSTITUTION"], "conclusion": "POSSIBLE"}
    consent = {"purpose": "SHARE", "given_by": "BOTH", "tiers": ["OPEN", "CASE"]}
    return Intake(case=case, victim=victim, screening=screening, consent=consent)


def _plain(one: Operation) -> dict[str, object]:
    changes = msgspec.msgpack.decode(one.changes)
    return {"kind": one.kind, "id": one.record, "case": one.case_id, "at": one.at.isoformat(), "changes": changes}
