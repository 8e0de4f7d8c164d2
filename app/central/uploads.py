"""Unfinished uploads on disk: what arrived is kept, to the byte, and synced to the disk every 16 KiB or more.

Several workers receive at once. Whoever receives a batch has its token in a file beside the bytes, and looks, under a
lock of the device's folder, whether it is still there before it writes: two uploads never mix their bytes.
"""

from __future__ import annotations

import os
import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.central.config import Clock
from app.central.refusal import Refused
from app.wire import MAX_BATCH

if sys.platform != "win32":
    import fcntl

MAX_BEGUN = 8  # batches of one device: they come one after the other
UNFINISHED_DAYS = 35  # as long as anything else that an erasure cannot reach


@dataclass(slots=True)
class Upload:
    """One upload in progress. A later one of the same batch takes over; the earlier then writes nothing more."""

    path: Path
    offset: int
    token: str = ""  # '': nothing was written yet, so nothing is claimed


class Uploads:
    """The directory of unfinished uploads."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._guard = threading.Lock()  # where folders cannot be locked there is one worker

    def size(self, device: str, n: int) -> int:
        """How many bytes of a batch have arrived."""
        return _size(self._path(device, n))

    def begin(self, device: str, n: int, *, offset: int) -> Upload:
        """Go on with an upload at exactly the byte where it stands, and take it over from whoever was at it.

        A new one touches no disk until `append`: most batches are short and arrive whole.
        """
        upload = Upload(self._path(device, n), offset)
        if offset or _size(upload.path):
            with self._locked(upload.path.parent):
                _claim(upload)
        return upload

    def end(self, upload: Upload) -> None:
        """Let go of an upload; its bytes stay."""
        if upload.token:
            with self._locked(upload.path.parent):
                if _owner(upload.path) == upload.token:
                    _mark(upload.path).unlink(missing_ok=True)

    def append(self, upload: Upload, data: bytes) -> None:
        """Write and sync. 409 if a later upload of the same batch took over; 413 beyond what a batch may be."""
        if upload.offset + len(data) > MAX_BATCH:
            raise Refused(413, "size", message="longer than a batch may be")
        upload.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked(upload.path.parent):
            if not upload.token:
                _claim(upload)
            if _owner(upload.path) != upload.token:
                raise _elsewhere(upload.path)
            if not upload.path.exists():
                self._make_room(upload.path.parent)
                _create(upload.path)
            with upload.path.open("r+b") as file:
                file.seek(upload.offset)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            moment = self._clock().timestamp()
            os.utime(upload.path, (moment, moment))
        upload.offset += len(data)

    def bytes_of(self, upload: Upload) -> bytes:
        """What this upload has on disk. 409 if a later upload of the same batch took over."""
        with self._locked(upload.path.parent):
            if _owner(upload.path) != upload.token:
                raise _elsewhere(upload.path)
            return upload.path.read_bytes()[: upload.offset]

    def discard(self, device: str, n: int) -> None:
        """Forget an upload: it was taken into the store, or can never become a batch."""
        path = self._path(device, n)
        with self._locked(path.parent):
            _forget(path)

    def age_out(self) -> None:
        """What was begun long ago goes: it is nobody's work until it is whole, and an erasure does not find it."""
        oldest = (self._clock() - timedelta(days=UNFINISHED_DAYS)).timestamp()
        for path in self._directory.glob("*/*.part"):
            if path.stat().st_mtime < oldest:
                _forget(path)

    def _make_room(self, directory: Path) -> None:
        begun = sorted(directory.glob("*.part"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in begun[MAX_BEGUN - 1 :]:
            _forget(path)

    def _path(self, device: str, n: int) -> Path:
        return self._directory / device / f"{n}.part"

    @contextmanager
    def _locked(self, directory: Path) -> Iterator[None]:
        """Alone in this folder, of all workers."""
        if sys.platform == "win32":
            with self._guard:
                yield
            return
        try:
            handle = os.open(directory, os.O_RDONLY)
        except FileNotFoundError:  # nothing of this device is here that could be written twice
            yield
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)  # and with it goes the lock, as it does when the process is killed


def _claim(upload: Upload) -> None:
    size = _size(upload.path)
    if upload.offset != size:
        raise _elsewhere(upload.path)
    upload.token = secrets.token_hex(8)
    _mark(upload.path).write_text(upload.token, encoding="ascii")


def _elsewhere(path: Path) -> Refused:
    return Refused(409, "offset", headers={"Naungan-Offset": str(_size(path))})


def _owner(path: Path) -> str:
    try:
        return _mark(path).read_text(encoding="ascii")
    except OSError:
        return ""


def _mark(path: Path) -> Path:
    return path.with_suffix(".owner")


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)
    _mark(path).unlink(missing_ok=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _create(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    if sys.platform != "win32":  # the name itself must survive a crash, too
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
