"""The only magic: one `before_flush` hook that writes outbox and audit rows in the same transaction as the change.

Nobody can forget to sync or to audit a field, because nobody has to remember it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, event
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.orm import Session

from app.models.base import Record
from app.models.content import content_of, from_wire, to_wire
from app.models.field import Kind, Merge, fields_of, sealed_fields, to_ms
from app.models.local import AuditEntry, Shadow
from app.models.sealed import Sealer, is_sealed

_HASHED = ("seq", "at", "actor", "device", "action", "kind", "record", "fields")
# As text: objects, or statements that SQLAlchemy assembles, would cost a save more than what is saved.
_LAST_LINK = "SELECT seq, h FROM audit ORDER BY seq DESC LIMIT 1"
_LINK = (
    "INSERT INTO audit (seq, at, actor, device, action, kind, record, fields, h) "
    "VALUES (:seq, :at, :actor, :device, :action, :kind, :record, :fields, :h)"
)
_OPERATION = (
    'INSERT INTO operation (kind, record, case_id, base_rev, "new", changes, "before", actor, actor_name, at, settled) '
    "VALUES (:kind, :record, :case_id, :base_rev, :new, :changes, :before, :actor, :actor_name, :at, 0)"
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, from which office and device."""

    user: str  # id
    name: str
    role: str
    office: str  # id
    device: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a unit of work touched: kinds, record ids, case ids. Screens refresh themselves if concerned."""

    kinds: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()

    def __or__(self, other: "Changes") -> "Changes":
        return Changes(self.kinds | other.kinds, self.records | other.records, self.cases | other.cases)

    def __bool__(self) -> bool:
        return bool(self.records)


@dataclass(slots=True)
class Journal:
    """Belongs to one session (`session.info["journal"]`): who writes, the clock, and what was touched.

    `applying` is true while the sync writes what came from the centre: touched, but neither sent nor audited by record.
    """

    actor: Actor
    now: Callable[[], datetime]
    applying: bool = False
    kinds: set[str] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)

    def changes(self) -> Changes:
        """What was touched so far."""
        return Changes(frozenset(self.kinds), frozenset(self.records), frozenset(self.cases))

    def touch(self, kind: str, record: str, case_id: str | None) -> None:
        """Note a touched record."""
        self.kinds.add(kind)
        self.records.add(record)
        if case_id:
            self.cases.add(case_id)


@event.listens_for(Session, "before_flush")
def _journal(session: Session, _context: object, _instances: object) -> None:  # signature: SQLAlchemy event
    journal: Journal | None = session.info.get("journal")
    if journal is None:
        return
    seen = [record for record in (*session.new, *session.dirty) if isinstance(record, Record)]
    sealed = [record for record in seen if _seal(session, journal, record)]
    if sealed:  # the first value of a subject brings its key, as a record of its own
        seen = [record for record in (*session.new, *session.dirty) if isinstance(record, Record)]
    for record in seen:
        _record(session, journal, record, new=record in session.new)
    for record in session.deleted:
        if isinstance(record, Record):
            if not journal.applying:
                raise AssertionError("records are archived, never deleted, outside the sync")
            journal.touch(record.kind, record.id, case_of(record))


def case_of(record: Record) -> str | None:
    """The case a record belongs to; a case belongs to itself, a new person to the case it is entered for."""
    if record.kind == "case":
        return record.id
    return getattr(record, "case_id", None) or getattr(record, "entered_for", None)


def subject_of(record: Record) -> tuple[str, str]:
    """Whose key seals a record: a person has a key of their own, everything else has its case's."""
    subject = ("person", record.id) if record.kind == "person" else ("case", case_of(record) or "")
    if not subject[1]:
        raise AssertionError(f"{record.kind}: a sealed value belongs to a person or to a case")
    return subject


def _seal(session: Session, journal: Journal, record: Record) -> bool:
    """Put tokens in the place of new values of sealed fields; whether there were any. The sync brings tokens itself."""
    found = False
    for declared in sealed_fields(type(record)) if not journal.applying else ():
        history = sa_inspect(record).attrs[declared.key].history
        held = to_wire(declared, history.deleted[0] if history.deleted else None)
        value = to_wire(declared, history.added[0] if history.added else None)
        if not history.has_changes() or held == value:
            continue
        sealer: Sealer | None = session.info.get("sealer")
        if sealer is None:
            raise AssertionError(f"{record.kind}.{declared.key}: this session has nobody who seals")
        place = (record.kind, record.id, declared.key)
        tokens = sealer.seal(place, value, subject=subject_of(record), held=held)
        setattr(record, declared.key, from_wire(declared, tokens))
        found = True
    return found


def _record(session: Session, journal: Journal, record: Record, *, new: bool) -> None:
    if new and not journal.applying:
        record.made_at = record.made_at or journal.now()
        record.made_by = record.made_by or journal.actor.name
        record.made_office = record.made_office or journal.actor.office
    changes, before = _difference(record, applying=journal.applying)
    if not changes and not new:
        return
    journal.touch(record.kind, record.id, case_of(record))
    if journal.applying:
        return
    if record.rev and not new:
        _keep_shadow(session, record, before)
    operation = {
        "kind": record.kind, "record": record.id, "case_id": case_of(record), "base_rev": record.rev or 0, "new": new,
        "changes": msgspec.msgpack.encode(changes), "before": msgspec.msgpack.encode(before),
        "actor": journal.actor.user, "actor_name": journal.actor.name, "at": to_ms(journal.now()),
    }  # fmt: skip
    session.connection().exec_driver_sql(_OPERATION, operation)
    audit(session, "create" if new else "change", record.kind, record.id, tuple(changes))


def _keep_shadow(session: Session, record: Record, before: dict[str, Any]) -> None:
    """Before the first unsent change of a record the centre knows, keep the centre's version of it."""
    with session.no_autoflush:
        if session.get(Shadow, record.id) is not None:
            return
    content = {key: value for key, value in {**content_of(record), **before}.items() if value is not None}
    session.add(
        Shadow(
            record=record.id,
            kind=record.kind,
            scope=record.scope,
            rev=record.rev,
            content=msgspec.msgpack.encode(content, order="deterministic"),
        )
    )


def _difference(record: Record, *, applying: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """(changes, values before), by field key, in wire values. The centre may say anew what people write once."""
    state = sa_inspect(record)
    changes: dict[str, Any] = {}
    before: dict[str, Any] = {}
    for declared in fields_of(type(record)):
        history = state.attrs[declared.key].history
        if not history.has_changes():
            continue
        old = to_wire(declared, history.deleted[0] if history.deleted else None)
        new = to_wire(declared, history.added[0] if history.added else None)
        if declared.sealed and not is_sealed(old):
            old = None  # plain in a file of before sealing: it goes into no row any more
        if old == new:
            continue
        if old is not None and declared.merge is Merge.ONCE and not applying:
            raise AssertionError(f"{record.kind}.{declared.key} is written once; add a new entry instead")
        changes[declared.key] = _set_change(old, new) if declared.kind is Kind.CODES else new
        before[declared.key] = old
    return changes, before


def _set_change(old: Any, new: Any) -> dict[str, list[str]]:
    had, has = set(old or ()), set(new or ())
    return {"add": sorted(has - had), "remove": sorted(had - has)}


def audit(session: Session, action: str, kind: str, record: str, fields: tuple[str, ...] = ()) -> int:
    """Append one link to the chain, in the transaction of the session, and tell its number. For views and exports too.

    It is written at once, not at the next flush.
    """
    journal: Journal = session.info["journal"]
    connection = session.connection()
    last = session.info.get("audit_head") or _head(connection)
    link = {
        "seq": last[0] + 1, "at": to_ms(journal.now()), "actor": journal.actor.user, "device": journal.actor.device,
        "action": action, "kind": kind, "record": record, "fields": ",".join(fields),
    }  # fmt: skip
    h = _hash(last[1], link)
    connection.exec_driver_sql(_LINK, link | {"h": h})
    session.info["audit_head"] = (link["seq"], h)
    return last[0] + 1


def _head(connection: Connection) -> tuple[int, bytes]:
    row = connection.exec_driver_sql(_LAST_LINK).one_or_none()
    return (row[0], row[1]) if row else (0, bytes(32))


def chain_hash(before: bytes, entry: AuditEntry) -> bytes:
    """SHA-256 over the hash before and every column of this entry."""
    return _hash(before, {name: getattr(entry, name) for name in _HASHED} | {"at": to_ms(entry.at)})


def _hash(before: bytes, link: dict[str, Any]) -> bytes:
    return hashlib.sha256(before + msgspec.msgpack.encode([link[name] for name in _HASHED])).digest()


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_soft_rollback")
def _forget_head(session: Session, _previous: object = None) -> None:
    session.info.pop("audit_head", None)  # outside this transaction another session may write the next link
