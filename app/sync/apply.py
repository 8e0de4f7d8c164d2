"""Apply: a segment of the centre's feed becomes rows, in ONE transaction with the new cursor.

What comes from the centre goes to the record, or to its shadow while local work stands on the record. Nothing of it
enters the outbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import settings
from app.models.attachment import Attachment
from app.models.base import KINDS, CaseRecord, Record
from app.models.ids import chunks
from app.models.journal import Changes, audit
from app.models.local import Feed, Operation, PartialSegment, Shadow
from app.sync import erasing
from app.sync.device import SyncSetup
from app.sync.erasing import ErasedNotice
from app.sync.pending import is_pending, pending_on, show, with_work, work_on
from app.sync.plainly import take_plainly
from app.sync.touched import refresh_touched
from app.sync.unfold import unfold
from app.sync.verdicts import take_verdicts
from app.wire.messages import FeedRow, RowKind, Status, encode
from app.wire.segment import OpenedSegment


class PushFirst(Exception):
    """A record leaves while work on it waits to be sent: send it, then come back."""


@dataclass(slots=True)
class Applied:
    """What one segment did."""

    rows: int
    unreadable: int
    changes: Changes
    erased: list[ErasedNotice] = field(default_factory=list)
    files_gone: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Page:
    """Rows on their way into the tables, and what this laptop has about their records."""

    session: Session
    scope: str
    work: dict[str, list[Operation]]  # of the records on which some stands
    records: dict[str, Record] = field(default_factory=dict)
    shadows: dict[str, Shadow] = field(default_factory=dict)
    files_gone: set[str] = field(default_factory=set)
    told: list[ErasedNotice] = field(default_factory=list)
    unreadable: int = 0


def apply_segment(setup: SyncSetup, segment: OpenedSegment, *, scope: str) -> Applied:
    """All rows and the cursor, or nothing. PushFirst if a record leaves on which unsent work stands.

    erasing.Returned if the centre serves what was erased for good; unfold.Doubt if a short row cannot be made whole.
    """
    with setup.write() as session:
        rows = unfold(session, segment, scope=scope)
        take_verdicts(session, rows, now=setup.now)
        page = take_rows(session, rows, scope=scope, now=setup.now())
        _move_cursor(session, segment, scope=scope)
        audit(session, "apply", "segment", f"{scope}:{segment.header.last}")
        _note_office_name(session, rows)
        return Applied(len(rows), page.unreadable, refresh_touched(session), page.told, page.files_gone)


def take_rows(session: Session, rows: Sequence[FeedRow], *, scope: str, now: datetime) -> Page:
    """Whole rows, as one transaction has them before it ends. PushFirst and Returned as above."""
    unwelcome, first = erasing.welcome(session, rows)
    if first:
        raise PushFirst
    page = Page(session, scope, pending_on(session, rows))
    if any(op.result is None for row in rows if row.row is RowKind.LEAVE for op in page.work.get(row.record.hex(), [])):
        raise PushFirst
    whole = [row for row in rows if row.row is RowKind.FULL and row.record not in unwelcome]
    leaving = [row for row in rows if row.row is RowKind.LEAVE]
    others = take_plainly(session, [row for row in whole if row.record.hex() not in page.work], scope=scope)
    remaining = [*others, *(row for row in whole if row.record.hex() in page.work)]
    _read_records(page, [*remaining, *leaving])
    for row in remaining:
        _take(page, row)
    for row in leaving:
        _let_go(page, row)
    session.flush()
    page.told = erasing.take_tombs(session, rows, now=now)
    for row in leaving:  # when the rows stand: what came for this office after all is no mere follower
        if row.kind == "case":
            _let_followers_go(page, row.record.hex())
    return page


def _read_records(page: Page, rows: Sequence[FeedRow]) -> None:
    session = page.session
    by_kind: dict[str, list[str]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row.record.hex())
    for kind, ids in by_kind.items():
        for some in chunks(ids):
            shadows = session.scalars(select(Shadow).where(Shadow.record.in_(some)))
            page.shadows |= {shadow.record: shadow for shadow in shadows}
            if kind in KINDS:
                record_class = KINDS[kind]
                records = session.scalars(select(record_class).where(record_class.id.in_(some)))
                page.records |= {record.id: record for record in records}


def _take(page: Page, row: FeedRow) -> None:
    record_id = row.record.hex()
    held = [op for op in page.work.get(record_id, []) if op.result == Status.HELD.value]
    for op in held:
        _see_if_arrived(op, row)
    work = [op for op in page.work.get(record_id, []) if is_pending(op, row.rev)]
    record_class = KINDS.get(row.kind)
    record = page.records.get(record_id) or (record_class(id=record_id) if record_class else None)
    if record is None:  # a kind of a newer peer: kept whole, counted by the digest, not shown
        page.unreadable += 1
        _keep_shadow(page, row)
        return
    try:
        exact = show(record, row.content, work=work)
    except ValueError:  # a newer shape of a field: one such row never blocks the rest
        page.unreadable += 1
        _keep_shadow(page, row)
        return
    if record.kind == "referral_event" and record.rev != row.rev:
        # its place among the events may change the state of the referral
        page.session.info["journal"].touch(record.kind, record_id, getattr(record, "case_id", None))
    record.rev, record.scope = row.rev, page.scope
    if record_id not in page.records:
        page.records[record_id] = record
        page.session.add(record)
    if not exact:
        _keep_shadow(page, row)
    elif record_id in page.shadows:
        page.session.delete(page.shadows.pop(record_id))


def _see_if_arrived(op: Operation, row: FeedRow) -> None:
    """Held work whose effect is in the content has found its predecessor; nobody reports it otherwise."""
    if with_work(row.content, [op]) == row.content:
        op.result, op.result_code, op.result_rev = Status.ACCEPTED.value, None, row.rev


def _keep_shadow(page: Page, row: FeedRow) -> None:
    record_id = row.record.hex()
    shadow = page.shadows.get(record_id)
    if shadow is None:
        shadow = page.shadows[record_id] = Shadow(record=record_id)
        page.session.add(shadow)
    shadow.kind, shadow.scope, shadow.rev = row.kind, page.scope, row.rev
    shadow.content = encode(row.content)


def _let_go(page: Page, row: FeedRow) -> None:
    """The record is not for this office any more, or for nobody: its rows go, the operations stay with their result."""
    record_id = row.record.hex()
    shadow, record = page.shadows.pop(record_id, None), page.records.pop(record_id, None)
    if shadow is not None:
        page.session.delete(shadow)
    if record is not None:
        if isinstance(record, Attachment) and record.blob:
            page.files_gone.add(record.blob)
        page.session.delete(record)


def _let_followers_go(page: Page, case_id: str) -> None:
    """Records made here for a case that left, taken by the centre but never shown back to this office."""
    for record_class in KINDS.values():
        if not issubclass(record_class, CaseRecord):
            continue
        query = select(record_class).where(record_class.case_id == case_id, record_class.scope.is_(None))
        followers = list(page.session.scalars(query))
        work = work_on(page.session, [record.id for record in followers])
        for record in followers:
            if not any(is_pending(op, 2**62) for op in work.get(record.id, [])):
                page.session.delete(record)


def _move_cursor(session: Session, segment: OpenedSegment, *, scope: str) -> None:
    header = segment.header
    feed = session.get(Feed, scope)
    if feed is None:
        feed = Feed(scope=scope)
        session.add(feed)
    feed.cursor, feed.seq, feed.epoch = header.cursor, header.last, header.epoch
    half = session.get(PartialSegment, scope)
    if half is not None:
        session.delete(half)


def _note_office_name(session: Session, rows: Iterable[FeedRow]) -> None:
    office = settings.get(session, "office")
    for row in rows:
        if row.kind == "office" and row.record.hex() == office and row.content.get("name"):
            settings.put(session, "office_name", row.content["name"])
