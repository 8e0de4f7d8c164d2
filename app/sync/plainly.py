"""Rows on which no local work stands, put straight into their tables; what that would lose takes the longer way."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.models.base import KINDS, CaseRecord
from app.models.ids import chunks
from app.models.journal import Journal
from app.models.local import Shadow
from app.sync.tables import Stored, by_id, columns_of, renumber, write
from app.wire.messages import FeedRow


def take_plainly(session: Session, rows: Sequence[FeedRow], *, scope: str) -> list[FeedRow]:
    """Take what the tables can hold exactly; returns the other rows. Nothing of the records may be loaded yet."""
    by_kind: dict[str, list[FeedRow]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    others: list[FeedRow] = []
    for kind, some in by_kind.items():
        others += _take_kind(session, kind, some, scope=scope) if kind in KINDS else some
    return others


def _take_kind(session: Session, kind: str, rows: Sequence[FeedRow], *, scope: str) -> list[FeedRow]:
    there = by_id(session, kind, [row.record.hex() for row in rows])
    wanted, renumbered, others = [], [], []
    for row in rows:
        columns = columns_of(kind, row.content)
        if columns is None:
            others.append(row)
            continue
        record = Stored(kind, row.record.hex(), row.rev, scope, row.content)
        before = there.get(record.record)
        if before is not None and before.content == record.content:
            renumbered.append(record)
        else:
            wanted.append((record, columns))
        _touch(session, record, before=before)
    write(session, kind, wanted)
    renumber(session, kind, renumbered)
    for ids in chunks([record.record for record in renumbered] + [record.record for record, _columns in wanted]):
        session.execute(delete(Shadow).where(Shadow.record.in_(ids)), execution_options={"synchronize_session": False})
    return others


def _touch(session: Session, record: Stored, *, before: Stored | None) -> None:
    same = before is not None and before.content == record.content
    # the place of an event among the events may change the state of the referral
    moved = record.kind == "referral_event" and before is not None and before.rev != record.rev
    if same and not moved:
        return
    journal: Journal = session.info["journal"]
    journal.touch(record.kind, record.record, _case_of(record))


def _case_of(record: Stored) -> str | None:
    if record.kind == "case":
        return record.record
    return record.content.get("case_id") if issubclass(KINDS[record.kind], CaseRecord) else None
