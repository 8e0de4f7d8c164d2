"""The serving process is killed at a chosen statement: of an erasure, of a file, of ordinary work over two offices."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psycopg

from app.models.field import to_ms
from app.models.ids import new_id
from app.wire import PIECE
from app.wire.batch import digest_of
from app.wire.messages import BatchResult, Outcome, Status
from tests.attacks import Survived, Tries
from tests.central.scene import check_proof
from tests.central.test_blobs import DATA, erasure_of, get, put, send, shared
from tests.central.test_erasing import Erasing
from tests.central.test_faults import SERVE
from tests.central.test_uploads import head
from tests.centre import CentreUnderTest, Laptop, read
from tests.until import until

HOLD = """
CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock_shared(42);
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER wait_here BEFORE {what} ON {table} FOR EACH ROW EXECUTE FUNCTION wait_here();
"""
WAITING = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted"
OTHERS = "SELECT 1 FROM pg_stat_activity WHERE usename = 'naungan_app' AND datname = current_database()"
ERASING = (
    ("INSERT", "erased"), ("UPDATE", "batch"), ("INSERT", "batch"), ("UPDATE", "feed"), ("UPDATE", "record"),
    ("INSERT", "placement"), ("INSERT", "feed"), ("UPDATE", "scope"), ("UPDATE", "device"),
)  # fmt: skip
SENDING = (("INSERT", "blob"), ("DELETE", "piece"), ("INSERT", "piece"))
WORKING = (("INSERT", "feed"), ("INSERT", "batch"), ("INSERT", "record"), ("UPDATE", "scope"), ("INSERT", "via"))


def test_a_centre_killed_while_it_erases(centre: CentreUnderTest, root: Path, tries: Tries, survived: Survived) -> None:
    points = ERASING[: tries(ci=2, full=len(ERASING))]
    whole, stood = 0, 0
    for point in points:
        scene = Erasing(centre)
        scene.fill()
        data = scene.a.seal(erasure_of(scene.a, scene.case))
        with killed_at(centre, point, root=root, laptop=scene.a):
            scene.a.put(data)
        found = scene.found()
        assert found in ([], ["batch", "feed", "record"]), (point, found)
        stood += bool(found)
        outcomes = go_on(scene.a, data)
        check_proof(centre, scene.a, scene.b)
        whole += [outcome.status for outcome in outcomes] == [Status.ACCEPTED] and scene.found() == []
        assert scene.b.holds(scene.note) is None
    survived(whole, of=len(points), control=f"{stood} of {len(points)} times all stood as before until it came again")


def test_a_centre_killed_while_a_file_comes(
    centre: CentreUnderTest, root: Path, tries: Tries, survived: Survived
) -> None:
    points = SENDING[: tries(ci=1, full=len(SENDING))]
    whole = 0
    for point in points:
        scene, paper = shared(centre)
        starts = range(0, len(DATA), PIECE)
        for start in starts[:-1]:
            assert put(scene.a, paper, start).status_code == 200
        with killed_at(centre, point, root=root, laptop=scene.a):
            put(scene.a, paper, starts[-1])
        assert get(scene.b, paper).status_code == 404, "half a file is none"
        assert put(scene.a, paper, starts[-1]).status_code == 200, "it goes on where it was"
        whole += get(scene.b, paper).content == DATA[:PIECE]
        assert centre.sql("SELECT 1 FROM piece") == []
        assert send(scene.a, paper) == [200] * 3
    survived(whole, of=len(points), control="the last piece was not acknowledged, and nothing of it was served before")


def test_a_centre_killed_while_it_applies_a_batch_over_two_offices(
    centre: CentreUnderTest, root: Path, tries: Tries, survived: Survived
) -> None:
    points = WORKING[: tries(ci=1, full=len(WORKING))]
    whole = 0
    for point in points:
        scene = Erasing(centre)
        scene.fill()
        referral, note = new_id(), new_id()
        data = scene.a.seal(
            scene.a.make("note", record=note, case=scene.case, text="sesudah"),
            scene.a.make("referral", record=referral, case=scene.case, person_id=scene.girl, to_office=scene.b.office,
                         reason="SERVICE", urgency="DAY1", consent_id=scene.consent),
            scene.a.make("referral_event", case=scene.case, referral_id=referral, step="SENT",
                         at=to_ms(centre.clock())),
        )  # fmt: skip
        with killed_at(centre, point, root=root, laptop=scene.a):
            scene.a.put(data)
        outcomes = go_on(scene.a, data)
        check_proof(centre, scene.a, scene.b)
        good = {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
        whole += good and scene.b.holds(note) is not None and scene.b.holds(referral) is not None
    survived(whole, of=len(points), control="each time the statement was under way and its request was never answered")


def go_on(laptop: Laptop, data: bytes) -> list[Outcome]:
    """Send the rest of a batch from where the centre stands, as a laptop does; what became of it."""
    state, offset = head(laptop, laptop.n + 1)
    reply = laptop.put(data[offset:], offset=offset) if state == "partial" else laptop.put(data)
    laptop.n, laptop.previous = laptop.n + 1, digest_of(data)
    result: BatchResult = read(reply, BatchResult)
    return result.outcomes


@contextmanager
def killed_at(centre: CentreUnderTest, point: tuple[str, str], *, root: Path, laptop: Laptop) -> Iterator[None]:
    """What is asked inside the block goes to a centre of its own process, which dies (SIGKILL) at this statement.

    Afterwards the centre serves again, from whatever that one left.
    """
    what, table = point
    centre.stop()
    centre.sql(HOLD.format(what=what, table=table))
    command = [sys.executable, "-c", SERVE, str(centre.data_dir), centre.url_of["naungan_app"]]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with psycopg.connect(centre.url_of["superuser"], autocommit=True) as gate:
        gate.execute("SELECT pg_advisory_lock(42)")
        laptop.base_url = process.stdout.readline().strip()
        reaper = threading.Thread(target=_kill, args=(centre, process))
        reaper.start()
        try:
            yield
            raise AssertionError(f"answered although {what} {table} was held up")
        except httpx2.TransportError:
            pass
        finally:
            laptop.base_url = ""
            reaper.join()
            process.communicate()
    until(lambda: not centre.sql(OTHERS), "everybody gone")
    centre.sql("DROP FUNCTION wait_here CASCADE")
    centre.start()
    until(lambda: not centre.sql("SELECT 1 FROM batch WHERE result IS NULL"), "all applied, beside serving")


def _kill(centre: CentreUnderTest, process: subprocess.Popen[str]) -> None:
    try:
        until(lambda: centre.sql(WAITING), "somebody at that step")
    finally:
        process.kill()
