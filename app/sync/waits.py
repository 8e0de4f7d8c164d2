"""What a held entry waits for, by name, and who else was refused for the same reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.base import KINDS, Record
from app.models.case import Case
from app.models.local import Operation
from app.sync.pending import STANDING, changes_of

_NAMED = (("subject", ""), ("referral_id", "referral"), ("case_id", "case"))  # what a change points to, and its kind


@dataclass(frozen=True, slots=True)
class Awaited:
    """A record the centre has not got: its kind, and the number of its case; '' where it has none here."""

    kind: str
    case_number: str
    here: bool  # this laptop has it, and will send or has sent it


def awaited(session: Session, seq: int) -> Awaited | None:
    """The record this entry waits for, as far as it can be told from here; None if the entry is gone."""
    op = session.get(Operation, seq)
    if op is None:
        return None
    changes = changes_of(op)
    for key, kind in _NAMED:
        named, kind = changes.get(key), kind or str(changes.get("subject_kind") or "")
        record = _find(session, kind, named)
        if named and (record is None or not record.rev):
            return Awaited(kind, _number(session, record, named if kind == "case" else op.case_id), record is not None)
    return Awaited(op.kind, _number(session, None, op.case_id), _find(session, op.kind, op.record) is not None)


def alike(session: Session, code: str) -> int:
    """How many entries stand for one reason."""
    query = select(func.count()).where(
        Operation.result.in_(STANDING), Operation.settled.is_(False), Operation.result_code == code
    )
    return session.scalar(query) or 0


def _find(session: Session, kind: str, record: Any) -> Record | None:
    record_class = KINDS.get(kind)
    return session.get(record_class, record) if record_class and isinstance(record, str) else None


def _number(session: Session, record: Record | None, case_id: Any) -> str:
    found = getattr(record, "case_id", None) or case_id
    case = session.get(Case, found) if isinstance(found, str) else None
    return (case.number or "") if case is not None else ""
