"""Records as frozen values for screens, commands and reports: ORM objects never leave a service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.i18n import _
from app.models.base import CaseRecord, Record
from app.models.field import fields_of
from app.models.local import Operation


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: its values by field key, who made it, and whether the centre has all of it."""

    kind: str
    id: str
    rev: int
    values: Mapping[str, Any]
    sent: bool = True

    def __getitem__(self, key: str) -> Any:
        return self.values.get(key)

    @property
    def made_at(self) -> datetime | None:
        """When it was entered."""
        return self.values.get("made_at")

    @property
    def made_by(self) -> str:
        """Who entered it."""
        return self.values.get("made_by") or ""


R = TypeVar("R", bound=Record)
C = TypeVar("C", bound=CaseRecord)


def entry_of(record: Record, *, sent: bool = True) -> Entry:
    """The frozen values of a record."""
    values = {f.key: getattr(record, f.key) for f in fields_of(type(record))}
    return Entry(record.kind, record.id, record.rev or 0, MappingProxyType(values), sent)


def get(session: Session, kind: type[R], record_id: str) -> R:
    """The record, or NotFound with a sentence."""
    record = session.get(kind, record_id)
    if record is None:
        raise NotFound(_("This record is not on this laptop. Synchronise, or check the number."))
    return record


def of_case(session: Session, kind: type[C], case_id: str) -> list[C]:
    """All records of one kind in a case, oldest first."""
    return list(session.scalars(select(kind).where(kind.case_id == case_id).order_by(kind.id)))


def unsent(session: Session, case_id: str) -> frozenset[str]:
    """Ids of the records of a case with work the centre has not answered yet."""
    rows = session.scalars(select(Operation.record).where(Operation.case_id == case_id, Operation.result.is_(None)))
    return frozenset(rows)
