"""Files on a stick that may be pulled, or full: written whole beside, then put in their place; read only so far."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.errors import DiskFull, KnownError, ReadOnly
from app.i18n import _

UNFINISHED = ".unfinished"
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NO_WRITING = {errno.EROFS, errno.EACCES, errno.EPERM}


def put_whole(path: Path, content: bytes) -> None:
    """Leave the whole new file or what was there before, whenever the stick is pulled.

    DiskFull, ReadOnly or KnownError says why it did not work.
    """
    waiting = path.with_name(path.name + UNFINISHED)
    with _in_words():
        try:
            handle = os.open(waiting, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            os.replace(waiting, path)
        except OSError:
            with suppress(OSError):
                waiting.unlink(missing_ok=True)
            raise
        _sync_names(path.parent)


def read_bounded(path: Path, *, limit: int) -> bytes | None:
    """The content; None if it is longer than `limit`. KnownError if it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise KnownError(_("Cannot read {file}: {why}.").format(file=path.name, why=why)) from error
    return data if len(data) <= limit else None


def _sync_names(folder: Path) -> None:
    if os.name == "nt":
        return
    with suppress(OSError):  # some file systems of sticks refuse it; the file itself is on the disk
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            said = _("There is no room left on it. Nothing was written; free some room or take another stick.")
            raise DiskFull(said) from error
        if error.errno in _NO_WRITING:
            raise ReadOnly(_("It takes no writing. Choose another folder or another stick.")) from error
        said = _("Writing failed; was the stick pulled? Nothing was lost; put it back and try again.")
        raise KnownError(said) from error
