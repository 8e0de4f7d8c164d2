"""One workspace, one program: a lock that the system drops by itself when the program dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.errors import WorkspaceBusy
from app.i18n import _
from app.vault.faults import translated
from app.vault.files import LOCK

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    HELD: tuple[type[OSError], ...] = (OSError,)
else:
    import fcntl

    def _try_lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    HELD: tuple[type[OSError], ...] = (BlockingIOError,)


class InstanceLock:
    """Held from `take` to `release`, or until the process ends; a second holder, here or elsewhere, is refused."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    @classmethod
    def take(cls, directory: Path) -> InstanceLock:
        """The lock, or WorkspaceBusy at once when somebody holds it."""
        with translated():
            handle = os.open(directory / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            _try_lock(handle)
        except HELD as error:
            os.close(handle)
            raise WorkspaceBusy(
                _("This workspace is already open in another window. Use that window, or close it first.")
            ) from error
        return cls(handle)

    def release(self) -> None:
        """Let the next one in; harmless when repeated."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle = None
