"""Whose a case is now: the office that opened it, or the one to which it was handed over since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.case import Case
from app.models.transfer import Transfer, TransferEvent

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def holders_among(case: Any, transfers: Iterable[Any], events: Iterable[Any]) -> tuple[str | None, ...]:
    """The offices whose this case was, one after the other, from records that were read already; the last has it."""
    moved = {
        event.transfer_id: (event.at or _LONG_AGO, event.id)
        for event in events if event.step == "MOVED" and event.made_office is None
    }  # fmt: skip
    moves = sorted((one for one in transfers if one.id in moved), key=lambda one: moved[one.id])
    return (case.made_office, *(one.to_office for one in moves))


def moves_of(session: Session, case_id: str) -> tuple[Transfer, ...]:
    """The transfers by which a case went on, the last one last. What the centre said of them counts."""
    query = (
        select(Transfer)
        .join(TransferEvent, TransferEvent.transfer_id == Transfer.id)
        .where(Transfer.case_id == case_id, TransferEvent.step == "MOVED", TransferEvent.made_office.is_(None))
        .order_by(TransferEvent.at, TransferEvent.id)
    )
    with session.no_autoflush:
        return tuple(session.scalars(query))


def holder_of(session: Session, case: Case) -> str | None:
    """The office whose case this is today."""
    moves = moves_of(session, case.id)
    return moves[-1].to_office if moves else case.made_office


def heirs_of(session: Session, case_id: str | None) -> frozenset[str]:
    """The offices to which a case was handed over: they go on with the referrals that stand."""
    return frozenset(move.to_office for move in moves_of(session, case_id or "") if move.to_office)
