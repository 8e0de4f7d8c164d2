"""The sealed bytes of attachments on their way: after everything else, piece by piece, and whatever is left waits.

A file is known by the hash of its sealed bytes: what does not give it was altered on the way, and is not kept.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress

from sqlalchemy import select

from app.errors import CentreRefused, KnownError
from app.models import settings
from app.models.attachment import Attachment
from app.sync.course import Course, persist
from app.sync.device import Files
from app.sync.http import HttpTransport, not_the_centre
from app.sync.http_files import HttpFiles
from app.sync.report import Cancelled
from app.sync.transport import WrongOffset
from app.wire import MAX_BLOB, PIECE

AT_CENTRE = "files_at_centre"  # the attachments whose bytes the centre is known to have


def exchange_files(course: Course) -> None:
    """Send what only this laptop has, fetch what it lacks. What cannot be moved now is counted, and no problem."""
    files = course.setup.files
    if files is None or not isinstance(course.transport, HttpTransport):
        return
    way = HttpFiles(course.transport)
    files.forget(sorted(course.report.files_gone))
    todo = _todo(course, files)
    if not todo:
        return
    course.watch.step("files", total=sum(size for _record, _name, size in todo))
    moved: set[str] = set()
    try:
        for record, name, _size in todo:
            with suppress(CentreRefused):  # nobody sent it yet, or it left meanwhile: the next sync asks again
                _send(course, way, record, files.read(name)) if files.has(name) else _fetch(course, way, record, name)
                moved.add(record)
    except (KnownError, Cancelled):
        pass  # the rest waits
    finally:
        course.report.files_left += len(todo) - len(moved)
        _note(course, moved)


def _todo(course: Course, files: Files) -> list[tuple[str, str, int]]:
    """(record, name, size) of every file that is missing here, or at the centre; the smallest first."""
    with course.setup.read() as session:
        known = set(settings.get(session, AT_CENTRE, []))
        rows = session.execute(
            select(Attachment.id, Attachment.blob, Attachment.size).where(
                Attachment.rev > 0, Attachment.scope.is_not(None), Attachment.blob.is_not(None)
            )
        ).all()
    named = [(record, name, size or 0) for record, name, size in rows if name]
    wanted = [one for one in named if one[0] not in known or not files.has(one[1])]
    return sorted(wanted, key=lambda one: (one[2], one[0]))


def _send(course: Course, way: HttpFiles, record: str, data: bytes) -> None:
    name, offset = hashlib.sha256(data).hexdigest(), 0

    def attempt() -> None:
        nonlocal offset
        offset, _total = way.blob_offset(name, record)
        while offset < len(data):
            course.watch.check()
            piece = data[offset : offset + PIECE]
            try:
                way.put_piece(name, record, piece=piece, start=offset, total=len(data))
                offset += len(piece)
            except WrongOffset as wrong:
                if wrong.offset <= offset:
                    raise not_the_centre() from None
                offset = wrong.offset
            course.watch.moved(len(piece))

    persist(attempt, reached=lambda: offset)


def _fetch(course: Course, way: HttpFiles, record: str, name: str) -> None:
    data, total = bytearray(), 1

    def attempt() -> None:
        nonlocal total
        while len(data) < total:
            course.watch.check()
            piece, total = way.get_piece(name, record, start=len(data))
            if not piece or total > MAX_BLOB or len(data) + len(piece) > total:
                raise not_the_centre()
            data.extend(piece)
            course.watch.moved(len(piece))

    persist(attempt, reached=lambda: len(data))
    if hashlib.sha256(data).hexdigest() != name:
        raise not_the_centre()
    if course.setup.files is not None:
        course.setup.files.keep(bytes(data))


def _note(course: Course, moved: set[str]) -> None:
    """Once for all: the list is as long as the office has files. What a kill leaves out is asked for anew."""
    if moved:
        with course.setup.write() as session:
            known = set(settings.get(session, AT_CENTRE, []))
            settings.put(session, AT_CENTRE, sorted(known | moved))
