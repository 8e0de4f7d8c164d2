"""PostgreSQL itself ends and begins while batches are being applied, under one process that serves and under two."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import psycopg
import pytest

from app.central import admin, embedded
from app.central.workers import POSSIBLE
from app.models.ids import new_id
from app.wire.batch import digest_of
from app.wire.messages import BatchResult, Status
from tests.central.crew import crew_of, held_up, until_waiting
from tests.central.scene import check_proof, scene_of
from tests.central.test_uploads import head, until_applied
from tests.centre import CentreUnderTest, Laptop, new_centre, read, refusal
from tests.conftest import Clock

TRIES = 6  # connections of their own: any worker may answer


@pytest.fixture
def own_server(clock: Clock) -> Iterator[tuple[Path, CentreUnderTest]]:
    """A PostgreSQL that nobody else of these tests uses, and a centre on it."""
    folder = Path(tempfile.mkdtemp(prefix="naungan-pg-"))
    server = embedded.start(folder / "db", fast=True)
    try:
        admin.init(server.url("owner"), folder / "first")
        made = new_centre(server, folder, clock=clock)
        yield folder / "db", next(made)
        server = embedded.start(folder / "db", fast=True)  # whatever became of it in the test
        next(made, None)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def as_served(centre: CentreUnderTest, workers: int) -> Iterator[str]:
    """The centre of the test as it is, or two workers in its place; where."""
    if workers == 1:
        yield centre.base_url
        return
    with crew_of(centre) as crew:
        yield crew.url


@pytest.mark.parametrize(
    "workers",
    [
        pytest.param(1, marks=pytest.mark.warns_in_log("database not reachable")),  # two log in their own processes
        pytest.param(2, marks=pytest.mark.skipif(not POSSIBLE, reason="one worker only")),
    ],
)
def test_a_restart_of_postgresql_in_the_middle_of_applying(
    own_server: tuple[Path, CentreUnderTest], workers: int
) -> None:
    folder, centre = own_server
    scene = scene_of(centre)
    scene.register()
    away, other = centre.device("A"), centre.device("C")
    siti, ani = new_id(), new_id()
    with as_served(centre, workers) as url:
        for laptop in (scene.a, scene.b, away, other):
            laptop.base_url = url
        sent = {
            scene.a: scene.a.seal(scene.consents(), scene.refers(), scene.step(scene.a, "SENT")),
            away: away.seal(away.make("person", record=siti, name="Siti")),
            other: other.seal(other.make("person", record=ani, name="Ani")),
        }
        server = embedded.start(folder, fast=True)  # the one that runs
        answers = stopped_meanwhile(centre, server, {laptop: sent[laptop] for laptop in (scene.a, away)})
        assert answers == {(503, "database"): 2}
        for _try in range(TRIES):
            reply = httpx2.get(f"{url}/healthz", trust_env=False, timeout=30)
            assert refusal(reply) == (503, "database")
            assert int(reply.headers["retry-after"]) > 0
        assert refusal(other.put(sent[other])) == (503, "database")
        embedded.start(folder, fast=True)
        for laptop in (other, scene.a):
            n = laptop.n + 1
            assert {one.status for one in read(laptop.put(sent[laptop]), BatchResult).outcomes} == {Status.ACCEPTED}
            again = laptop.put(b"", n=n, offset=len(sent[laptop]), total=len(sent[laptop]))
            assert {one.status for one in read(again, BatchResult).outcomes} == {Status.ACCEPTED}
        until_applied(away, 1)  # that laptop did not come again: what is stored is applied all the same
        for laptop in sent:
            laptop.n, laptop.previous = laptop.n + 1, digest_of(sent[laptop])
        check_proof(centre, scene.a, scene.b, away, other)
        for record in (siti, ani):
            assert centre.sql("SELECT count(*) FROM feed WHERE record = %s", record) == [(1,)]


def stopped_meanwhile(
    centre: CentreUnderTest, server: embedded.Embedded, sent: dict[Laptop, bytes]
) -> dict[tuple[int, str], int]:
    """Stop PostgreSQL while all of these are being applied; the answers, counted."""
    answers: Counter[tuple[int, str]] = Counter()

    def send(laptop: Laptop) -> None:
        answers[refusal(laptop.put(sent[laptop]))] += 1

    sending = [threading.Thread(target=send, args=(laptop,)) for laptop in sent]
    with suppress(psycopg.OperationalError), held_up(centre, next(iter(sent)).office):  # whoever holds is cut as well
        for count, thread in enumerate(sending, start=1):
            thread.start()
            until_waiting(centre, count, unless=answers)
        assert [head(laptop, laptop.n + 1)[0] for laptop in sent] == ["stored"] * len(sent)
        server.stop()
    for thread in sending:
        thread.join()
    return dict(answers)
