"""How far this centre had come, noted beside its database: one that was put back in silence is noticed.

A database restored from a backup gives numbers a second time, for other things. Unless it says so by a new epoch, a
laptop that read further takes them for what it saw, and overwrites unseen. So such a centre does not start.
"""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from pathlib import Path

import anyio
import anyio.to_thread
import msgspec
import psycopg

from app.central.store import Store
from app.errors import KnownError
from app.i18n import _

_FILE = "mark"  # in the data directory
_EVERY = 60  # seconds; a restore to a moment after the last note goes unnoticed
_LOG = logging.getLogger(__name__)


class Mark(msgspec.Struct, frozen=True):
    """How many batches of all devices were stored in an epoch: it only ever grows."""

    epoch: str
    stored: int


def check(store: Store, directory: Path, *, epoch: str) -> None:
    """KnownError if this database holds less than it did, in the same epoch."""
    if _stored(store) < _noted(directory, epoch=epoch):
        raise KnownError(
            _("The centre's database is older than it was. If it was restored from a backup, run"
              " `naungan central init --new-epoch`, and start then.")
        )  # fmt: skip


def note(store: Store, directory: Path, *, epoch: str) -> None:
    """Note where the database stands; nobody waits for this, and what cannot be written is written next time."""
    with suppress(OSError, psycopg.OperationalError):
        stored, before = _stored(store), _noted(directory, epoch=epoch)
        if stored < before:
            _LOG.error("the database is older than it was: stop, run init --new-epoch, and start again")
        elif stored > before:
            waiting = directory / f".{_FILE}.{secrets.token_hex(4)}"
            waiting.write_bytes(msgspec.json.encode(Mark(epoch, stored)))
            waiting.replace(directory / _FILE)


async def keep_noting(store: Store, directory: Path, *, epoch: str) -> None:
    """Now and then, until cancelled."""
    while True:
        await anyio.to_thread.run_sync(lambda: note(store, directory, epoch=epoch))
        await anyio.sleep(_EVERY)


def _stored(store: Store) -> int:
    with store.transaction() as connection:
        row = connection.execute("SELECT coalesce(sum(stored), 0) FROM device").fetchone()
    return int(row[0]) if row is not None else 0


def _noted(directory: Path, *, epoch: str) -> int:
    try:
        mark = msgspec.json.decode((directory / _FILE).read_bytes(), type=Mark)
    except (OSError, msgspec.DecodeError):
        return 0
    return mark.stored if mark.epoch == epoch else 0
