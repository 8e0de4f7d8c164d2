"""An upload may be cut at any byte; and a device's batches are one unbroken chain."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.central.incidents import MAX_NOTED
from app.central.uploads import MAX_BEGUN, UNFINISHED_DAYS
from app.wire import MAX_BATCH, MAX_OPERATIONS
from app.wire.batch import GENESIS, digest_of
from app.wire.messages import BatchResult, Change, Status, decode
from tests.centre import CentreUnderTest, Laptop, read, refusal
from tests.until import until


@pytest.fixture
def laptop(centre: CentreUnderTest) -> Laptop:
    return centre.device("A")


def many(laptop: Laptop, count: int = 150) -> Iterator[Change]:
    """Operations that compress badly, so that a batch is several times 16 KiB."""
    for n in range(count):
        digest = "".join(f"{(n * 7919 + k * 104729) * 2654435761 % 2**64:016x}" for k in range(20))
        yield laptop.make("person", name=f"Orang {n}", address=digest)


def head(laptop: Laptop, n: int) -> tuple[str, int]:
    """(state, offset) as the centre says."""
    reply = laptop.ask("HEAD", f"/v1/batches/{laptop.id}/{n}")
    assert reply.status_code == 200
    return reply.headers["naungan-state"], int(reply.headers["naungan-offset"])


def broken_put(laptop: Laptop, data: bytes, *, n: int, offset: int, cut: int) -> None:
    """A PUT of data[offset:] whose link breaks at byte `cut`; returns once the centre has kept what came."""
    url = urlsplit(laptop.centre.base_url)
    front = (
        f"PUT /v1/batches/{laptop.id}/{n}?offset={offset} HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {laptop.token}\r\n"
        f"Naungan-Length: {len(data)}\r\nContent-Length: {len(data) - offset}\r\n\r\n"
    )
    with socket.create_connection((url.hostname, url.port)) as link:
        link.sendall(front.encode() + data[offset:cut])
        link.shutdown(socket.SHUT_WR)
        while link.recv(4096):
            pass
    wait_for(laptop, cut, n=n)


def until_applied(laptop: Laptop, n: int) -> None:
    """Look until the centre has applied a batch that it has: soon, though nobody sends it."""
    applied = "SELECT result IS NOT NULL FROM batch WHERE device = %s AND n = %s"
    until(lambda: laptop.centre.sql(applied, laptop.id, n) == [(True,)], f"batch {n} applied")


def wait_for(laptop: Laptop, offset: int, *, n: int = 1) -> None:
    """Ask until the centre has so many bytes on its disk: it hangs up first, and writes then."""
    until(lambda: head(laptop, n) == ("partial", offset), f"{offset} bytes kept")


def test_an_upload_goes_on_at_the_byte_where_it_was_cut(laptop: Laptop) -> None:
    data = laptop.seal(*many(laptop, 300))
    assert len(data) > 40_000
    offset, cuts = 0, [1, 2, 5, 9, 100, 4_095, 16_383, 16_384, 16_385, 20_000, len(data) - 65, len(data) - 1]
    for cut in cuts:
        broken_put(laptop, data, n=1, offset=offset, cut=cut)
        offset = cut
    result = read(laptop.put(data[offset:], offset=offset, n=1), BatchResult)
    assert {outcome.status for outcome in result.outcomes} == {Status.ACCEPTED}
    assert head(laptop, 1) == ("applied", len(data))


def test_a_body_that_ends_early_is_kept_and_said(laptop: Laptop) -> None:
    data = laptop.seal(laptop.make("person", name="Siti"))
    reply = laptop.put(data[:50], total=len(data))
    assert (reply.status_code, reply.headers["naungan-offset"]) == (202, "50")
    wrong = laptop.put(data[40:], offset=40, total=len(data))
    assert (refusal(wrong), wrong.headers["naungan-offset"]) == ((409, "offset"), "50")
    wrong = laptop.put(data, total=len(data))
    assert (refusal(wrong), wrong.headers["naungan-offset"]) == ((409, "offset"), "50")
    read(laptop.put(data[50:], offset=50), BatchResult)


def test_what_arrived_survives_a_restart(laptop: Laptop) -> None:
    data = laptop.seal(laptop.make("person", name="Siti"))
    broken_put(laptop, data, n=1, offset=0, cut=77)
    laptop.centre.stop()
    laptop.centre.start()
    assert head(laptop, 1) == ("partial", 77)
    read(laptop.put(data[77:], offset=77), BatchResult)


def test_the_same_batch_again_gives_the_same_bytes_and_changes_nothing(laptop: Laptop) -> None:
    data = laptop.seal(laptop.make("case"), laptop.make("person", nik="1"), laptop.make("person", name="Siti"))
    first = laptop.put(data)
    laptop.centre.clock.forward(hours=1)
    seen = laptop.centre.sql("SELECT count(*), max(seq) FROM feed")
    again = laptop.put(data, n=1)
    rest = laptop.put(data[30:], n=1, offset=30)
    nothing = laptop.put(b"", n=1, offset=len(data), total=len(data))
    assert {reply.content for reply in (first, again, rest, nothing)} == {first.content}
    assert decode(first.content, BatchResult).digest == digest_of(data)
    assert laptop.centre.sql("SELECT count(*), max(seq) FROM feed") == seen
    assert laptop.ask("HEAD", f"/v1/batches/{laptop.id}/1").headers["naungan-digest"] == digest_of(data).hex()
    assert list((laptop.centre.data_dir / "uploads").rglob("*.*")) == []


def test_a_later_upload_of_the_same_batch_takes_over_from_a_hanging_one(laptop: Laptop) -> None:
    data = laptop.seal(*many(laptop, 300))
    url = urlsplit(laptop.centre.base_url)
    with socket.create_connection((url.hostname, url.port)) as hanging:
        hanging.sendall(
            f"PUT /v1/batches/{laptop.id}/1?offset=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {laptop.token}\r\n"
            f"Naungan-Length: {len(data)}\r\nContent-Length: {len(data)}\r\n\r\n".encode()
            + data[:20_000]
        )
        wait_for(laptop, 16_384)
        read(laptop.put(data[16_384:], offset=16_384), BatchResult)
        hanging.sendall(data[20_000:])
        assert hanging.recv(100).startswith(b"HTTP/1.1 409")
    assert head(laptop, 1) == ("applied", len(data))


def test_altered_bytes_are_refused_and_forgotten(laptop: Laptop) -> None:
    data = laptop.seal(laptop.make("person", name="Siti"))
    for place in (0, 4, 7, 20, len(data) // 2, len(data) - 90, len(data) - 1):
        altered = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        status, code = refusal(laptop.put(altered))
        assert (status, code) in {(422, "hash"), (422, "signature"), (400, "format"), (415, "version")}
        assert head(laptop, 1) == ("none", 0)
    read(laptop.put(data), BatchResult)


def test_every_batch_is_ones_own(centre: CentreUnderTest, laptop: Laptop) -> None:
    other = centre.device("A")
    foreign = other.seal(other.make("person", name="X"))
    assert refusal(laptop.put(foreign)) == (422, "signature")
    assert refusal(laptop.put(laptop.seal(laptop.make("person", name="X"), n=2), n=1)) == (422, "chain")
    reply = laptop.ask("PUT", f"/v1/batches/{other.id}/1", content=foreign, headers={"Naungan-Length": "9"})
    assert refusal(reply) == (404, "not_found")
    assert laptop.ask("HEAD", f"/v1/batches/{other.id}/1").status_code == 404
    for n in ("0", "x", "-1", "01234567890"):
        assert laptop.ask("HEAD", f"/v1/batches/{laptop.id}/{n}").status_code == 404


def test_a_gap_is_refused_and_closes_when_the_missing_batch_comes(laptop: Laptop) -> None:
    first = laptop.seal(laptop.make("person", name="satu"))
    second = laptop.seal(laptop.make("person", name="dua"), n=2, previous=digest_of(first))
    assert refusal(laptop.put(second, n=2)) == (409, "gap")
    read(laptop.put(first, n=1), BatchResult)
    read(laptop.put(second, n=2), BatchResult)


def test_a_fork_is_refused_and_kept(laptop: Laptop) -> None:
    laptop.push(laptop.make("person", name="asli"))
    same_number = laptop.seal(laptop.make("person", name="tiruan"), n=1, previous=GENESIS)
    assert refusal(laptop.put(same_number, n=1)) == (409, "fork")
    assert refusal(laptop.put(same_number, n=1)) == (409, "fork")
    other_past = laptop.seal(laptop.make("person", name="tiruan"), n=2, previous=digest_of(same_number))
    assert refusal(laptop.put(other_past, n=2)) == (409, "fork")
    kept = laptop.centre.sql("SELECT n, data FROM incident WHERE code = 'fork' ORDER BY n")
    assert [(n, bytes(data)) for n, data in kept] == [(1, same_number), (2, other_past)]
    laptop.push(laptop.make("person", name="lanjut"))


def test_bounds(laptop: Laptop, tmp_path: Path) -> None:
    assert refusal(laptop.put(b"x", total=MAX_BATCH + 1)) == (413, "size")
    assert refusal(laptop.put(b"xyz", total=2)) == (413, "size")
    assert refusal(laptop.put(b"x", offset=5, total=2)) == (400, "format")
    assert refusal(laptop.ask("PUT", f"/v1/batches/{laptop.id}/1", content=b"x")) == (400, "format")
    path = f"/v1/batches/{laptop.id}/1?offset=-1"
    assert refusal(laptop.ask("PUT", path, content=b"x", headers={"Naungan-Length": "1"})) == (400, "format")
    short = laptop.put(b"NGNB\x01")
    assert refusal(short) == (413, "size")
    outcomes = laptop.push(*[laptop.edit("person", "0" * 31 + "1", base_rev=1) for _ in range(MAX_OPERATIONS)])
    assert len(outcomes) == MAX_OPERATIONS


def test_what_was_begun_and_never_finished_is_bounded_and_goes_by_itself(laptop: Laptop) -> None:
    centre = laptop.centre
    parts = centre.data_dir / "uploads" / laptop.id
    data = laptop.seal(*many(laptop))
    for n in range(1, MAX_BEGUN + 4):
        centre.clock.forward(seconds=1)
        assert laptop.put(data[:20_000], n=n, total=len(data)).status_code == 202
    assert sorted(int(path.stem) for path in parts.iterdir()) == list(range(4, MAX_BEGUN + 4)), "the newest stay"
    centre.clock.forward(days=UNFINISHED_DAYS + 1)
    centre.stop()
    centre.start()
    assert not list(parts.iterdir())


def test_a_laptop_cannot_fill_the_list_of_incidents(laptop: Laptop) -> None:
    laptop.push(laptop.make("person", name="satu"))
    for seq in range(MAX_NOTED + 5, 0, -1):
        laptop.receipt(audit=(seq, bytes(32)))
    for n in range(5):
        assert refusal(laptop.put(laptop.seal(laptop.make("person", name=f"{n}"), n=1), n=1)) == (409, "fork")
    found = laptop.centre.sql("SELECT code, count(*) FROM incident GROUP BY code ORDER BY code")
    assert found == [("audit_rewound", MAX_NOTED), ("fork", 5)], "one kind does not crowd out another"
