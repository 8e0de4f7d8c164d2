"""Pull: segment after segment of a scope, each applied whole, until this laptop has read all the centre has."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.base import KINDS, Record
from app.models.erasure import Erasure
from app.models.ids import chunks
from app.models.local import Feed, PartialSegment, Shadow
from app.sync.ahead import Ahead
from app.sync.apply import Applied, apply_segment
from app.sync.course import Course, Visit, persist
from app.sync.erasing import keep_own
from app.sync.http import not_the_centre
from app.sync.link import codec_for, is_slow
from app.sync.pending import is_pending, work_on
from app.sync.tables import served
from app.sync.touched import refresh_touched
from app.sync.transport import Partial, Wish
from app.sync.unfold import Doubt
from app.wire.messages import RowKind, WireError
from app.wire.segment import OpenedSegment, SegmentHeader, unseal_segment

_KEEP_EVERY = 64 * 1024  # received bytes between two visits to the disk,
_KEEP_SECONDS = 1.0  # and the time: what came quicker comes again as quickly


def pull(course: Course, scope: str, *, came: set[str]) -> None:
    """Receive and apply all of a scope beyond our cursor, noting the records served. PushFirst: see apply.

    What is told in short and cannot be understood here is asked for once more, whole, and nobody need know.
    """
    brief = True
    with Ahead(course, scope) as ahead:
        while (segment := _next_segment(course, scope, brief=brief, ahead=ahead)) is not None:
            try:
                applied = apply_segment(course.setup, segment, scope=scope)
            except Doubt:
                if not brief:
                    raise not_the_centre() from None
                course.report.fallbacks, brief = course.report.fallbacks + 1, False
                ahead.forget()
                with course.setup.write() as session:
                    _drop_partial(session, scope)
                continue
            brief = True
            _note(course, scope, applied)
            came |= {row.record.hex() for row in segment.rows if row.row is RowKind.FULL}
            if segment.header.last >= segment.header.head:
                break


def _note(course: Course, scope: str, applied: Applied) -> None:
    report = course.report
    report.pulled[scope] = report.pulled.get(scope, 0) + applied.rows
    report.unreadable += applied.unreadable
    report.changes |= applied.changes
    report.erased += applied.erased
    report.files_gone |= applied.files_gone
    course.watch.handled(applied.rows)


def begin_again(course: Visit, scope: str) -> bool:
    """Forget how far this scope was read: everything comes once more. False if it was the beginning already."""
    with course.setup.write() as session:
        feed, began = session.get(Feed, scope), False
        if feed is not None:
            began = feed.cursor != ""
            feed.cursor, feed.seq, feed.receipt, feed.proven_at = "", 0, None, None
        _drop_partial(session, scope)
    return began


def remove_unlisted(course: Visit, scope: str, *, served: set[str]) -> None:
    """After everything came once more: what the centre does not serve is not in this scope. Local work stays."""
    with course.setup.write() as session:
        shadows = session.scalars(select(Shadow.record).where(Shadow.scope == scope))
        here = {*shadows}
        for record_class in KINDS.values():
            here.update(session.scalars(select(record_class.id).where(record_class.scope == scope)))
        remove(course, session, scope, gone=here - served)


def remove(course: Visit, session: Session, scope: str, *, gone: set[str]) -> None:
    """Records that are not in this scope, whatever this laptop thinks. Local work stays."""
    for ids in chunks(sorted(gone)):
        for shadow in session.scalars(select(Shadow).where(Shadow.record.in_(ids), Shadow.scope == scope)).all():
            session.delete(shadow)
        for record_class in KINDS.values():
            query = select(record_class).where(record_class.id.in_(ids), record_class.scope == scope)
            found = session.scalars(query).all()
            if record_class is Erasure:  # what was erased stays so, whatever the centre has forgotten
                _keep_erasures(session, found, course=course)
            else:
                _remove(session, found)
    course.report.changes |= refresh_touched(session)


def _keep_erasures(session: Session, erasures: Sequence[Record], *, course: Visit) -> None:
    for erasure in erasures:
        assert isinstance(erasure, Erasure)
        keep_own(session, erasure, setup=course.setup)


def _remove(session: Session, records: Iterable[Record]) -> None:
    records = list(records)
    work = work_on(session, [record.id for record in records])
    for record in records:
        if any(is_pending(op, record.rev) for op in work.get(record.id, [])):
            record.scope, record.rev = None, 0  # only here now; its operations are still in the outbox
        else:
            session.delete(record)


def _next_segment(course: Course, scope: str, *, brief: bool, ahead: Ahead) -> OpenedSegment | None:
    """The segment after our cursor, whole and checked, and the next one asked for; None if nothing is beyond it."""
    wish = _wish(course, scope, brief=brief)
    for _damaged in range(2):  # bytes that changed on the way are thrown away, and asked for once more
        kept = _kept(course, scope)
        partial = ahead.take(kept.cursor) or kept
        reception = _Reception(course, partial, scope=scope, wish=wish)
        if not partial.complete and not reception.complete_it():
            return None
        try:
            segment = unseal_segment(bytes(partial.data))
        except WireError:
            with course.setup.write() as session:
                _drop_partial(session, scope)
            continue
        if not _goes_on(course, scope, segment.header):
            break
        ahead.ask(segment.header, replace(wish, brief=True))
        return segment
    raise not_the_centre()


def _goes_on(course: Course, scope: str, header: SegmentHeader) -> bool:
    """Whether a segment begins where this laptop stands, and leads on: else it would be read again and again."""
    with course.setup.read() as session:
        feed = session.get(Feed, scope)
        here = feed.seq if feed is not None else 0
    return header.scope.hex() == scope and header.first == here < header.last <= header.head


def _wish(course: Course, scope: str, *, brief: bool) -> Wish:
    """Short rows, unless everything is read anew: then what is here may be of another history."""
    with course.setup.read() as session:
        feed = session.get(Feed, scope)
        again = (feed is None or not feed.cursor) and next(served(session, scope), None) is not None
        return Wish(brief and not again, codec_for(session), is_slow(session))


class _Reception:
    """One segment on its way; what arrived survives a break of the link and the end of the program."""

    def __init__(self, course: Course, partial: Partial, *, scope: str, wish: Wish) -> None:
        self._course = course
        self._scope = scope
        self._wish = wish
        self._partial = partial
        self._kept = len(partial.data)
        self._kept_at = time.monotonic()

    def complete_it(self) -> bool:
        """Receive the rest, going on after breaks; False if there is no segment."""
        self._course.watch.check()
        try:
            return persist(self._attempt, reached=lambda: len(self._partial.data))
        finally:
            if self._partial.data and not self._partial.complete:
                self._keep()

    def _attempt(self) -> bool:
        return self._course.transport.get_segment(self._scope, self._partial, moved=self._moved, wish=self._wish)

    def _moved(self, count: int) -> None:
        many, long = len(self._partial.data) - self._kept, time.monotonic() - self._kept_at
        if many >= _KEEP_EVERY and long >= _KEEP_SECONDS:
            self._keep()
        self._course.watch.moved(count)

    def _keep(self) -> None:
        partial = self._partial
        with self._course.setup.write() as session:
            row = session.get(PartialSegment, self._scope)
            if row is None:
                row = PartialSegment(scope=self._scope)
                session.add(row)
            row.cursor, row.digest, row.total = partial.cursor, partial.digest, partial.total
            row.data = bytes(partial.data)
        self._kept, self._kept_at = len(partial.data), time.monotonic()


def _kept(course: Course, scope: str) -> Partial:
    """The bytes kept of the segment after our cursor, or an empty beginning."""
    with course.setup.read() as session:
        feed, row = session.get(Feed, scope), session.get(PartialSegment, scope)
        cursor = feed.cursor if feed else ""
        if row is None or row.cursor != cursor:
            return Partial(cursor)
        return Partial(cursor, row.digest, row.total, bytearray(row.data))


def _drop_partial(session: Session, scope: str) -> None:
    row = session.get(PartialSegment, scope)
    if row is not None:
        session.delete(row)
