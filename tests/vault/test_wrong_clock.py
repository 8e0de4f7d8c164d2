"""Backups whose date is still to come: a clock ran ahead, or this one runs behind. Their audit tells their order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest

from app.models.local import AuditEntry
from app.vault.ageing import age_out
from app.vault.backup import Backup, back_up, backups, counts_as, newest, private_folder, thin_out
from app.vault.chain import append
from app.vault.engine import connect
from app.vault.workspace import Workspace
from tests.conftest import Clock
from tests.vault.offices import Office

AHEAD = 365 * 4


@pytest.fixture
def save(workspace: Workspace, clock: Clock) -> Callable[..., Backup]:
    """One more entry of the audit, and a backup of it."""

    def saved(*, thin: bool = True) -> Backup:
        entry = AuditEntry(at=clock(), actor="", device="", action="change", kind="case", record="", fields="")
        with closing(connect(workspace.database, keys=workspace.keys)) as connection:
            append(connection, entry)
        return back_up(workspace, now=clock, thin=thin)

    return saved


def there(office: Office) -> list[int]:
    """How long the audit of each backup is, in the order in which they were made."""
    return sorted(each.entries for each in backups(office.directory))


def test_they_count_as_made_before_the_first_one_after_them(
    office: Office, save: Callable[..., Backup], clock: Clock
) -> None:
    first = save(thin=False)
    clock.forward(days=AHEAD)
    ahead = save(thin=False)
    clock.forward(days=1 - AHEAD)
    assert counts_as(ahead, backups(office.directory), at=clock()) is None
    assert newest(office.directory, at=clock()) == first
    clock.forward(days=1)
    later = save(thin=False)
    save(thin=False)
    found = backups(office.directory)
    assert counts_as(ahead, found, at=clock()) == later.at and counts_as(later, found, at=clock()) == later.at


def test_they_age_out_with_it_and_not_before_it_is_a_week_old(
    office: Office, save: Callable[..., Backup], clock: Clock
) -> None:
    save()
    clock.forward(days=AHEAD)
    ahead = [save().entries for _ in range(2)]
    clock.forward(days=1 - AHEAD)
    gone_after = 0
    for day in range(40):
        for _ in range(2):  # the first of the day gives way to the second: those ahead do not go with it
            clock.forward(hours=1)
            save()
        clock.forward(hours=22)
        if not set(ahead) & set(there(office)):
            gone_after = day
            break
        assert set(ahead) <= set(there(office))
    assert 7 <= gone_after <= 35
    assert all(each.at <= clock() for each in backups(office.directory))


def test_a_clock_that_runs_behind_takes_no_history_away_at_once(
    office: Office, save: Callable[..., Backup], clock: Clock
) -> None:
    before = []
    for _ in range(5):
        before.append(save().entries)
        clock.forward(days=1)
    clock.forward(days=-AHEAD)
    for _ in range(3):
        save()
        clock.forward(hours=3)
    assert set(before) <= set(there(office))


def test_after_an_erasure_they_go_when_they_may_be_older_than_it(
    office: Office, save: Callable[..., Backup], clock: Clock
) -> None:
    save(thin=False)
    clock.forward(days=AHEAD)
    before = save(thin=False)
    clock.forward(days=2 - AHEAD)
    erased = clock()
    clock.forward(days=1)
    save(thin=False)
    clock.forward(days=AHEAD)
    after = save(thin=False)
    clock.forward(days=34 - AHEAD)
    assert age_out(office.directory, erased=[erased], now=clock() - timedelta(days=1)) == 0
    assert age_out(office.directory, erased=[erased], now=clock()) == 2
    paths = {each.path for each in backups(office.directory)}
    assert before.path not in paths and after.path in paths


def test_what_was_put_aside_under_a_wrong_clock_ages_from_today(
    office: Office, save: Callable[..., Backup], clock: Clock
) -> None:
    aside = private_folder(office.directory / "backups" / "20301124T013000Z.replaced")
    (aside / "workspace.db").write_bytes(b"old")
    save()
    assert not aside.exists() and len(list(office.directory.glob("backups/*.replaced/workspace.db"))) == 1
    clock.forward(days=36)
    save()
    thin_out(office.directory, at=clock())
    assert not list(office.directory.glob("backups/*.replaced"))
