"""The frame of every reply: statuses, headers, limits, and silence about what went wrong inside."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from app.central import embedded
from app.central.config import Limits
from app.wire import MEDIA_TYPE, REFERENCE
from app.wire.messages import BatchResult, FeedPoint, Hello, Problem, ReceiptRequest, decode, encode
from tests.central.test_uploads import wait_for
from tests.centre import CentreUnderTest, Laptop, new_centre, read, refusal
from tests.conftest import Clock


@pytest.fixture
def strict(postgres: embedded.Embedded, tmp_path: Path, clock: Clock) -> Iterator[CentreUnderTest]:
    """A centre that takes little."""
    limits = Limits(requests_per_minute=6, strangers_per_minute=12, bytes_in_flight=1_000)
    yield from new_centre(postgres, tmp_path, clock=clock, limits=limits)


def get(centre: CentreUnderTest, path: str, method: str = "GET") -> httpx2.Response:
    return centre.http.request(method, centre.base_url + path)


def test_health_and_metrics_say_nothing_of_anybody(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    laptop.push(laptop.make("person", name="Siti"), laptop.make("person", nik="1"))
    assert get(centre, "/healthz").json() == {"status": "ok", "epoch": laptop.epoch}
    text = get(centre, "/metrics").text
    for line in (
        "naungan_batches_total 1",
        'naungan_operations_total{status="accepted"} 1',
        'naungan_operations_total{status="refused"} 1',
        'naungan_requests_total{route="put_batch",status="200"} 1',
        'naungan_request_seconds_bucket{route="put_batch",le="+Inf"} 1',
        'naungan_request_seconds_count{route="put_batch"} 1',
    ):
        assert line in text.splitlines()
    assert "naungan_received_bytes_total 0" not in text
    assert "naungan_sent_bytes_total 0" not in text
    for secret in ("Siti", laptop.id, laptop.office, laptop.tag):
        assert secret not in text


def test_every_reply_carries_the_headers_and_none_says_who_serves(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    laptop.push(laptop.make("person", name="Siti"))
    laptop.pull()
    replies = [
        laptop.hello(), laptop.receipt(), get(centre, "/healthz"), get(centre, "/tidak/ada"), get(centre, "/v1/hello"),
        laptop.ask("GET", f"/v1/feeds/{laptop.office}"), laptop.put(b"x"),
    ]  # fmt: skip
    for reply in replies:
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        assert "server" not in reply.headers
        assert "location" not in reply.headers
    short = laptop.ask("POST", "/v2/receipts", content=b"")
    assert refusal(short) == (400, "format")
    kept = {"date", "content-length", "content-type"}
    assert set(short.headers) == kept, "no browser reads the others, nobody stores the answer to a POST"
    segment = laptop.ask("GET", "/v2/feeds/own")
    assert set(segment.headers) == {*kept, "cache-control", "naungan-segment", "naungan-length"}


WRONG = [
    ("GET", "/", (404, "not_found")),
    ("GET", "/v1/hello/", (404, "not_found")),
    ("GET", "/v1/hello", (405, "method")),
    ("DELETE", "/v1/enrol", (405, "method")),
    ("POST", "/v1/hello", (401, "session")),
    ("POST", "/v1/receipts", (401, "session")),
    ("GET", "/v1/feeds/" + REFERENCE, (401, "session")),
    ("PUT", "/v1/batches/x/1", (401, "session")),
    ("POST", "/v1/enrol", (400, "format")),
    ("POST", "/v1/session", (400, "format")),
    ("POST", "/v1/session/challenge", (400, "format")),
]


def test_a_wrong_request_gets_a_problem(centre: CentreUnderTest) -> None:
    for method, path, expected in WRONG:
        assert refusal(get(centre, path, method)) == expected, (method, path)


def test_a_body_that_is_no_message_is_refused(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    for body in (b"", b"<html>", b"\xc1", b"\x91" * 50_000, encode({"schema": 1}), encode([1, 2])):
        assert refusal(laptop.ask("POST", "/v1/hello", content=body)) == (400, "format")
    assert refusal(laptop.ask("POST", "/v1/hello", content=bytes(65 * 1024))) == (413, "size")
    challenge = encode({"device": b"pendek"})
    assert refusal(laptop.ask("POST", "/v1/session/challenge", content=challenge)) == (400, "format")


def test_a_foreign_scope_looks_like_an_unknown_one(centre: CentreUnderTest) -> None:
    one, other = centre.device("A"), centre.office("B")
    answers = {
        one.ask("GET", f"/v1/feeds/{scope}").content for scope in (other, "0" * 32, "x", one.office.upper() + "?")
    }
    assert len(answers) == 1
    for scope in (bytes.fromhex(other), bytes(16), b"x"):
        point = FeedPoint(scope, "", 0, bytes(16), 0)
        assert refusal(one.post("/v1/receipts", ReceiptRequest(point))) == (404, "not_found")
    reply = one.hello(feeds=[FeedPoint(bytes.fromhex(other), "", 0, bytes(16), 0)])
    assert bytes.fromhex(other) not in reply.content


def test_too_many_requests_of_one_device_wait_and_then_go_on(strict: CentreUnderTest) -> None:
    one, two = strict.device("A"), strict.device("A")
    for _ask in range(6):
        assert one.hello().status_code == 200
    reply = one.hello()
    assert refusal(reply) == (429, "too_many")
    assert two.hello().status_code == 200
    strict.clock.forward(seconds=int(reply.headers["retry-after"]))
    assert one.hello().status_code == 200


def test_too_many_strangers_wait(strict: CentreUnderTest) -> None:
    answers = [refusal(get(strict, "/v1/enrol", "POST")) for _ask in range(13)]
    assert answers == [(400, "format")] * 12 + [(429, "too_many")]


def test_tokens_cannot_be_tried_without_end_at_any_door(strict: CentreUnderTest) -> None:
    good, guesser = strict.device("A"), Laptop(strict, "A")
    strict.clock.forward(minutes=1)
    paths = (f"/v1/feeds/{good.office}", f"/v1/blobs/{'0' * 64}?record={good.office}")
    answers = []
    for n in range(13):
        guesser.token = f"guess{n}"
        answers.append(refusal(guesser.ask("GET", paths[n % 2])))
    assert answers == [(401, "session")] * 12 + [(429, "too_many")]
    assert good.hello().status_code == 200, "who has a session is not counted with them"


@pytest.fixture
def narrow(postgres: embedded.Embedded, tmp_path: Path, clock: Clock) -> Iterator[CentreUnderTest]:
    """A centre that takes few bytes at once."""
    yield from new_centre(postgres, tmp_path, clock=clock, limits=Limits(bytes_in_flight=30_000))


def test_too_many_bytes_at_once_wait(narrow: CentreUnderTest) -> None:
    one, two = narrow.device("A"), narrow.device("A")
    url = urlsplit(narrow.base_url)
    with socket.create_connection((url.hostname, url.port)) as link:
        link.sendall(
            f"PUT /v1/batches/{one.id}/1?offset=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {one.token}\r\n"
            "Naungan-Length: 29900\r\nContent-Length: 29900\r\n\r\n".encode()
            + bytes(20_000)
        )
        wait_for(one, 16_384)
        data = two.seal(two.make("person", name="Siti"))
        reply = two.put(data)
        assert refusal(reply) == (503, "busy")
        assert int(reply.headers["retry-after"]) > 0
        link.sendall(bytes(9_900))
        assert link.recv(100).startswith(b"HTTP/1.1 400")
    read(two.put(data), BatchResult)
    alone = two.put(b"x", n=2, total=40_000)
    assert alone.status_code == 202, "one upload alone is always let in"


@pytest.mark.warns_in_log("internal error UndefinedTable")
def test_an_error_inside_says_nothing(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    centre.sql("DROP TABLE placement")
    reply = laptop.push_raw(laptop.make("person", name="Siti Rahasia"))
    assert refusal(reply) == (500, "internal")
    assert decode(reply.content, Problem) == Problem("internal", "internal error")


@pytest.mark.warns_in_log("database not reachable")
def test_a_database_that_is_away_is_said_to_be(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    [(name,)] = centre.sql("SELECT current_database()")
    centre.sql(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
    centre.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'naungan_app'"
               " AND datname = current_database()")  # fmt: skip
    reply = laptop.hello()
    assert refusal(reply) == (503, "database")
    assert int(reply.headers["retry-after"]) > 0
    assert get(centre, "/healthz").status_code == 503
    centre.sql(f"ALTER DATABASE {name} CONNECTION LIMIT -1")
    assert laptop.hello().status_code == 200
    assert laptop.hello().headers["content-type"] == MEDIA_TYPE


def test_hello_with_nothing_to_do_is_small_and_exact(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    laptop.push(laptop.make("person", name="Siti"))
    laptop.sync()
    reply = laptop.hello()
    assert (reply.status_code, reply.content) == (204, b"")
    good = laptop.point()
    changed = [
        {"epoch": "lain"},
        {"next_batch": 1},
        {"feeds": [good]},
        {"feeds": [FeedPoint(good.scope, good.cursor, good.seq, bytes(16), good.count), laptop.point(REFERENCE)]},
        {"feeds": [FeedPoint(good.scope, good.cursor, good.seq, good.digest, good.count + 1), laptop.point(REFERENCE)]},
        {"feeds": [FeedPoint(good.scope, good.cursor, 0, good.digest, good.count), laptop.point(REFERENCE)]},
    ]
    for other in changed:
        assert laptop.hello(**other).status_code == 200
    assert isinstance(Hello(1, "", [], 1), Hello)
