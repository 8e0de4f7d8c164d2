"""The sealed bytes of attachments on their way: after everything else, piece by piece, and whatever is left waits.

A file is known by the hash of its sealed bytes: what does not give it was altered on the way, and is not kept. Half a
file stays on the disk, sealed as it is, until the rest comes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import CentreRefused, KnownError, NotFound
from app.i18n import _
from app.models import settings
from app.models.attachment import Attachment
from app.sync.course import Course, persist
from app.sync.device import Files, SyncSetup, membership
from app.sync.http import HttpTransport, not_the_centre
from app.sync.http_files import HttpFiles
from app.sync.link import is_metered
from app.sync.report import Cancelled, FilesWaiting, SyncProgress, SyncReport, Watch
from app.sync.transport import WrongOffset
from app.wire import PIECE
from app.wire.pieces import piece_hash

AT_CENTRE = "files_at_centre"  # the attachments whose bytes the centre is known to have
_DAMAGED = 3  # times one piece may come over altered

Todo = tuple[str, str, int]  # attachment, name of its file, size


def exchange_files(course: Course) -> None:
    """Send what only this laptop has, fetch what it lacks. What cannot be moved now is counted, and no problem."""
    files = course.setup.files
    if files is None or not isinstance(course.transport, HttpTransport):
        return
    files.forget(sorted(course.report.files_gone))
    with course.setup.read() as session:
        todo, later = _todo(session, files), is_metered(session)
    if course.setup.with_files is not None:
        later = not course.setup.with_files
    if later:
        course.report.files_later += len(todo)
    elif todo:
        _exchange(course, HttpFiles(course.transport), todo)


def fetch_file(
    setup: SyncSetup,
    transport: HttpTransport,
    record: str,
    *,
    progress: Callable[[SyncProgress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> None:
    """Have the file of one attachment here, now, also over a link on which files wait. Cancelled keeps what came."""
    with setup.read() as session:
        course = Course(setup, transport, Watch(progress, cancelled=cancelled), SyncReport(), membership(session))
        attachment = session.get(Attachment, record)
        name, size = (attachment.blob or "", attachment.size or 0) if attachment is not None else ("", 0)
    assert setup.files is not None
    if not name or setup.files.has(name):
        return
    course.watch.over(transport.traffic)
    course.watch.step("files", total=size, items=1)
    try:
        _fetch(course, HttpFiles(transport), record, name)
    except CentreRefused as refused:
        if refused.code != "not_found":
            raise
        raise NotFound(
            _("The centre does not have this file yet. The office that attached it has to synchronise first.")
        ) from None
    _note(course, {record})


def files_waiting(session: Session, files: Files | None) -> FilesWaiting:
    """What the next sync would move, also of records that the centre has not got yet."""
    if files is None:
        return FilesWaiting()
    todo = _todo(session, files, unsent=True)
    up = [size for _record, name, size in todo if files.has(name)]
    return FilesWaiting(len(up), sum(up), len(todo) - len(up), sum(size for _r, _n, size in todo) - sum(up))


def _exchange(course: Course, way: HttpFiles, todo: list[Todo]) -> None:
    files = course.setup.files
    assert files is not None
    course.watch.step("files", total=sum(size for _record, _name, size in todo), items=len(todo))
    moved: set[str] = set()
    try:
        for record, name, _size in todo:
            with suppress(CentreRefused):  # nobody sent it yet, or it left meanwhile: the next sync asks again
                _send(course, way, record, files.read(name)) if files.has(name) else _fetch(course, way, record, name)
                moved.add(record)
            course.watch.handled(1)
    except (KnownError, Cancelled):
        pass  # the rest waits
    finally:
        course.report.files_left += len(todo) - len(moved)
        _note(course, moved)


def _todo(session: Session, files: Files, *, unsent: bool = False) -> list[Todo]:
    """Every file that is missing here, or at the centre; the smallest first."""
    known = set(settings.get(session, AT_CENTRE, []))
    query = select(Attachment.id, Attachment.blob, Attachment.size).where(Attachment.blob.is_not(None))
    if not unsent:
        query = query.where(Attachment.rev > 0, Attachment.scope.is_not(None))
    named = [(record, name, size or 0) for record, name, size in session.execute(query) if name]
    wanted = [one for one in named if one[0] not in known or not files.has(one[1])]
    return sorted(wanted, key=lambda one: (one[2], one[0]))


def _send(course: Course, way: HttpFiles, record: str, data: bytes) -> None:
    name, offset, sent = hashlib.sha256(data).hexdigest(), 0, 0

    def moved(count: int) -> None:
        nonlocal sent
        sent += count
        course.watch.moved(count)

    def go_on_at(held: int) -> None:
        nonlocal offset, sent
        course.watch.lost(sent - held)
        offset = sent = min(held, len(data))

    def attempt() -> None:
        go_on_at(way.blob_offset(name, record)[0])
        damaged = 0
        while offset < len(data):
            course.watch.check()
            end = min(offset - offset % PIECE + PIECE, len(data))
            try:
                way.put_piece(name, record, piece=data[offset:end], place=(offset, len(data)), moved=moved)
                go_on_at(end)
            except WrongOffset as wrong:
                if wrong.offset == offset:
                    raise not_the_centre() from None
                go_on_at(wrong.offset)
            except CentreRefused as refused:
                damaged += 1
                if refused.code != "piece" or damaged > _DAMAGED:
                    raise
                go_on_at(offset)

    persist(attempt, reached=lambda: offset)


def _fetch(course: Course, way: HttpFiles, record: str, name: str) -> None:
    assert course.setup.files is not None
    begun = course.setup.files.begun(name, digest=piece_hash, size=PIECE)
    held, total, piece, damaged = begun.length(), 0, bytearray(), 0

    def attempt() -> None:
        nonlocal held, total, damaged
        while not total or held < total:
            course.watch.check()
            total, told = _piece(course, way, (record, name), start=held, into=piece)
            good = told in (b"", piece_hash(bytes(piece)))
            if good:
                begun.append(bytes(piece))
                held += len(piece)
            else:
                course.watch.lost(len(piece))
                damaged += 1
            piece.clear()
            if damaged > _DAMAGED:
                raise not_the_centre()

    persist(attempt, reached=lambda: held + len(piece))
    if not begun.finish():
        raise not_the_centre()


def _piece(course: Course, way: HttpFiles, named: tuple[str, str], *, start: int, into: bytearray) -> tuple[int, bytes]:
    """The rest of a piece; all of it, if the centre is one that does not go on inside a piece."""
    record, name = named
    try:
        return way.get_piece(name, record, start=start, into=into, moved=course.watch.moved)
    except CentreRefused as refused:
        if refused.code != "format" or not into:
            raise
    course.watch.lost(len(into))
    into.clear()
    return way.get_piece(name, record, start=start, into=into, moved=course.watch.moved)


def _note(course: Course, moved: Iterable[str]) -> None:
    """Once for all: the list is as long as the office has files. What a kill leaves out is asked for anew."""
    if moved:
        with course.setup.write() as session:
            known = set(settings.get(session, AT_CENTRE, []))
            settings.put(session, AT_CENTRE, sorted(known | set(moved)))
