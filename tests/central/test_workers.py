"""Several workers behind one port: they share what they count, and one that dies takes nothing with it."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from app.central import serve
from app.central.board import Board
from app.central.config import Config
from app.central.workers import POSSIBLE
from app.wire.messages import BatchResult, Status
from tests.central.crew import Crew, crew_of, held_up, until_waiting
from tests.central.scene import check_proof
from tests.central.test_faults import cut_between_stored_and_applied
from tests.central.test_uploads import until_applied
from tests.centre import CentreUnderTest, Laptop, read, refusal
from tests.until import until

pytestmark = pytest.mark.skipif(not POSSIBLE, reason="one worker only")


@pytest.fixture
def crew(centre: CentreUnderTest) -> Iterator[Crew]:
    with crew_of(centre) as crew:
        yield crew


@pytest.fixture(params=[1, 2])
def hasty(centre: CentreUnderTest, request: pytest.FixtureRequest) -> Iterator[Crew]:
    """One that waits for nobody when it ends."""
    with crew_of(centre, grace=1, workers=request.param) as crew:
        yield crew


ASKED = 'naungan_requests_total{route="health",status="200"}'


def in_between(laptop: Laptop, data: bytes, answers: list[httpx2.Response] | None = None) -> threading.Thread:
    """Send a batch from another thread; the reply, if there is one, goes into `answers`."""
    replies = [] if answers is None else answers

    def put() -> None:
        try:
            replies.append(laptop.put(data))
        except httpx2.HTTPError:
            return

    thread = threading.Thread(target=put)
    thread.start()
    return thread


def test_workers_share_a_port_and_count_together(crew: Crew) -> None:
    for _ask in range(20):
        assert crew.get("/healthz").status_code == 200
    until(lambda: crew.metric(ASKED) == 20, "20 counted")
    assert crew.metric("naungan_workers") == 2
    assert crew.metric("naungan_database_connections") >= 2
    laptop = crew.laptop()
    laptop.push(laptop.make("person", name="Siti"))
    assert crew.metric('naungan_apply_seconds_count{lane="usual"}') == 1
    assert crew.metric("naungan_in_flight_bytes") == crew.metric("naungan_queued_batches") == 0
    with pytest.raises(OSError, match="already in use"):  # a second centre does not join in by mistake
        serve.run(
            Config("", Path(), crew.centre.clock), port=urlsplit(crew.url).port or 0, workers=2, ready=lambda _url: None
        )


def test_as_many_connections_as_the_system_allows(crew: Crew) -> None:
    url, links = urlsplit(crew.url), []
    try:
        for _laptop in range(600):
            links.append(socket.create_connection((url.hostname, url.port), timeout=30))
        for link in links:
            link.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert {link.recv(12) for link in links} == {b"HTTP/1.1 200"}
    finally:
        for link in links:
            link.close()


def test_a_killed_worker_is_replaced_and_what_it_counted_stays(crew: Crew) -> None:
    for _ask in range(10):
        crew.get("/healthz")
    for victim in crew.workers():
        os.kill(victim, signal.SIGKILL)
        for _ask in range(10):  # whoever comes meanwhile waits for the next worker
            assert crew.get("/healthz").status_code == 200
    # A request is counted after its reply.
    until(lambda: crew.metric("naungan_worker_starts_total") == 4 and crew.metric(ASKED) == 30, "30 counted")
    assert crew.metric("naungan_workers") == 2


@pytest.mark.parametrize("what", ["worker", "centre"])
def test_a_kill_in_the_middle_of_applying_loses_nothing(crew: Crew, what: str) -> None:
    laptop, other = crew.laptop("A"), crew.laptop("B")
    data = laptop.seal(laptop.make("case"), laptop.make("person", name="Siti"))
    with held_up(crew.centre, laptop.office):
        sending = in_between(laptop, data)
        until_waiting(crew.centre)
        if what == "worker":
            for worker in crew.workers():
                os.kill(worker, signal.SIGKILL)
        else:
            for process in (crew.pid, *crew.workers()):
                os.kill(process, signal.SIGKILL)
        sending.join()
        assert crew.centre.sql("SELECT n FROM batch WHERE result IS NULL") == [(1,)], "stored before it is applied"
    if what == "centre":
        crew.start()
    until_applied(laptop, 1)  # nobody had to send it again
    result = read(laptop.put(b"", n=1, offset=len(data), total=len(data)), BatchResult)
    assert [outcome.status for outcome in result.outcomes] == [Status.ACCEPTED] * 2
    laptop.n = 1
    other.push(other.make("person", name="dua"))
    check_proof(crew.centre, laptop, other)


def test_a_signal_waits_for_what_is_being_applied(crew: Crew) -> None:
    laptop, answers = crew.laptop(), list[httpx2.Response]()
    data = laptop.seal(laptop.make("person", name="Siti"))
    with held_up(crew.centre, laptop.office):
        sending = in_between(laptop, data, answers)
        until_waiting(crew.centre)
        os.kill(crew.pid, signal.SIGTERM)
        until_refused(crew)
    assert crew.process is not None
    output, _errors = crew.process.communicate(timeout=60)
    sending.join()
    assert (crew.process.returncode, output) == (0, "ended\n")
    assert [reply.status_code for reply in answers] == [200], "whoever waited got the result"
    assert crew.centre.sql("SELECT n FROM batch WHERE result IS NOT NULL") == [(1,)]


@pytest.mark.warns_in_log("internal error RaiseException")
def test_a_signal_waits_also_for_what_nobody_asked_for(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    cut_between_stored_and_applied(laptop, "Siti")
    centre.stop()
    with held_up(centre, laptop.office) as holder, crew_of(centre) as crew:
        until_waiting(centre)
        os.kill(crew.pid, signal.SIGTERM)
        until_refused(crew)
        holder.rollback()
        assert crew.process is not None
        assert crew.process.wait(timeout=60) == 0
        assert centre.sql("SELECT n FROM batch WHERE result IS NOT NULL") == [(1,)]


def test_what_takes_too_long_is_rolled_back_and_done_after_the_start(hasty: Crew) -> None:
    laptop = hasty.laptop()
    data = laptop.seal(laptop.make("person", name="Siti"))
    answers: list[httpx2.Response] = []
    with held_up(hasty.centre, laptop.office):
        sending = in_between(laptop, data, answers)
        until_waiting(hasty.centre)
        os.kill(hasty.pid, signal.SIGTERM)
        assert hasty.process is not None
        output, _errors = hasty.process.communicate(timeout=60)
        sending.join()
        assert (hasty.process.returncode, output) == (0, "ended\n")
        assert [refusal(answer) for answer in answers] == [(503, "stored")], "and whoever waits is told"
        assert int(answers[0].headers["retry-after"]) > 0
        assert hasty.centre.sql("SELECT n FROM batch WHERE result IS NULL") == [(1,)]
    hasty.start()
    until_applied(laptop, 1)
    laptop.n = 1
    check_proof(hasty.centre, laptop)


def test_workers_end_when_the_process_that_started_them_is_killed(crew: Crew) -> None:
    workers = crew.workers()
    os.kill(crew.pid, signal.SIGKILL)
    until_refused(crew)
    until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), "the workers ended")


def test_no_worker_outlives_its_test(centre: CentreUnderTest) -> None:
    with crew_of(centre) as crew:
        workers = crew.workers()
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)  # it does not see that its line breaks, and holds the program's output open
        os.kill(crew.pid, signal.SIGKILL)
    for worker in workers:
        until(partial(is_gone, Path(f"/proc/{worker}/stat")), "a worker lives on")


def is_gone(stat: Path) -> bool:
    """Whether nothing is left of a process but its name."""
    with suppress(FileNotFoundError):
        return stat.read_text().rpartition(") ")[2][0] in "ZX"
    return True


def until_refused(crew: Crew) -> None:
    """Until nobody listens any more."""
    url = urlsplit(crew.url)

    def refused() -> bool:
        try:
            socket.create_connection((url.hostname, url.port)).close()
        except ConnectionError:
            return True
        return False

    until(refused, "nobody listens")


def test_postgresql_may_be_restarted_in_the_middle_of_applying(tmp_path: Path, centre: CentreUnderTest) -> None:
    """Its backends are killed while they apply, and for a while it lets nobody in: then all goes on."""
    with crew_of(centre) as crew:
        laptop = crew.laptop()
        data = laptop.seal(laptop.make("person", name="Siti"))
        [(name,)] = centre.sql("SELECT current_database()")
        with held_up(centre, laptop.office):
            sending = in_between(laptop, data)
            until_waiting(centre)
            centre.sql(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
            centre.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'naungan_app'"
                " AND datname = current_database()"
            )
            sending.join()
        for _ask in range(4):
            reply = laptop.put(data)
            assert refusal(reply) == (503, "database")
            assert int(reply.headers["retry-after"]) > 0
        centre.sql(f"ALTER DATABASE {name} CONNECTION LIMIT -1")
        read(laptop.put(data), BatchResult)
        laptop.n = 1
        check_proof(centre, laptop)


def test_a_board_is_summed_and_outlives_its_writer() -> None:
    board = Board(2)
    first, second = board.tally(0), board.tally(1)
    for tally in (first, second):
        tally.add("a")
        tally.add('b{x="1"}', 2.5)
    board.tally(1).add("a", 4)
    assert board.sums() == {"a": 6, 'b{x="1"}': 5}
    for n in range(5_000):
        first.add(f"c{n}")
    assert board.sums()["a"] == 6, "what is too much is left out"
    for n in range(5_000):
        assert board.ask(f"caller {n}", now=float(n), per_minute=60) == 60
    assert board.ask("caller 4999", now=4_999.0, per_minute=60) == 59
    assert board.ask("caller 4999", now=5_030.0, per_minute=60) == 60
