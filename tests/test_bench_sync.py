"""What measures the sync measures right: the link, the corpus, and the counting at a size of twenty."""

from __future__ import annotations

import asyncio
import hashlib
import math
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zstandard

from benchmarks.syncing import table
from benchmarks.syncing.chance import Chance
from benchmarks.syncing.corpus import compact, corpus
from benchmarks.syncing.legs import Results, measured
from benchmarks.syncing.link import FAR, Shape, _Carrier, _Connection, link_to
from benchmarks.syncing.runs import GOOD, IDLE, PULL, PULL_EDITS, PUSH, PUSH_EDITS, Ours, Size

REQUEST = b"PUT /cases/1?offset=0 HTTP/1.1\r\nHost: here\r\n\r\n"


class _Turned(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to whatever is waited for."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__()

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self._now = max(self._now, self._scheduled[0]._when)  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


class _End:
    """The far end of a socket: when which byte came."""

    def __init__(self) -> None:
        self.came: list[tuple[float, int]] = []
        self.total = 0

    def write(self, data: bytes) -> None:
        self.total += len(data)
        self.came.append((asyncio.get_running_loop().time(), self.total))

    def is_closing(self) -> bool:
        return False

    def can_write_eof(self) -> bool:
        return False


def _carried(shape: Shape, *, up: int, down: int = 0) -> tuple[_End, _End, _Carrier]:
    """Both ends after so many bytes were handed to the link at its beginning."""

    async def go() -> tuple[_End, _End, _Carrier]:
        here, there, carrier = _End(), _End(), _Carrier(("", 0), shape)
        connection = _Connection(here, there, 0.0)  # type: ignore[arg-type]
        readers = (asyncio.StreamReader(), asyncio.StreamReader())
        for reader, count in zip(readers, (up, down), strict=True):
            reader.feed_data(bytes(count))
            reader.feed_eof()
        await asyncio.gather(*(carrier._pump(connection, readers[n], up=n == 0) for n in range(2)))
        return here, there, carrier

    with asyncio.Runner(loop_factory=_Turned) as runner:
        return runner.run(go())


def test_bytes_leave_at_the_rate_and_arrive_the_delay_later() -> None:
    here, there, carrier = _carried(FAR, up=32_000, down=8_000)
    first, last = there.came[0], there.came[-1]
    # the connection is made after a round trip of 0.3 s; 512 bytes take 0.032 s; then half a round trip
    assert first == (pytest.approx(0.3 + 0.032 + 0.15), 512)
    assert last == (pytest.approx(0.3 + 2.0 + 0.15), 32_000)
    assert here.came[-1] == (pytest.approx(0.5 + 0.15), 8_000)  # the other way is not held up
    assert (carrier.tally.up, carrier.tally.down) == (32_000, 8_000)


def test_two_connections_share_the_rate() -> None:
    async def go() -> float:
        way = _Carrier(("", 0), FAR).ways[0]
        await asyncio.gather(way.leave(16_000, FAR.rate), way.leave(16_000, FAR.rate))
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=_Turned) as runner:
        assert runner.run(go()) == pytest.approx(2.0)


@contextmanager
def _echo() -> Iterator[str]:
    """A server that sends back what it gets, one connection after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    peer, _address = listener.accept()
                except OSError:
                    return
                with peer:
                    try:
                        while data := peer.recv(65_536):
                            peer.sendall(data)
                    except OSError:
                        pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def _connect(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=30)


def _back(peer: socket.socket, data: bytes) -> int:
    """How many bytes come back of these; fewer if the link breaks."""
    peer.sendall(data)
    got = 0
    try:
        while got < len(data) and (piece := peer.recv(65_536)):
            got += len(piece)
    except ConnectionResetError:
        pass
    return got


def test_the_link_counts_what_it_carries() -> None:
    with _echo() as url, link_to(url) as link:
        with _connect(link.url) as peer:
            assert _back(peer, REQUEST + bytes(100_000)) == len(REQUEST) + 100_000
            peer.sendall(REQUEST[:10])  # a request line in two pieces is one request
            assert _back(peer, REQUEST[10:]) > 0
        with _connect(link.url) as peer:
            _back(peer, REQUEST)
        tally = link.tally()
        assert (tally.requests, tally.connections, tally.cuts) == (3, 2, 0)
        assert tally.up == tally.down == 3 * len(REQUEST) + 100_000
        link.begin(Shape())
        assert link.tally().total == 0


def test_the_link_breaks_every_connection_after_so_many_bytes_and_takes_new_ones() -> None:
    with _echo() as url, link_to(url) as link:
        link.begin(Shape(cut=20_000))
        for _connection in range(2):
            with _connect(link.url) as peer:
                assert _back(peer, bytes(1_000)) == 1_000
                assert _back(peer, bytes(50_000)) < 50_000
        assert link.tally().cuts >= 2


def test_the_corpus_is_the_same_everywhere() -> None:
    text = b"".join(compact(report.document()) for report in corpus(50).reports)
    edits, _floor = corpus(50).edits(1, count=20)
    assert hashlib.sha256(text).hexdigest()[:16] == "6ec628ca5737e62e"
    assert hashlib.sha256(repr(edits).encode()).hexdigest()[:16] == "3f9b563726cb116a"


def test_chance_weighs_what_it_gives_away() -> None:
    chance = Chance("any")
    chance.even(range(8))
    chance.number(1, 16)
    chance.raw(74)
    chance.happens(0.5)
    chance.weigh(4)
    chance.some("abcd", most=1)
    chance.common(["only"])
    assert chance.bits == pytest.approx(3 + 4 + 74 + 1 + 2 + 2 + 0)
    shares = [1 / (rank + 3) for rank in range(3)]
    bits = -math.log2(shares["abc".index(chance.common("abc"))] / sum(shares))
    assert chance.bits == pytest.approx(86 + bits)


def test_the_floor_is_below_what_compresses_best_and_not_far_below() -> None:
    found = corpus(400)
    text = b"\n".join(compact(report.document()) for report in found.reports)
    best = len(zstandard.compress(text, 19))
    assert found.floor < best < 3 * found.floor
    assert 1_800 < found.json_bytes() / 400 < 2_000


def test_edits_change_what_they_say_in_different_cases() -> None:
    found = corpus(200)
    edits, floor = found.edits(0, count=100)
    documents = {report.id: report.document() for report in found.reports}
    assert len({edit.case for edit in edits}) == 100
    assert all(documents[edit.case].get(edit.field) != edit.value for edit in edits)
    assert not {edit.case for edit in edits} & {edit.case for edit in found.edits(1, count=100)[0]}
    assert 5 < floor / 100 < sum(len(edit.value) + 16 for edit in edits) / 100


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a server that runs as another person may go."""
    with tempfile.TemporaryDirectory(prefix="naungan-bench-") as made:
        yield Path(made)


def test_our_own_is_measured_from_end_to_end(folder: Path) -> None:
    size = Size(cases=20, edits=5, intakes=0, shapes=())
    run = Ours(folder, size)
    try:
        run.alone()
        legs = run.results.legs
        for work in (PUSH, PULL, PUSH_EDITS, PULL_EDITS, IDLE):
            leg = legs[work, GOOD]
            assert leg.way.finished
            assert 0 < leg.way.bodies < leg.tally.total  # the headers are counted too
            assert leg.tally.requests > 0
        assert legs[PUSH, GOOD].tally.up > corpus(20).floor < legs[PULL, GOOD].tally.down
        run._a.limit = 60.0
        run._a.enter(corpus(20, "more").reports)
        with link_to(run._centre.url) as link:
            broken = measured(link, Shape(cut=6_000), lambda: run._a.sync(link.url))
        assert broken.way.finished
        assert broken.tally.cuts > 0
    finally:
        run.close()
    found: Any = {name: Results(name, missing="not installed") for name in table.PEERS} | {"ours": run.results}
    rows = table.rows(found, size)
    assert all(row[1] == "not installed" for row in rows if row[0].startswith("push 20"))
    assert not any("MISSED" in row[4] for row in rows if "20 cases" in row[0])  # a small size has no verdict
    assert table.markdown(rows).count("\n") == len(rows) + 2
