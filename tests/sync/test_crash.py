"""Kill the program at every commit of a sync, start it again: everything arrives, once."""

from __future__ import annotations

import os
import signal

from sqlalchemy import event

from app.sync.http import HttpTransport
from app.sync.loop import run
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault
from tests.attacks import Survived
from tests.sync.country import Country, new_case
from tests.sync.laptops import PASSWORD, Laptop, reopen
from tests.sync.test_broken_links import agree, write


def killed_at_commit(laptop: Laptop, n: int, url: str) -> bool:
    """Sync in a process of its own that is killed right before its n-th commit; whether it was.

    The laptop has to be closed: nothing of it may live in two processes.
    """
    child = os.fork()
    if child == 0:
        try:
            _sync_until(laptop, n, url)
        finally:
            os._exit(3)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)


def _sync_until(laptop: Laptop, n: int, url: str) -> None:
    directory, login = laptop.workspace.directory, laptop.workspace.user.login
    workspace = Vault(cost=CHEAPEST).unlock(directory, login=login, password=PASSWORD, now=laptop.clock)
    commits = 0

    @event.listens_for(workspace.engine, "commit")
    def kill(_connection: object) -> None:
        nonlocal commits
        commits += 1
        if commits == n:
            os.kill(os.getpid(), signal.SIGKILL)

    opened = Laptop(workspace, laptop.clock)
    with HttpTransport(url, workspace.device) as transport:
        report = run(opened.setup, transport)
    os._exit(0 if report.green else 2)


def test_a_kill_at_every_commit_of_a_sync_loses_and_doubles_nothing(country: Country, survived: Survived) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    country.settle(one, two)
    kills, step, ended = 0, 1, False
    while not ended:
        write(two, case_id)
        country.sync(two)
        write(one, case_id)
        new_case(one)
        one.workspace.close()
        killed = killed_at_commit(one, step, country.centre.base_url)
        one = country.laptops["a1"] = reopen(one)
        report = country.sync(one)  # on from where it stood: had the cursor moved without its rows, this would tell
        assert report.green and not report.repaired, f"killed before commit {step}"
        kills, step, ended = kills + killed, step + 1, not killed
    assert kills >= 8  # freeze, hello, push, its answer, two segments, two receipts, the last settling
    agree(country, one, two)
    survived(kills, of=kills, control="each child died right before its commit; the last came to its end")
