"""Backups from before an erasure: none is kept longer than 35 days after it, whatever the rotation would keep."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from app.vault.backup import Backup, backups
from app.vault.faults import translated

DAYS = 35


def too_old(found: Iterable[Backup], *, erased: Iterable[datetime], now: datetime) -> tuple[Backup, ...]:
    """Those made before something was erased 35 days ago or longer."""
    past = [at for at in erased if now - at >= timedelta(days=DAYS)]
    last = max(past, default=None)
    return tuple(each for each in found if last is not None and each.at <= last)


def age_out(directory: Path, *, erased: Iterable[datetime], now: datetime) -> int:
    """Remove the backups of a workspace that have to be gone; how many. `erased`: when something was erased here."""
    gone = too_old(backups(directory), erased=erased, now=now)
    with translated():
        for each in gone:
            shutil.rmtree(each.path)
    return len(gone)
