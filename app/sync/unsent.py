"""Operations that wait to be sent, as they lie in their table: ten thousand of them are not ten thousand objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Select, and_, select, type_coerce
from sqlalchemy.orm import Session

from app.models.base import KINDS
from app.models.ids import chunks
from app.models.local import Feed, Operation
from app.models.person import Party
from app.models.transfer import Transfer
from app.wire.messages import Change
from app.wire.names import Name

_COLUMNS = (
    Operation.seq, Operation.kind, Operation.record, Operation.case_id, Operation.base_rev, Operation.new,
    Operation.changes, Operation.actor, Operation.actor_name, type_coerce(Operation.at, BigInteger),
)  # fmt: skip


class Unsent(NamedTuple):
    """One operation; `changes` as they are packed, `at` in milliseconds."""

    seq: int
    kind: str
    record: str
    case_id: str | None
    base_rev: int
    new: bool
    changes: bytes
    actor: str
    actor_name: str
    at: int

    def wanted(self) -> dict[str, Any]:
        """Field key -> change."""
        changes: dict[str, Any] = msgspec.msgpack.decode(self.changes)
        return changes


def operations(session: Session, *which: ColumnElement[bool]) -> list[Unsent]:
    """These operations, in the order they were made."""
    return [Unsent._make(row) for row in session.execute(select(*_COLUMNS).where(*which).order_by(Operation.seq))]


def names_of(session: Session, changes: Sequence[Change], *, office: str) -> dict[bytes, Name]:
    """The records of the own office that these changes may name by their number alone.

    Only while a signed receipt says that this laptop has read this scope as the centre holds it: numbers of a history
    that a restore ended name other records. And only by the number the record has now.
    """
    feed = session.get(Feed, office)
    if feed is None or feed.receipt is None:
        return {}
    bases: dict[tuple[str, bytes], set[int]] = {}
    for change in changes:
        if change.kind in KINDS:
            bases.setdefault((change.kind, change.record), set()).add(0 if change.new else change.base_rev)
    by_kind: dict[str, list[str]] = {}
    for (kind, record), known in bases.items():
        if known != {0}:
            by_kind.setdefault(kind, []).append(record.hex())
    found = {}
    for kind, records in by_kind.items():
        for record, rev, case in _placed(session, kind, records, office=office):
            if bases[kind, record] <= {0, rev}:
                found[record] = Name(kind, case)
    return found


def _placed(
    session: Session, kind: str, records: Sequence[str], *, office: str
) -> list[tuple[bytes, int, bytes | None]]:
    """(record, number, case) of those that are in the own scope; the case as the centre derives it."""
    table = KINDS[kind]
    case = table.id if kind == "case" else getattr(table, "case_id", None)
    columns = (table.id, table.rev) if case is None else (table.id, table.rev, case)
    found = []
    for some in chunks(records):
        query = select(*columns).where(table.id.in_(some), table.scope == office, table.rev > 0, _ours(kind, office))
        for record, rev, *cases in session.execute(query):
            found.append((bytes.fromhex(record), rev, _raw(cases[0]) if cases else None))
    return found


def _ours(kind: str, office: str) -> ColumnElement[bool]:
    """Records of the cases this office made: others are in its scope, too, and have the numbers of their own office.

    A case that was ever offered to another office may be anybody's by now: it is named in full.
    """
    table, cases = KINDS[kind], KINDS["case"]
    case = getattr(table, "case_id", None)
    if case is None:
        return and_(table.made_office.is_not_distinct_from(office), table.id.not_in(_offered_people()))
    made: ColumnElement[bool] = case.in_(select(cases.id).where(cases.made_office == office))
    return and_(made, case.not_in(_offered()))


def _offered() -> Select[Any]:
    return select(Transfer.case_id).where(Transfer.case_id.is_not(None))


def _offered_people() -> Select[Any]:
    return select(Party.person_id).where(Party.case_id.in_(_offered()), Party.person_id.is_not(None))


def _raw(case: str | None) -> bytes | None:
    return bytes.fromhex(case) if case else None
