"""The folder of sealed files, as the sync is given it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.vault import attachments
from app.vault.partial_files import PartialFile


@dataclass(frozen=True, slots=True)
class SealedFiles:
    """The sealed bytes of attachments in the folder of one workspace."""

    directory: Path

    def has(self, name: str) -> bool:
        """Whether they are here."""
        return attachments.is_here(self.directory, name)

    def read(self, name: str) -> bytes:
        """The sealed bytes as they lie."""
        return attachments.read_sealed(self.directory, name)

    def keep(self, data: bytes) -> str:
        """Put sealed bytes in their place; their name."""
        return attachments.keep_sealed(self.directory, data)

    def forget(self, names: list[str]) -> None:
        """Remove them."""
        attachments.forget(self.directory, names)

    def begun(self, name: str, *, digest: Callable[[bytes], bytes], size: int) -> PartialFile:
        """What is here of a file that is not whole yet."""
        return PartialFile(self.directory, name, digest, size)
