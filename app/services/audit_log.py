"""The audit of this device: who did what and when, and whether the chain is whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.i18n import _
from app.models.journal import chain_hash
from app.models.local import AuditEntry
from app.models.permission import Permission
from app.services.desk import Desk


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One link, readable. Field names, never values."""

    seq: int
    at: datetime
    actor: str
    action: str
    kind: str
    record: str
    fields: tuple[str, ...]


def lines(desk: Desk, *, limit: int = 500) -> tuple[AuditLine, ...]:
    """The latest links, newest first."""
    with desk.read(Permission.READ_AUDIT) as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit))
        return tuple(
            AuditLine(e.seq, e.at, e.actor, e.action, e.kind, e.record, tuple(f for f in e.fields.split(",") if f))
            for e in found
        )


def verify(desk: Desk) -> tuple[str, ...]:
    """What is wrong with the chain, in words; nothing if every link follows from the one before."""
    before, expected = bytes(32), 1
    with desk.read(Permission.BACK_UP) as session:
        for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq).execution_options(yield_per=1000)):
            if entry.seq != expected:
                return (_("Audit entry {n} is missing.").format(n=expected),)
            if chain_hash(before, entry) != entry.h:
                return (_("Audit entry {n} was altered.").format(n=entry.seq),)
            before, expected = entry.h, expected + 1
    return ()
