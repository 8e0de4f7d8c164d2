"""Keystores of a system, for tests: one that keeps its entries in a file, and those that fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring
import pytest
from keyring import backend, errors
from keyring.compat import properties


class FileKeystore(backend.KeyringBackend):
    """Keeps everything in one JSON file; `locked` and `broken` make it answer as such a keystore does."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.locked, self.broken = path, False, False

    @properties.classproperty
    def priority(cls) -> float:  # noqa: N805
        return 9

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write({**self._read(), f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        kept = self._read()
        if kept.pop(f"{service} {username}", None) is None:
            raise errors.PasswordDeleteError("no such entry")
        self._write(kept)

    @property
    def names(self) -> set[str]:
        """The entries there are."""
        return set(self._read())

    def _read(self) -> dict[str, str]:
        if self.locked:
            raise errors.KeyringLocked("locked")
        if self.broken:
            raise OSError("org.freedesktop.DBus.Error.NoReply")
        return dict(json.loads(self.path.read_text())) if self.path.exists() else {}

    def _write(self, kept: dict[str, str]) -> None:
        waiting = self.path.with_suffix(".new")
        waiting.write_text(json.dumps(kept))
        waiting.replace(self.path)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileKeystore]:
    """A keystore of its own for one test."""
    made = FileKeystore(tmp_path / "keystore.json")
    with installed(made):
        yield made


@contextmanager
def installed(store: backend.KeyringBackend) -> Iterator[None]:
    """For as long as the block runs this is the keystore of the system."""
    before = keyring.get_keyring()
    keyring.set_keyring(store)
    try:
        yield
    finally:
        keyring.set_keyring(before)
