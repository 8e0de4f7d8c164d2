"""Eight o'clock on a Monday: every laptop of 514 offices syncs at once, against one centre with two workers.

Real messages over real HTTP on loopback, and at the end every operation is looked for in the feed of its office. The
laptops share the two processors with the centre; what they took of them is told.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit

import psycopg

from app.central import admin, embedded
from app.central.keys import CentreKey, load_key
from app.central.store import Store, epoch_of
from app.models.field import to_ms
from app.wire import REFERENCE
from app.wire.messages import CERTIFICATE_DOMAIN, Certificate, FeedPoint, Status, encode
from benchmarks._laptop import PHASES, Laptop, Link, Tally, Town

Row = tuple[str, str, str, str]
OFFICES, WORKERS = 514, 2
STORMS = (514, 5_140)
PATIENCE = 300  # seconds a storm may last: on a machine that has nothing else to do it is far less
_HOLES: LiteralString = """
SELECT count(*) FROM scope LEFT JOIN (
    SELECT scope, count(*) AS lines, max(seq) AS last FROM feed GROUP BY scope
) AS of_scope USING (scope) WHERE (head, head) IS DISTINCT FROM (coalesce(lines, 0), coalesce(last, 0))
"""
_TICK = os.sysconf("SC_CLK_TCK")
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Storm:
    """How one went."""

    laptops: int
    served: int  # of them, when the time was up
    seconds: float
    tally: Tally
    shares: tuple[float, float, float]  # of two processors: the laptops, the centre, PostgreSQL
    operations: int


def rows(storms: Sequence[int] = STORMS, *, patience: float = PATIENCE) -> list[Row]:
    """A few rows for each storm, and how it grows from the first to the last."""
    with tempfile.TemporaryDirectory(prefix="naungan-storm-") as folder, _stoppable():
        world = World(Path(folder), patience)
        try:
            found = [world.storm(count) for count in storms]
        finally:
            world.close()
    table = [row for storm in found for row in _told(storm)]
    if len(found) > 1:
        first, last = found[0], found[-1]
        times, laptops = last.seconds / first.seconds, last.laptops / first.laptops
        table.append(
            (
                f"growth, {laptops:.0f} times the laptops",
                f"{times:.1f} times the time",
                "linear",
                f"{times / laptops:.2f}",
            )
        )
    return table


def _told(storm: Storm) -> Iterator[Row]:
    name, tally = f"{storm.laptops:,} laptops", storm.tally
    served = "all served" if storm.served == storm.laptops else f"TIME IS UP, {storm.served:,} served"
    yield (f"{name}: {served}", f"{storm.seconds:.1f} s", f"{storm.served / storm.seconds:.0f} laptops/s", "")
    for phase in PHASES:
        yield (f"{name}: {phase}, p50 p95 p99", _spread(tally.done.get(phase, [])), "", "")
    later = ", ".join(f"{code} {count}" for code, count in sorted(tally.later.items())) or "none"
    yield (f"{name}: told to come later", later, f"{tally.requests:,} requests", "")
    if tally.told:
        yield (f"{name}: and for how long, p50 p95 p99", _spread(tally.told), "", "")
    yield (f"{name}: bytes up, down", f"{tally.sent / 1e6:.1f} MB, {tally.received / 1e6:.1f} MB", "", "")
    yield (f"{name}: lost or twice", f"0 of {storm.operations:,} operations", "every feed dense", "")
    mine, centre, database = storm.shares
    shares = f"laptops {mine:.0%}, centre {centre:.0%}, PostgreSQL {database:.0%}"
    yield (f"{name}: share of {os.cpu_count()} processors", shares, "", "")


def _spread(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds) or [float("nan")]
    return (
        ", ".join(f"{ordered[min(len(ordered) - 1, int(len(ordered) * part))]:.2f}" for part in (0.5, 0.95, 0.99))
        + " s"
    )


class World:
    """A centre as a program of its own, its PostgreSQL, and 514 offices."""

    def __init__(self, place: Path, patience: float) -> None:
        self._patience = patience
        self._data = place / "centre"
        self._database = embedded.start(place / "pg")
        self._guard = self._guarded()
        admin.init(self._database.url("owner"), self._data)
        self._owner = Store(self._database.url("owner"))
        self._superuser = self._database.superuser_url
        self._offices = [self._office(n) for n in range(OFFICES)]
        self._enrolled = 0

    def storm(self, count: int) -> Storm:
        """So many new laptops at once; RuntimeError if anything of theirs is missing, or there twice."""
        laptops = [self._laptop(n) for n in range(count)]
        self._enrol(laptops)
        with self._served() as (process, address):
            town = self._town(address)
            for laptop in laptops:
                laptop.freeze(town)
            before = _cpu(os.getpid(), process.pid, self._postmaster())
            began, tally = time.perf_counter(), Tally()
            asyncio.run(_all_at_once(laptops, town, tally, within=self._patience))
            seconds = time.perf_counter() - began
            after = _cpu(os.getpid(), process.pid, self._postmaster())
        took = [(now - then) / seconds / (os.cpu_count() or 1) for now, then in zip(after, before, strict=True)]
        served = sum(laptop.proven for laptop in laptops)
        return Storm(count, served, seconds, tally, (took[0], took[1], took[2]), self._check(laptops))

    def close(self) -> None:
        """Stop PostgreSQL."""
        self._guard.kill()
        self._guard.wait()
        self._owner.close()
        self._database.stop()

    def _guarded(self) -> subprocess.Popen[bytes]:
        """Whoever stops PostgreSQL if this process is killed: it is nobody's child, and would stay."""
        watch = 'cat > /dev/null; kill -INT "$0"'  # its input ends when we do
        return subprocess.Popen(
            ["sh", "-c", watch, str(self._postmaster())], stdin=subprocess.PIPE, start_new_session=True
        )

    def _office(self, n: int) -> str:
        facts = {"code": f"K{n:03}", "name": f"Kantor {n}", "agency_type": "UPTD_PPA", "region": "3273"}
        return admin.add_office(self._owner, **facts, now=_now)

    def _laptop(self, n: int) -> Laptop:
        office = n % OFFICES
        return Laptop(self._offices[office], self._offices[(office + 1) % OFFICES] if n % 5 == 0 else "")

    def _enrol(self, laptops: list[Laptop]) -> None:
        """Straight into the table, as if each had been enrolled and its six words compared long ago."""
        key, issued = load_key(self._data), _now()
        columns = "id, office, region, tag, sign_public, certificate, issued, expires, confirmed"
        with (
            psycopg.connect(self._database.url("owner")) as connection,
            connection.cursor() as cursor,
            cursor.copy(f"COPY device ({columns}) FROM STDIN") as copy,
        ):
            for laptop in laptops:
                copy.write_row(self._line(laptop, key, issued))

    def _line(self, laptop: Laptop, key: CentreKey, issued: datetime) -> tuple[object, ...]:
        self._enrolled += 1
        tag, expires = f"L{self._enrolled}", issued + timedelta(days=365)
        office = bytes.fromhex(laptop.office)
        certificate = Certificate(laptop.id, office, "K", laptop.public, bytes(32), tag, to_ms(issued), to_ms(expires))
        signed = encode(key.signed(certificate, domain=CERTIFICATE_DOMAIN))
        return (laptop.id.hex(), laptop.office, "3273", tag, laptop.public, signed, issued, expires, issued)

    @contextmanager
    def _served(self) -> Iterator[tuple[subprocess.Popen[str], tuple[str, int]]]:
        """The program itself, as an administrator starts it."""
        secret = self._data / "owner-url"
        secret.write_text(self._database.url("owner"), encoding="utf-8")
        secret.chmod(0o600)
        command = [
            sys.executable, "-m", "app", "central", "serve", "--database-file", str(secret),
            "--data", str(self._data), "--port", "0", "--workers", str(WORKERS),
        ]  # fmt: skip
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=_ends_with_us) as process:
            assert process.stderr is not None
            line = process.stderr.readline()
            url = urlsplit(line.rpartition(" ")[2].strip())
            if url.port is None:
                raise RuntimeError(f"the centre does not serve: {line}{process.stderr.read()}")
            try:
                yield process, (str(url.hostname), url.port)
            finally:
                process.terminate()
                process.wait()

    def _town(self, address: tuple[str, int]) -> Town:
        epoch = epoch_of(self._owner)
        with psycopg.connect(self._superuser, dbname=embedded.DATABASE) as connection:
            found = connection.execute(
                "SELECT head, digest, count FROM scope WHERE scope = %s", (REFERENCE,)
            ).fetchone()
        assert found is not None
        return Town(address, epoch, FeedPoint(bytes.fromhex(REFERENCE), "", *found), to_ms(_now()))

    def _postmaster(self) -> int:
        return int((Path(str(self._database.server.pgdata)) / "postmaster.pid").read_text().split()[0])

    def _check(self, laptops: list[Laptop]) -> int:
        """Nothing answered for lost, nothing twice, no number left out; the number of operations answered for."""
        with psycopg.connect(self._superuser, dbname=embedded.DATABASE) as connection:
            holes = connection.execute(_HOLES).fetchone()
            feed = connection.execute("SELECT scope, record, seq FROM feed").fetchall()
        if holes != (0,):
            raise RuntimeError(f"feeds with holes: {holes}")
        lines: dict[tuple[str, bytes], list[int]] = {}
        for scope, record, seq in feed:
            lines.setdefault((scope.hex, record.bytes), []).append(seq)
        operations = 0
        for laptop in laptops:
            for record, outcomes in laptop.done.items():
                operations += len(outcomes)
                if {outcome.status for outcome in outcomes} != {Status.ACCEPTED}:
                    raise RuntimeError(f"not accepted: {outcomes}")
                if sorted(outcome.rev for outcome in outcomes) != sorted(lines.get((laptop.office, record), [])):
                    raise RuntimeError("an operation is not in the feed exactly once")
        return operations


async def _all_at_once(laptops: list[Laptop], town: Town, tally: Tally, *, within: float) -> None:
    with suppress(TimeoutError):  # how many were served is told then
        await _storm(laptops, town, tally, within=within)


async def _storm(laptops: list[Laptop], town: Town, tally: Tally, *, within: float) -> None:
    async with asyncio.timeout(within), asyncio.TaskGroup() as group:
        for n, laptop in enumerate(laptops):
            source = f"127.{1 + n % 200}.{n // 200 % 200}.1"
            group.create_task(laptop.sync(town, Link(town, tally, source), tally))


@contextmanager
def _stoppable() -> Iterator[None]:
    """Inside the block SIGTERM arrives as Ctrl+C does: the centre and its PostgreSQL are stopped."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _ends_with_us() -> None:
    """In the centre's process: it is told to end when this one is gone, also if that was killed (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _now() -> datetime:
    return datetime.now(UTC)


def _cpu(*roots: int) -> list[float]:
    """Seconds of processor that each of these processes and its children have had."""
    parents, used = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)], used[int(entry.name)] = (
                int(fields[1]),
                (int(fields[11]) + int(fields[12])) / _TICK,
            )
    return [sum(used[pid] for pid in used if _under(pid, root, parents, roots)) for root in roots]


def _under(pid: int, root: int, parents: dict[int, int], roots: Sequence[int]) -> bool:
    while pid in parents and pid not in roots:
        pid = parents[pid]
    return pid == root


def main() -> int:
    """`python -m benchmarks.storm --laptops 514`: one storm; without it, all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--laptops", type=int, nargs="*", default=STORMS)
    parser.add_argument("--seconds", type=float, default=PATIENCE, help="how long each storm may last")
    wanted = parser.parse_args()
    for row in rows(wanted.laptops, patience=wanted.seconds):
        print("  ".join(cell for cell in row if cell))
    return 0


if __name__ == "__main__":
    sys.exit(main())
