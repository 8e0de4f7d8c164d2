"""A workspace of a whole province: 100,000 cases, 120,000 victims, 600,000 notes and services, with their records.

The derived rows are made by the program itself, as after a first sync.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.demo.people import SECOND, STREETS, invented_name
from app.models import case_index, person_index
from app.models.base import Record
from app.models.case import Case
from app.models.ids import new_id
from app.models.journal import Changes, Journal
from app.models.names import name_key
from app.models.person import Party, Person
from app.models.service import Note, Service
from app.services.desk import Desk
from benchmarks.case_list import NOW, office

CASES, VICTIMS, ENTRIES = 100_000, 120_000, 600_000
_CHUNK = 500
_PHRASES = (
    "Datang bersama ibunya dan bercerita tentang perekrut", "Dijanjikan kerja di kafe lalu dibawa ke luar kota",
    "Tidak dibayar selama tiga bulan", "Paspor ditahan oleh majikan", "Sudah dihubungi lewat telepon dan aman",
    "Diantar ke rumah sakit untuk visum", "Menunggu jawaban dari kepolisian", "Ingin pulang ke kampung",
    "Takut kepada perekrut yang masih tinggal di desa", "Mengikuti pelatihan menjahit",
)  # fmt: skip
_VILLAGES = [f"{first} {second}" for first in ("Suka", "Karang", "Sumber", "Banjar") for second in SECOND[:40]]
Rows = dict[type[Record], list[dict[str, Any]]]


def fill(desk: Desk, *, cases: int = CASES) -> None:
    """Write it, a handful of cases per transaction."""
    random = Random(7)
    for start in range(0, cases, _CHUNK):
        rows: Rows = {kind: [] for kind in (Case, Person, Party, Note, Service)}
        for n in range(start, min(start + _CHUNK, cases)):
            for kind, row in _case(random, n, office=desk.actor.office):
                rows[kind].append(row)
        with Session(desk.engine) as session:
            session.info["journal"] = Journal(desk.actor, desk.now, applying=True)
            for kind, some in rows.items():
                session.execute(insert(kind), some)
            people = frozenset(row["id"] for row in rows[Person])
            person_index.refresh(session, Changes(frozenset({"person"}), people))
            case_index.refresh(session, [row["id"] for row in rows[Case]])
            session.commit()


def _case(random: Random, n: int, *, office: str) -> Iterator[tuple[type[Record], dict[str, Any]]]:
    case_id = new_id()
    day = NOW - timedelta(days=random.randint(0, 1800))
    made = {"made_at": day, "made_by": "Siti Rahma", "made_office": office, "rev": 0}
    closed = day + timedelta(days=30) if random.random() < 0.4 else None
    yield Case, made | {
        "id": case_id, "number": f"3273-26-AAA-{n:05}", "reported_at": day, "channel": "WALKIN",
        "risk": random.choice(("HIGH", "MEDIUM", "LOW")), "summary": random.choice(_PHRASES), "exploitation": (),
        "lead_worker": "Siti Rahma", "closed_at": closed,
    }  # fmt: skip
    for _victim in range(2 if n % 5 == 0 else 1):
        person_id = new_id()
        yield Person, made | _person(random, person_id)
        yield Party, made | {"id": new_id(), "case_id": case_id, "person_id": person_id, "role": "VICTIM"}
    for entry in range(6):
        yield _entry(random, case_id, made=made, note=entry < 4)


def _person(random: Random, person_id: str) -> dict[str, Any]:
    sex = random.choice("PPPL")
    name = invented_name(random, sex)
    born = NOW.date() - timedelta(days=random.randint(8 * 365, 60 * 365))
    return {
        "id": person_id, "name": name, "name_key": name_key(name), "sex": sex, "birth_date": born.isoformat(),
        "village": random.choice(_VILLAGES), "region": "3273", "nationality": "ID",
        "phone": f"+628{random.randint(10**9, 10**10 - 1)}", "address": f"Jl. {random.choice(STREETS)}",
        "nik": f"{random.randint(10**15, 10**16 - 1)}",
    }  # fmt: skip


def _entry(random: Random, case_id: str, *, made: dict[str, Any], note: bool) -> tuple[type[Record], dict[str, Any]]:
    at = made["made_at"] + timedelta(days=random.randint(0, 60))
    own = made | {"id": new_id(), "case_id": case_id, "made_at": at}
    if note:
        words = ". ".join(random.sample(_PHRASES, 2)) + f" {random.choice(SECOND)}."
        return Note, own | {"note_kind": "VISIT", "text": words, "at": at}
    state = random.choice(("DONE", "DONE", "PLANNED"))
    due = (NOW.date() + timedelta(days=random.randint(-60, 60))).isoformat() if state == "PLANNED" else None
    return Service, own | {"service_type": "P.COUNSEL", "state": state, "due": due}


if __name__ == "__main__":  # in a process of its own: what making it takes is no part of what is measured
    desk, workspace = office(Path(sys.argv[1]))
    fill(desk)
    workspace.close()
