"""Backups from before an erasure: none is kept longer than 35 days after it, whatever the rotation would keep."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from app.vault.attempts import NEVER
from app.vault.backup import Backup, backups
from app.vault.faults import translated

DAYS = 35


def too_old(found: Iterable[Backup], *, erased: Iterable[datetime], now: datetime) -> tuple[Backup, ...]:
    """Those made before something was erased 35 days ago or longer."""
    past = [at for at in erased if now - at >= timedelta(days=DAYS)]
    last, there = max(past, default=None), tuple(found)
    return tuple(each for each in there if last is not None and _since(each, there, now=now) <= last)


def _since(backup: Backup, found: Iterable[Backup], *, now: datetime) -> datetime:
    """The earliest moment at which it can have been made: where its own date is still to come, its audit tells.

    Then it was made after the last of the others whose audit is not longer.
    """
    dated = [each for each in found if each.at <= now]
    if backup.at <= now or not dated:
        return backup.at
    return max((each.at for each in dated if each.entries <= backup.entries), default=NEVER)


def age_out(directory: Path, *, erased: Iterable[datetime], now: datetime) -> int:
    """Remove the backups of a workspace that have to be gone; how many. `erased`: when something was erased here."""
    gone = too_old(backups(directory), erased=erased, now=now)
    with translated():
        for each in gone:
            shutil.rmtree(each.path)
    return len(gone)
