"""How far this centre had come, noted beside its database: one that was put back in silence is noticed.

A database restored from a backup gives numbers a second time, for other things. Unless it says so by a new epoch, a
laptop that read further takes them for what it saw, and overwrites unseen. So such a centre does not start.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread
import msgspec
import psycopg

from app.central.store import Store
from app.errors import KnownError
from app.i18n import _

_FILE = "mark"  # in the data directory
_SOON = 1  # seconds after which what was stored is noted: a restore to a moment after the last note goes unnoticed
_EVERY = 60  # seconds from one look to the next while this process stores nothing: another one may
_LOG = logging.getLogger(__name__)


class _Noted(msgspec.Struct, frozen=True):
    """How many batches of all devices were stored in an epoch: it only ever grows."""

    epoch: str
    stored: int


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of one database in one data directory."""

    store: Store
    directory: Path
    epoch: str

    def check(self) -> None:
        """KnownError if this database holds less than it did, in the same epoch."""
        if self._stored() < self._noted():
            raise KnownError(
                _("The centre's database is older than it was. If it was restored from a backup, run"
                  " `naungan central init --new-epoch`, and start then.")
            )  # fmt: skip

    def note(self) -> None:
        """Note where the database stands; nobody waits for this, and what cannot be written is written next time."""
        with suppress(OSError, psycopg.OperationalError):
            stored, before = self._stored(), self._noted()
            if stored < before:
                _LOG.error("the database is older than it was: stop, run init --new-epoch, and start again")
            elif stored > before:
                waiting = self.directory / f".{_FILE}.{secrets.token_hex(4)}"
                waiting.write_bytes(msgspec.json.encode(_Noted(self.epoch, stored)))
                waiting.replace(self.directory / _FILE)

    async def keep_noting(self, ended: anyio.Event, *, taken: Callable[[], float]) -> None:
        """Soon after anything was `taken` (a count that grows), and now and then, until the end."""
        noted, latest = -1.0, 0.0
        while not ended.is_set():
            now, count = anyio.current_time(), taken()
            if count != noted or now >= latest:
                await anyio.to_thread.run_sync(self.note)
                noted, latest = count, now + _EVERY
            with anyio.move_on_after(_SOON):
                await ended.wait()

    def _stored(self) -> int:
        with self.store.transaction() as connection:
            row = connection.execute("SELECT coalesce(sum(stored), 0) FROM device").fetchone()
        return int(row[0]) if row is not None else 0

    def _noted(self) -> int:
        try:
            noted = msgspec.json.decode((self.directory / _FILE).read_bytes(), type=_Noted)
        except (OSError, msgspec.DecodeError):
            return 0
        return noted.stored if noted.epoch == self.epoch else 0
