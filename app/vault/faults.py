"""One decision, in one place: which failures of disk and file are known, and the sentence for each.

What is not listed here stays what it was, a bug, and is shown as one.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlcipher3 import dbapi2

from app.errors import DiskFull, KnownError, ReadOnly, WorkspaceBusy, WorkspaceDamaged
from app.i18n import _

FULL = {errno.ENOSPC, errno.EFBIG, *(getattr(errno, name) for name in ("EDQUOT",) if hasattr(errno, name))}
NO_WRITING = {errno.EROFS, errno.EACCES, errno.EPERM}
# sqlcipher3 gives primary result codes only, so a full quota and a dying disk both arrive as SQLITE_IOERR.
SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_IOERR = 5, 6, 8, 10
SQLITE_CORRUPT, SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_NOTADB = 11, 13, 14, 26

UNCODED = {"disk I/O error": SQLITE_IOERR, "database or disk is full": SQLITE_FULL}  # Connection.backup gives no code


def damaged() -> WorkspaceDamaged:
    """The one sentence for a file that is not what this workspace wrote."""
    return WorkspaceDamaged(
        _("The workspace file is damaged or is not the one that belongs here. Nothing was changed; restore a backup.")
    )


def known(error: BaseException) -> KnownError | None:
    """The known error behind an OSError or a database error; None when it is none of them."""
    if isinstance(error, KnownError):
        return error
    if isinstance(error, OSError):
        return _of_system(error.errno)
    if isinstance(error, dbapi2.Error):
        return _of_sqlite(getattr(error, "sqlite_errorcode", UNCODED.get(str(error))))
    return None


@contextmanager
def translated() -> Iterator[None]:
    """Raise the known error in place of the bare one."""
    try:
        yield
    except Exception as error:
        told = known(error)
        if told is None or told is error:
            raise
        raise told from error


def _of_system(number: int | None) -> KnownError | None:
    if number in FULL:
        return _full()
    return _read_only() if number in NO_WRITING else None


def _of_sqlite(code: int | None) -> KnownError | None:
    if code in (SQLITE_FULL, SQLITE_IOERR):
        return _full()
    if code in (SQLITE_READONLY, SQLITE_CANTOPEN):
        return _read_only()
    if code in (SQLITE_CORRUPT, SQLITE_NOTADB):
        return damaged()
    if code in (SQLITE_BUSY, SQLITE_LOCKED):
        return WorkspaceBusy(_("Another task is still writing to this workspace. Wait a moment and try again."))
    return None


def _full() -> DiskFull:
    return DiskFull(
        _("The disk took no more data: it is full or failing. The last save did not happen. Make room and try again.")
    )


def _read_only() -> ReadOnly:
    return ReadOnly(
        _("This place takes no writing. Copy the workspace to a folder where you may write and open it there.")
    )
