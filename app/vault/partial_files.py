"""A sealed file of which only a part is here: ciphertext on the disk, with the hash of every piece beside it.

A line of pieces, each its hash (16 bytes) and then at most `size` bytes; only the last may be shorter. Whatever does
not give its hash, a torn write or a bad sector, ends what counts: it is cut off and fetched again.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.vault.attachments import ATTACHMENTS, PART, keep_sealed
from app.vault.faults import translated
from app.vault.files import private_folder

_NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PartialFile:
    """What is here of one file. `digest` is the hash of a piece, `size` how long a whole one is."""

    directory: Path
    name: str
    digest: Callable[[bytes], bytes]
    size: int

    def length(self) -> int:
        """How many bytes are here and give their hashes; what follows them is cut off."""
        if not self._path.is_file():
            return 0
        held, good = 0, 0
        for told, data in self._pieces():
            if self.digest(data) != told:
                break
            held, good = held + len(data), good + len(told) + len(data)
            if len(data) < self.size:
                break
        with translated(), self._path.open("rb+") as file:
            if file.seek(0, os.SEEK_END) != good:
                file.truncate(good)
                os.fsync(file.fileno())
        return held

    def append(self, piece: bytes) -> None:
        """One more piece, whole or the last; on the disk before this returns."""
        private_folder(self.directory / ATTACHMENTS)
        with translated():
            handle = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(self.digest(piece) + piece)
                out.flush()
                os.fsync(out.fileno())

    def finish(self) -> bool:
        """Put the whole file in its place if it gives its name. What was here of it is gone, either way."""
        data = b"".join(piece for _told, piece in self._pieces()) if self._path.is_file() else b""
        good = hashlib.sha256(data).hexdigest() == self.name
        if good:
            keep_sealed(self.directory, data)
        self.discard()
        return good

    def discard(self) -> None:
        """Forget what is here of it."""
        with translated():
            self._path.unlink(missing_ok=True)

    @property
    def _path(self) -> Path:
        if not _NAME.fullmatch(self.name):
            raise ValueError("only a hash is a name")
        return self.directory / ATTACHMENTS / (self.name + PART)

    def _pieces(self) -> Iterator[tuple[bytes, bytes]]:
        head = len(self.digest(b""))
        with translated(), self._path.open("rb") as file:
            while len(told := file.read(head)) == head:
                yield told, file.read(self.size)
