"""Served segments, kept as files for a resume: later writes change what a cursor yields, a resume wants the same bytes.

One file for each reader and hash: all processes share them, and they survive a restart. They lie under the scope and
how much is erased in it: an erasure takes away all that was served of the scope before, also what is written late.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_HASH = 32
_SHARE = 8  # a process looks at the whole directory after writing this part of what may be kept


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the segments of one reader lie: until more is erased in the scope."""

    scope: str
    device: str
    erased: int


class Segments:
    """The directory of kept segments, at most about `limit` bytes of them."""

    def __init__(self, directory: Path, limit: int) -> None:
        self._directory = directory
        self._limit = limit
        self._written = 0
        self._guard = threading.Lock()

    def put(self, at: Shelf, data: bytes) -> None:
        """Keep a segment. One that cannot be written is served all the same."""
        path = self._path(at, data[-_HASH:].hex())
        with suppress(OSError):
            if path.exists():
                os.utime(path)
            else:
                _write(path, data)
                self._make_room(len(data))

    def get(self, at: Shelf, digest: str) -> bytes | None:
        """The segment with this hash that was served to this reader."""
        if len(digest) != 2 * _HASH or not all(c in "0123456789abcdef" for c in digest):
            return None
        try:
            data = self._path(at, digest).read_bytes()
        except OSError:
            return None
        whole = hashlib.blake2b(data[:-_HASH], digest_size=_HASH).digest() == data[-_HASH:]
        return data if whole and data[-_HASH:].hex() == digest else None

    def forget(self, scopes: Iterable[str]) -> None:
        """Remove all that was served of these scopes."""
        for scope in scopes:
            shutil.rmtree(self._directory / scope, ignore_errors=True)

    def sweep(self, erased: Callable[[str], int]) -> None:
        """At start: remove what a crash left of before an erasure. `erased`: how much is, in a scope."""
        for directory in self._directory.glob("*/*"):
            if directory.name != str(erased(directory.parent.name)):
                shutil.rmtree(directory, ignore_errors=True)

    def _path(self, at: Shelf, digest: str) -> Path:
        return self._directory / at.scope / str(at.erased) / f"{at.device}-{digest}"

    def _make_room(self, size: int) -> None:
        """The ones not asked for longest go first."""
        with self._guard:
            self._written += size
            if self._written < self._limit // _SHARE:
                return
            self._written = 0
        found = sorted((stat.st_mtime_ns, stat.st_size, path) for path, stat in _files(self._directory))
        total = sum(size for _at, size, _path in found)
        for _at, size, path in found:
            if total <= self._limit:
                return
            path.unlink(missing_ok=True)
            total -= size


def _files(directory: Path) -> Iterable[tuple[Path, os.stat_result]]:
    for path in directory.glob("*/*/*"):
        with suppress(FileNotFoundError):  # another process removed it
            yield path, path.stat()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting = path.with_name(f".{secrets.token_hex(8)}")
    handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, data)
    finally:
        os.close(handle)
    waiting.replace(path)
