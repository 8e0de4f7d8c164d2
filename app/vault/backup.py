"""Verified copies of the workspace, each a folder of its own that can be carried away and restored alone.

    backups/20261124T060450Z/    workspace.db (under a random key of its own)    backup.json (that key, sealed)
                                 naungan.keys (as it was that day)

A backup opens with the passwords of the day it was made. It is in DELETE journal mode, because a file in WAL mode
cannot be opened from a read-only medium.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from app.errors import WorkspaceDamaged
from app.i18n import _
from app.vault import cipher
from app.vault.attempts import Clock
from app.vault.engine import connect
from app.vault.faults import translated
from app.vault.files import (
    BACKUPS,
    DATABASE,
    ESCROW,
    new_private_file,
    private_folder,
    sync_file,
    sync_folder,
    write_whole,
)
from app.vault.kdf import KEY_BYTES, wipe
from app.vault.keyfile import KeyFile, read_key_file, write_key_file
from app.vault.keys import Keys
from app.vault.sidecar import SIDECAR, Told, not_whole, open_sidecar, told_by, write_sidecar

if TYPE_CHECKING:  # a workspace makes a backup before it migrates, so it imports this module
    from app.vault.workspace import Workspace

NAME = "%Y%m%dT%H%M%SZ"
UNFINISHED = ".unfinished"
REPLACED = ".replaced"  # what a restore put aside
DAYS, WEEKS = 7, 4
WEEK, OLDEST = timedelta(days=7), timedelta(days=35)  # what was erased is gone from every backup by then
AT_ONCE = 2_000  # pages between two looks at whether the copy is still wanted

_one = Lock()  # backups are made one after the other, whoever asks


class Stoppable(Protocol):
    """Work that somebody may not want any more: a lock does not wait for a copy."""

    def check(self) -> None:
        """Raise if it is not wanted any more."""

    def when_stopped(self, act: Callable[[], None]) -> None:
        """Have this called the moment it is not wanted any more."""


@dataclass(frozen=True)
class Backup:
    """A finished backup: its folder, when it was made (UTC), its size, and how long its audit was then."""

    path: Path
    at: datetime
    bytes: int
    entries: int = 0


def back_up(workspace: Workspace, *, now: Clock, stop: Stoppable | None = None, thin: bool = True) -> Backup:
    """A new backup, opened and compared with what it was made from before it counts; older ones are thinned out.

    Nothing is thinned out while the data may be older than known: the newer may be in the older backups alone.
    """
    made = make_backup(workspace.directory, key_file=workspace.key_file(), keys=workspace.keys, now=now, stop=stop)
    if thin and not workspace.stale:
        thin_out(workspace.directory, at=made.at)
    return made


def backups(directory: Path) -> tuple[Backup, ...]:
    """The finished backups of a workspace, newest first."""
    folder = directory / BACKUPS
    found = [_described(each) for each in folder.iterdir()] if folder.is_dir() else []
    return tuple(sorted((each for each in found if each), key=lambda each: each.at, reverse=True))


def newest(directory: Path, *, at: datetime) -> Backup | None:
    """The newest finished backup; one whose date is still to come only if there is no other."""
    found = backups(directory)
    return next((each for each in found if each.at <= at), found[0] if found else None)


def backup_in(folder: Path) -> Backup | None:
    """The backup in this very folder, wherever it was carried; None when there is none."""
    told = told_by(folder)
    return _backup(folder, told.at, told) if told and (folder / DATABASE).is_file() else None


def make_backup(directory: Path, *, key_file: KeyFile, keys: Keys, now: Clock, stop: Stoppable | None = None) -> Backup:
    """One verified backup; nothing bears a finished name before everything is on the disk and compared."""
    with _one:
        at = now().astimezone(UTC)
        folder = private_folder(directory / BACKUPS)
        remove_unfinished(directory)
        building = folder / f"{at:{NAME}}{UNFINISHED}"
        backup_id, key = secrets.token_hex(16), bytearray(secrets.token_bytes(KEY_BYTES))
        try:
            with translated():
                private_folder(building)
                counts = _copy_rows(directory / DATABASE, building / DATABASE, keys=keys, key=key, stop=stop)
                require_same(cipher.connect(building / DATABASE, key=key), counts=counts, stop=stop)
                write_key_file(building, key_file)
                if key_file.escrow and key_file.escrow.is_in(directory / ESCROW):
                    write_whole(building / ESCROW, (directory / ESCROW).read_bytes())
                told = Told(keys.vault_id, at, counts)
                write_sidecar(building, told, backup_id=backup_id, keys=keys, key=key)
                _require_openable(building, keys=keys)
                done = _free_name(folder, at=at)
                building.rename(done)
                sync_folder(folder)
        except Exception:
            if stop is not None:
                stop.check()  # what was interrupted on purpose is no fault
            raise
        finally:
            wipe(key)
            shutil.rmtree(building, ignore_errors=True)
    return _backup(done, at, told)


def remove_unfinished(directory: Path) -> None:
    """Remove what a killed or failed backup, check or drill left."""
    for each in (directory / BACKUPS).glob(f"*{UNFINISHED}"):
        shutil.rmtree(each, ignore_errors=True)


def thin_out(directory: Path, *, at: datetime) -> None:
    """Remove what `to_keep` does not name, and what restores put aside as long ago; the newest always stays.

    What bears a later day than `at` was made under a clock that ran ahead, or this one runs behind: it is no reason to
    remove anything, and goes itself with the backup that came after it, not before that one is a week old.
    """
    found = backups(directory)
    moments = {each.path: counts_as(each, found, at=at) for each in found}
    dated = [moment for moment in moments.values() if moment is not None]
    kept, last = to_keep(dated), max(dated, default=at)
    for each in found:
        moment = moments[each.path]
        if moment is not None and moment not in kept and (each.at <= at or last - moment >= WEEK):
            shutil.rmtree(each.path)
    for folder in (directory / BACKUPS).glob(f"*{REPLACED}"):
        aside = _moment(folder)
        if aside and aside > at:
            aside = at
            folder.rename(folder.with_name(f"{at:{NAME}}-{folder.stem}{REPLACED}"))  # its days begin now
        if aside and last - aside > OLDEST:
            shutil.rmtree(folder)


def counts_as(backup: Backup, found: Iterable[Backup], *, at: datetime) -> datetime | None:
    """When a backup was made, as far as that is known at `at`.

    Its date cannot be right if it is still to come. Then it was made before the first of the others whose audit is as
    long or longer; None while there is none.
    """
    later = [each.at for each in found if each.at <= at and each.entries >= backup.entries]
    return backup.at if backup.at <= at else min(later, default=None)


def to_keep(moments: Iterable[datetime]) -> set[datetime]:
    """Which backups stay: the newest of the last 7 days that have one, then of the last 4 ISO weeks before those.

    None stays that is 35 days older than the newest.
    """
    newest_first = sorted(moments, reverse=True)
    days = _newest_per([(moment.date(), moment) for moment in newest_first])[:DAYS]
    weeks = [(moment.isocalendar()[:2], moment) for moment in newest_first if moment.date() < days[-1].date()]
    return {moment for moment in (*days, *_newest_per(weeks)[:WEEKS]) if newest_first[0] - moment <= OLDEST}


def require_same(connection: cipher.Connection, *, counts: dict[str, int], stop: Stoppable | None = None) -> None:
    """WorkspaceDamaged unless every page and link of this database is sound and it holds as many rows. Closes it."""
    with closing(connection):
        if stop is not None:
            stop.check()
            stop.when_stopped(connection.interrupt)
        if cipher.problems(connection) or cipher.row_counts(connection) != counts:
            raise WorkspaceDamaged(_("The copy is not equal to the original. Check the disk and back up again."))


def _newest_per(dated: Iterable[tuple[object, datetime]]) -> list[datetime]:
    found: dict[object, datetime] = {}
    for period, moment in dated:
        found.setdefault(period, moment)
    return list(found.values())


def _copy_rows(source: Path, target: Path, *, keys: Keys, key: bytearray, stop: Stoppable | None) -> dict[str, int]:
    """Copy one consistent state page by page under another key, while the workspace stays in use; its row counts."""
    new_private_file(target)
    with closing(connect(source, keys=keys)) as reading, closing(cipher.connect_fresh(target, key=key)) as writing:
        if stop is not None:
            stop.check()
            stop.when_stopped(reading.interrupt)
        reading.execute("BEGIN")  # one snapshot for the counts and the copy
        counts = cipher.row_counts(reading)
        reading.backup(writing, pages=AT_ONCE, progress=lambda *_counts: stop.check() if stop else None)
        reading.execute("COMMIT")
        writing.execute("PRAGMA journal_mode = DELETE")
    sync_file(target)
    return counts


def _require_openable(building: Path, *, keys: Keys) -> None:
    """That whoever signs in today can open this: the keys may have been changed under the copy."""
    key, _told = open_sidecar(building, keys=keys)
    wipe(key)
    if not read_key_file(building).is_signed_by(keys):
        raise not_whole()


def _described(folder: Path) -> Backup | None:
    at = _moment(folder) if (folder / SIDECAR).is_file() else None
    return _backup(folder, at, told_by(folder)) if at and not folder.name.endswith((UNFINISHED, REPLACED)) else None


def _backup(folder: Path, at: datetime, told: Told | None) -> Backup:
    size = sum(each.stat().st_size for each in folder.iterdir())
    return Backup(folder, at, size, told.rows.get("audit", 0) if told else 0)


def _moment(folder: Path) -> datetime | None:
    try:
        return datetime.strptime(folder.name.partition("-")[0].partition(".")[0], NAME).replace(tzinfo=UTC)
    except ValueError:
        return None


def _free_name(folder: Path, *, at: datetime) -> Path:
    """The moment as a name; a second backup within one second gets a number."""
    names = [f"{at:{NAME}}", *(f"{at:{NAME}}-{n}" for n in range(2, 100))]
    return next(folder / name for name in names if not (folder / name).exists())
