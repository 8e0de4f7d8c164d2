"""Sealed files of attachments inside a bundle: as many as fit, the smallest first; the rest waits for the next way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import settings
from app.models.attachment import Attachment
from app.sync.blobs import AT_CENTRE
from app.sync.device import Files
from app.wire.parcel import MAX_FILES, Sheet


def outgoing(session: Session, files: Files | None) -> list[Sheet]:
    """Files that lie here and that the centre is not known to have."""
    if files is None:
        return []
    known, room, sheets = set(settings.get(session, AT_CENTRE, [])), MAX_FILES, []
    for record, name, size in _named(session):
        if record in known or not files.has(name):
            continue
        room -= size
        if room < 0:
            break
        sheets.append(Sheet(bytes.fromhex(record), name, files.read(name)))
    return sheets


def lacking(session: Session, files: Files | None) -> list[Sheet]:
    """Files that are named here and missing."""
    if files is None:
        return []
    return [Sheet(bytes.fromhex(record), name) for record, name, _size in _named(session) if not files.has(name)]


def take_files(session: Session, files: Files | None, sheets: Iterable[Sheet]) -> None:
    """Keep what came if it gives its name, and note what the centre has."""
    if files is None:
        return
    wanted = {(record, name) for record, name, _size in _named(session)}
    there = set(settings.get(session, AT_CENTRE, []))
    for sheet in sheets:
        record = sheet.record.hex()
        if (record, sheet.sha256) not in wanted:
            continue  # it left meanwhile, or names another file now
        if sheet.data and hashlib.sha256(sheet.data).hexdigest() == sheet.sha256 and not files.has(sheet.sha256):
            files.keep(sheet.data)
        there.add(record)
    settings.put(session, AT_CENTRE, sorted(there))


def left(session: Session, files: Files | None) -> int:
    """How many files have yet to travel, either way."""
    if files is None:
        return 0
    known = set(settings.get(session, AT_CENTRE, []))
    return sum(record not in known or not files.has(name) for record, name, _size in _named(session))


def _named(session: Session) -> list[tuple[str, str, int]]:
    """(record, name, size) of every file, the smallest first."""
    query = select(Attachment.id, Attachment.blob, Attachment.size).where(Attachment.blob.is_not(None))
    named = [(record, name, size or 0) for record, name, size in session.execute(query).all() if name]
    return sorted(named, key=lambda one: (one[2], one[0]))
