"""Whose a case is now: the office that opened it, or the one to which it was handed over since."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.case import Case
from app.models.transfer import Transfer, TransferEvent


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
