"""A centre as a program with two workers, for tests that kill, stop and storm it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psycopg

from tests.centre import CentreUnderTest, Laptop
from tests.until import until

SERVE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.central import serve
from app.central.config import Config, Limits
url, data, host, workers, grace = sys.argv[1:]
now = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
config = Config(url, Path(data), lambda: now, Limits(grace_seconds=float(grace)))
port = int(host.rpartition(":")[2])
serve.run(config, port=port, workers=int(workers), ready=lambda url: print(url, flush=True))
print("ended", flush=True)
"""
LONGEST = 50  # seconds a program of a test may live: whoever waits for it waits no longer
_HELD_UP = """
SELECT least(
    (SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0),
    (SELECT count(*) FROM batch WHERE result IS NULL))
"""


@dataclass(slots=True)
class Crew:
    """The program; `start` it again after it ended."""

    centre: CentreUnderTest
    url: str = ""
    process: subprocess.Popen[str] | None = None
    grace: float = 10
    _all: list[subprocess.Popen[str]] = field(default_factory=list)
    _guard: threading.Timer | None = None

    @property
    def pid(self) -> int:
        """Of the process that starts the workers."""
        assert self.process is not None
        return self.process.pid

    def start(self, *, workers: int = 2) -> None:
        """Serve, at the same port as before."""
        command = [
            sys.executable, "-c", SERVE, self.centre.url_of["naungan_app"], str(self.centre.data_dir),
            self.url or ":0", str(workers), str(self.grace),
        ]  # fmt: skip
        few_files = ["sh", "-c", 'ulimit -Sn 256 && exec "$@"', "sh"]  # as a system begins
        self.process = subprocess.Popen(
            [*few_files, *command], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self._all.append(self.process)
        if self._guard is None:
            self._guard = threading.Timer(LONGEST, self.kill)
            self._guard.daemon = True
            self._guard.start()
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def workers(self) -> list[int]:
        """Their process ids."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def get(self, path: str) -> httpx2.Response:
        """A request on a connection of its own: any worker may answer."""
        return httpx2.get(self.url + path, trust_env=False, timeout=30)

    def metric(self, name: str) -> float:
        """One number of all workers."""
        lines = self.get("/metrics").text.splitlines()
        return float(next((line.rpartition(" ")[2] for line in lines if line.rpartition(" ")[0] == name), "nan"))

    def laptop(self, office: str = "A") -> Laptop:
        """A device of this centre, with a session."""
        laptop = Laptop(self.centre, office)
        laptop.base_url = self.url
        laptop.enrol(self.centre.code(office))
        laptop.sign_in()
        return laptop

    def end(self) -> None:
        """Whatever is left of it, also of workers whose program is gone: they hold its output open."""
        if self._guard is not None:
            self._guard.cancel()
        self.kill()
        for process in self._all:
            process.communicate(timeout=LONGEST)

    def kill(self) -> None:
        """Every process that was ever started here, with its workers."""
        for process in self._all:
            with contextlib.suppress(ProcessLookupError):  # nobody of that group is left
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def crew_of(centre: CentreUnderTest, *, grace: float = 10, workers: int = 2) -> Iterator[Crew]:
    """Workers that serve in the place of the centre of the test."""
    centre.stop()
    crew = Crew(centre, grace=grace)
    try:
        crew.start(workers=workers)
        yield crew
    finally:
        crew.end()


@contextmanager
def held_up(centre: CentreUnderTest, office: str) -> Iterator[psycopg.Connection]:
    """Whoever applies a batch of this office waits, until the block ends."""
    with psycopg.connect(centre.url_of["superuser"]) as connection:
        connection.execute("SELECT 1 FROM scope WHERE scope = %s FOR UPDATE", (office,))
        yield connection


def until_waiting(centre: CentreUnderTest, count: int = 1, *, unless: Sized = ()) -> None:
    """Until so many batches are stored, and somebody holds up at least as many transactions.

    There may be more of them: right after a start a centre tells every office its laptops, and waits for the same lock.
    """
    until(lambda: centre.sql(_HELD_UP)[0][0] >= count, f"{count} held up", unless=unless)
