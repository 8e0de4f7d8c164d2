"""PostgreSQL itself ends and begins while a batch is being applied."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.central import admin, embedded
from app.wire.batch import digest_of
from app.wire.messages import BatchResult, Status
from tests.attack.test_centre_killed import HOLD, WAITING
from tests.central.scene import check_proof, scene_of
from tests.centre import CentreUnderTest, new_centre, read
from tests.conftest import Clock


@pytest.fixture
def own_server(clock: Clock) -> Iterator[tuple[embedded.Embedded, CentreUnderTest]]:
    """A PostgreSQL that nobody else of these tests uses, and a centre on it."""
    folder = Path(tempfile.mkdtemp(prefix="naungan-pg-"))
    server = embedded.start(folder / "db", fast=True)
    try:
        admin.init(server.url("owner"), folder / "first")
        made = new_centre(server, folder, clock=clock)
        yield server, next(made)
        next(made, None)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.warns_in_log("database not reachable")
def test_a_restart_of_postgresql_in_the_middle_of_a_batch(
    own_server: tuple[embedded.Embedded, CentreUnderTest],
) -> None:
    server, centre = own_server
    scene = scene_of(centre)
    scene.register()
    data = scene.a.seal(scene.consents(), scene.refers(), scene.step(scene.a, "SENT"))
    centre.sql(HOLD.format(what="INSERT", table="feed"))
    answers: list[int] = []
    sending = threading.Thread(target=lambda: answers.append(scene.a.put(data).status_code))
    with psycopg.connect(centre.url_of["superuser"], autocommit=True) as gate:
        gate.execute("SELECT pg_advisory_lock(42)")
        sending.start()
        while not centre.sql(WAITING):
            pass
        gate.execute("SELECT 1")
        stopped = server.server
        stopped.cleanup_mode = "stop"
        stopped.cleanup()
    sending.join()
    assert answers == [503], "the store cannot be reached: come back later"
    embedded.start(Path(stopped.pgdata).parent, fast=True)
    centre.sql("DROP FUNCTION wait_here CASCADE")
    outcomes = read(scene.a.put(data), BatchResult).outcomes
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
    scene.a.n, scene.a.previous = scene.a.n + 1, digest_of(data)
    check_proof(centre, scene.a, scene.b)
