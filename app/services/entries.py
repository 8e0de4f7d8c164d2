"""Records as frozen values for screens, commands and reports: ORM objects never leave a service."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.i18n import _
from app.models.base import KINDS, CaseRecord, Record
from app.models.conflict import Conflict
from app.models.content import from_plain, to_wire
from app.models.field import Field, field_map, fields_of, sealed_fields
from app.models.journal import subject_of
from app.models.keyring import OF_CASE, OF_PERSON
from app.models.local import Operation
from app.models.sealed import HIDDEN

Place = tuple[str, str, str]  # kind, record id, field key
Opens = Callable[[Place, Any, tuple[str, str]], Any]  # (place, wire value, whose key) -> plain wire value, or HIDDEN


def hidden(_place: Place, value: Any, _subject: tuple[str, str]) -> Any:
    """What somebody who is not cleared reads of a sealed value."""
    return None if value is None else HIDDEN


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


def entry_of(record: Record, *, sent: bool = True, opens: Opens = hidden) -> Entry:
    """The frozen values of a record; a sealed one that `opens` does not open is HIDDEN."""
    values = {f.key: getattr(record, f.key) for f in fields_of(type(record))}
    for field in sealed_fields(type(record)):
        values[field.key] = opened(record, field, opens)
    if isinstance(record, Conflict):
        values |= {key: _side(record, getattr(record, key), opens) for key in ("kept", "other")}
    return Entry(record.kind, record.id, record.rev or 0, MappingProxyType(values), sent)


def opened(record: Record, field: Field, opens: Opens) -> Any:
    """The plain value of one sealed field, or HIDDEN."""
    told = to_wire(field, getattr(record, field.key))
    if told is None:
        return from_plain(field, None)
    plain = opens((record.kind, record.id, field.key), told, subject_of(record))
    try:
        return HIDDEN if plain is HIDDEN else from_plain(field, plain)
    except ValueError:  # sealed by somebody whose field has another shape
        return HIDDEN


def readable(case_id: str, key: tuple[str, str], content: Mapping[str, Any], opens: Opens) -> dict[str, Any]:
    """A content with its sealed values opened; what does not open is left out, so that no paper can show it.

    A conflict over a sealed field loses both sides: a paper never printed them.
    """
    kind, record_id = key
    if kind == Conflict.kind:
        about = KINDS.get(str(content.get("about_kind")))
        field = field_map(about).get(str(content.get("about_field"))) if about else None
        gone = {"kept", "other"} if field is not None and field.sealed else set()
        return {key: value for key, value in content.items() if key not in gone}
    subject = (OF_PERSON, record_id) if kind == OF_PERSON else (OF_CASE, case_id)
    plain = dict(content)
    for field in sealed_fields(KINDS[kind]):
        if field.key in plain:
            plain[field.key] = opens((kind, record_id, field.key), plain[field.key], subject)
    return {key: value for key, value in plain.items() if value is not HIDDEN}


def _side(conflict: Conflict, told: str | None, opens: Opens) -> Any:
    """One side of a conflict, JSON of a wire value: opened if the field it is about is sealed."""
    about = KINDS.get(conflict.about_kind or "")
    field = field_map(about).get(conflict.about_field or "") if about else None
    if told is None or about is None or field is None or not field.sealed:
        return told
    own = about.kind == OF_PERSON
    subject = (OF_PERSON, conflict.about_id or "") if own else (OF_CASE, conflict.case_id or "")
    try:
        wire = json.loads(told)
    except ValueError:
        return HIDDEN
    plain = opens((about.kind, conflict.about_id or "", field.key), wire, subject)
    return HIDDEN if plain is HIDDEN else json.dumps(plain, ensure_ascii=False)


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
