"""Unfinished uploads on disk: what arrived is kept, to the byte, and synced to the disk every 16 KiB."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from app.central.config import Clock
from app.central.refusal import Refused
from app.wire import MAX_BATCH

MAX_BEGUN = 8  # batches of one device: they come one after the other
UNFINISHED_DAYS = 35  # as long as anything else that an erasure cannot reach
_POSIX = os.name == "posix"


@dataclass(slots=True)
class Upload:
    """One upload in progress. A later one of the same batch takes over; the earlier then writes nothing more."""

    path: Path
    offset: int
    taken: bool = False
    pending: bytearray = field(default_factory=bytearray)


class Uploads:
    """The directory of unfinished uploads."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._running: dict[Path, Upload] = {}
        self._guard = threading.Lock()

    def size(self, device: str, n: int) -> int:
        """How many bytes of a batch have arrived."""
        return _size(self._path(device, n))

    @contextmanager
    def receive(self, device: str, n: int, *, offset: int, known: bytes = b"") -> Iterator[Upload]:
        """Go on with an upload at exactly the byte where it stands. `known`: what is stored of this batch already."""
        path = self._path(device, n)
        with self._guard:
            if offset and not path.exists() and known[:offset]:
                _create(path, known[:offset])
            size = self.size(device, n)
            if offset != size:
                raise Refused(409, "offset", headers={"Naungan-Offset": str(size)})
            if not size:
                self._make_room(path.parent)
            upload = Upload(path, offset)
            earlier = self._running.get(path)
            if earlier is not None:
                earlier.taken = True
            self._running[path] = upload
        try:
            yield upload
        finally:
            with self._guard:
                if self._running.get(path) is upload:
                    del self._running[path]

    def append(self, upload: Upload, data: bytes) -> None:
        """Write and sync. 409 if a later upload of the same batch took over; 413 beyond what a batch may be."""
        with self._guard:
            if upload.taken:
                raise Refused(409, "offset", headers={"Naungan-Offset": str(_size(upload.path))})
            if upload.offset + len(data) > MAX_BATCH:
                raise Refused(413, "size", message="longer than a batch may be")
            if not upload.path.exists():
                _create(upload.path, b"")
            with upload.path.open("r+b") as file:
                file.seek(upload.offset)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            moment = self._clock().timestamp()
            os.utime(upload.path, (moment, moment))
            upload.offset += len(data)

    def read(self, device: str, n: int) -> bytes:
        """What has arrived."""
        path = self._path(device, n)
        return path.read_bytes() if path.exists() else b""

    def discard(self, device: str, n: int) -> None:
        """Forget an upload: it was taken into the store, or can never become a batch."""
        self._path(device, n).unlink(missing_ok=True)

    def age_out(self) -> None:
        """What was begun long ago goes: it is nobody's work until it is whole, and an erasure does not find it."""
        oldest = (self._clock() - timedelta(days=UNFINISHED_DAYS)).timestamp()
        for path in self._directory.glob("*/*.part"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _make_room(self, directory: Path) -> None:
        begun = sorted(directory.glob("*.part"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in begun[MAX_BEGUN - 1 :]:
            path.unlink(missing_ok=True)

    def _path(self, device: str, n: int) -> Path:
        return self._directory / device / f"{n}.part"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _create(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
    if _POSIX:  # the name itself must survive a crash, too
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
