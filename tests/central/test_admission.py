"""A crowd: bytes are let in as far as they fit, urgent ones always, and whoever is sent away comes back alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import httpx2
import pytest

from app.central import embedded
from app.central.admission import LONGEST_WAIT, Admission
from app.central.board import Board, Gauge
from app.central.config import Limits
from app.central.intake import Intake
from app.central.lanes import Lanes
from app.central.metrics import Metrics
from app.central.refusal import Refused
from app.central.uploads import Uploads
from app.wire.messages import BatchResult, Status
from tests.central.crew import held_up, until_waiting
from tests.central.scene import check_proof
from tests.central.test_uploads import head, many, wait_for
from tests.centre import CentreUnderTest, Laptop, heads_of, new_centre, read, refusal
from tests.conftest import Clock
from tests.until import until

URGENT = {"Naungan-Urgent": "1"}


@pytest.fixture
def narrow(postgres: embedded.Embedded, tmp_path: Path, clock: Clock) -> Iterator[CentreUnderTest]:
    """A centre that takes few bytes at once, applies one batch at a time and lets two wait."""
    limits = Limits(bytes_in_flight=30_000, applies=1, batches_waiting=2)
    yield from new_centre(postgres, tmp_path, clock=clock, limits=limits)


def put(laptop: Laptop, data: bytes, *, urgent: bool = False) -> httpx2.Response:
    """A first batch, in the urgent lane or not."""
    headers = {"Naungan-Length": str(len(data)), **(URGENT if urgent else {})}
    return laptop.ask("PUT", f"/v1/batches/{laptop.id}/1?offset=0", content=data, headers=headers)


@contextmanager
def full(laptop: Laptop) -> Iterator[None]:
    """An upload that takes all the room there is, and does not get on."""
    url = urlsplit(laptop.centre.base_url)
    with socket.create_connection((url.hostname, url.port)) as link:
        link.sendall(
            f"PUT /v1/batches/{laptop.id}/1?offset=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {laptop.token}\r\n"
            "Naungan-Length: 29900\r\nContent-Length: 29900\r\n\r\n".encode()
            + bytes(20_000)
        )
        wait_for(laptop, 16_384)
        yield


def test_what_is_urgent_and_short_is_let_in_when_nothing_else_is(narrow: CentreUnderTest) -> None:
    hog, laptop, long = narrow.device("A"), narrow.device("B"), narrow.device("C")
    with full(hog):
        data = laptop.seal(laptop.make("person", name="Siti"))
        assert refusal(put(laptop, data)) == (503, "busy")
        more = long.seal(*many(long))
        assert len(more) > 16 * 1024
        assert refusal(put(long, more, urgent=True)) == (503, "busy"), "long is not urgent, whatever it says"
        assert laptop.hello().status_code == 200, "who only asks is never sent away"
        assert read(put(laptop, data, urgent=True), BatchResult).outcomes[0].status is Status.ACCEPTED
        text = narrow.http.get(narrow.base_url + "/metrics").text
        assert 'naungan_refused_total{reason="in_flight"} 2' in text
        assert "naungan_in_flight_bytes 29900" in text


def test_urgent_work_overtakes_what_waits(narrow: CentreUnderTest) -> None:
    first, second, urgent = narrow.device("A"), narrow.device("B"), narrow.device("C")
    sent = {laptop: laptop.seal(laptop.make("person", name="x")) for laptop in (first, second, urgent)}
    sending = []
    with held_up(narrow, first.office):
        for laptop in (first, second, urgent):
            thread = threading.Thread(target=put, args=(laptop, sent[laptop]), kwargs={"urgent": laptop is urgent})
            thread.start()
            sending.append(thread)
            until_queued(narrow, max(0, len(sending) - 1))
    for thread in sending:
        thread.join()
    order = narrow.sql("SELECT replace(device::text, '-', '') FROM batch ORDER BY xmin::text::bigint")
    assert [device for (device,) in order] == [first.id, urgent.id, second.id]


def until_queued(centre: CentreUnderTest, count: int) -> None:
    """Until the first batch is being applied and so many wait."""
    until_waiting(centre)
    line, metrics = f"naungan_queued_batches {count}\n", centre.base_url + "/metrics"
    until(lambda: line in centre.http.get(metrics).text, f"{count} queued")


def test_a_full_queue_keeps_the_batch_and_says_so(narrow: CentreUnderTest) -> None:
    laptops = [narrow.device(code) for code in "ABCD"]
    sent = [laptop.seal(laptop.make("person", name="x")) for laptop in laptops]
    sending = []
    with held_up(narrow, laptops[0].office):
        for n in range(3):
            sending.append(threading.Thread(target=put, args=(laptops[n], sent[n])))
            sending[-1].start()
            until_queued(narrow, n)
        reply = put(laptops[3], sent[3])
        assert refusal(reply) == (503, "stored")
        assert 0 < int(reply.headers["retry-after"]) <= LONGEST_WAIT
        assert 'naungan_refused_total{reason="queue"} 1' in narrow.http.get(narrow.base_url + "/metrics").text
        assert head(laptops[3], 1) == ("stored", len(sent[3]))
        assert heads_of(laptops[3].hello()).last_batch == 0, "who only asks does not wait either"
    for thread in sending:
        thread.join()
    read(laptops[3].put(b"", n=1, offset=len(sent[3]), total=len(sent[3])), BatchResult)
    for laptop in laptops:
        laptop.n = 1
    check_proof(narrow, *laptops)


def test_who_asks_again_for_a_result_that_is_there_waits_for_nobody(narrow: CentreUnderTest) -> None:
    first, *others = (narrow.device(code) for code in "ABCD")
    data = first.seal(first.make("person", name="Siti"))
    result = put(first, data).content
    sent = {laptop: laptop.seal(laptop.make("person", name="x")) for laptop in others}
    sending = [threading.Thread(target=put, args=(laptop, sent[laptop])) for laptop in others]
    with held_up(narrow, others[0].office):
        for n, thread in enumerate(sending):
            thread.start()
            until_queued(narrow, n)
        again = first.put(b"", n=1, offset=len(data), total=len(data))
        assert (again.status_code, again.content) == (200, result), "though the queue is full"
        assert refusal(first.put(b"x", n=1, offset=len(data), total=len(data))) == (413, "size")
    for thread in sending:
        thread.join()


def test_whoever_is_sent_away_comes_back_at_a_time_of_their_own(clock: Clock) -> None:
    board = Board()
    tally = board.tally(0)
    admission = Admission(Limits(), clock, board, tally, Metrics(board, tally))
    few = [later(admission) for _laptop in range(10)]
    many_more = [later(admission) for _laptop in range(5_130)]
    assert max(few) <= 3
    last = many_more[-500:]
    assert len(set(last)) > 60, "they are spread"
    assert max(last) > 90, "over as long as it takes to serve them"
    assert max(many_more) <= LONGEST_WAIT
    clock.forward(seconds=LONGEST_WAIT)
    assert later(admission) <= 3, "and those who came back are not counted for ever"
    tally.move(Gauge.QUEUED_BYTES, Limits().bytes_waiting)
    with pytest.raises(Refused, match="too much"), admission.upload(1):
        pass
    with admission.upload(1, urgent=True):
        assert board.total(Gauge.URGENT_IN_FLIGHT) == 1


def test_whoever_waits_for_a_turn_is_back_shortly_before_it(clock: Clock) -> None:
    board = Board()
    tally = board.tally(0)
    admission = Admission(Limits(), clock, board, tally, Metrics(board, tally))
    for _batch in range(500):
        admission.took(0.1)
    waits = [int(admission.not_yet(1_000, patience=20).headers["Retry-After"]) for _laptop in range(100)]
    assert 40 < min(waits) < max(waits) < 75, "its turn is after 100 seconds: much of it, and at times of their own"
    assert 30 > int(admission.not_yet(300, patience=20).headers["Retry-After"]) >= 30 - 20, "and awaits it here"
    assert int(admission.not_yet(0, patience=20).headers["Retry-After"]) == 1
    assert later(admission) <= 3, "who comes only to ask keeps nobody waiting"


def test_the_time_of_grace_is_given_once(narrow: CentreUnderTest) -> None:
    async def closed_twice() -> float:
        board = Board()
        tally = board.tally(0)
        metrics = Metrics(board, tally)
        admission = Admission(narrow.limits, narrow.clock, board, tally, metrics)
        lanes = Lanes(Intake(narrow.owner, narrow.clock, b""), admission, metrics)
        lanes.close()
        while lanes.grace() > less:
            continue
        lanes.close()  # the server ends, after what was asked has been answered
        return lanes.grace()

    less = narrow.limits.grace_seconds - 0.01
    assert anyio.run(closed_twice) <= less


def later(admission: Admission) -> int:
    return int(admission.later("busy", reason="in_flight").headers["Retry-After"])


def test_uploads_of_two_workers_never_mix_their_bytes(tmp_path: Path, clock: Clock) -> None:
    one, two = Uploads(tmp_path, clock), Uploads(tmp_path, clock)
    first = one.begin("aa", 1, offset=0)
    one.append(first, b"a" * 100)
    second = two.begin("aa", 1, offset=100)
    with pytest.raises(Refused) as refused:
        one.append(first, b"x")
    assert refused.value.headers["Naungan-Offset"] == "100"
    two.append(second, b"b" * 50)
    one.end(first)
    two.append(second, b"b" * 50)
    assert two.bytes_of(second) == b"a" * 100 + b"b" * 100
    two.end(second)
    assert [path.name for path in (tmp_path / "aa").iterdir()] == ["1.part"]
    two.discard("aa", 1)
    assert one.size("aa", 1) == 0


def test_many_takeovers_at_once_leave_one_whole_upload(tmp_path: Path, clock: Clock) -> None:
    workers = [Uploads(tmp_path, clock) for _worker in range(4)]
    whole = bytes(range(250)) * 4

    def send(uploads: Uploads) -> None:
        while (size := uploads.size("aa", 1)) < len(whole):
            try:
                upload = uploads.begin("aa", 1, offset=size)
                while upload.offset < len(whole):
                    uploads.append(upload, whole[upload.offset : upload.offset + 50])
            except Refused:
                continue

    threads = [threading.Thread(target=send, args=(uploads,)) for uploads in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "aa" / "1.part").read_bytes() == whole
