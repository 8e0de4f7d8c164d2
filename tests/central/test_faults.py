"""Crashes, stops and crowds: nothing acknowledged is lost, nothing is done twice, no number is left out."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest

from app.models.ids import new_id
from app.wire import FSYNC_EVERY
from app.wire.batch import digest_of
from app.wire.messages import BatchResult, Status
from tests.central.crew import held_up, until_waiting
from tests.central.scene import adding, check_proof, scene_of
from tests.central.test_uploads import head, many, until_applied, wait_for
from tests.centre import CentreUnderTest, Laptop, heads_of, read, refusal
from tests.until import until

FAIL = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'power cut'; END $$;
CREATE TRIGGER fail BEFORE INSERT ON feed FOR EACH ROW EXECUTE FUNCTION fail();
"""
MEND = "DROP FUNCTION fail CASCADE"


def cut_between_stored_and_applied(laptop: Laptop, *names: str) -> list[bytes]:
    """Batches that are stored for ever and not applied, as a crash leaves them."""
    laptop.centre.sql(FAIL)
    before = laptop.centre.sql("SELECT count(*) FROM feed WHERE scope = %s", laptop.office)
    sent = []
    for name in names:
        data = laptop.seal(laptop.make("person", name=name))
        assert refusal(laptop.put(data)) == (500, "internal")
        laptop.n, laptop.previous = laptop.n + 1, digest_of(data)
        sent.append(data)
    assert laptop.centre.sql("SELECT count(*) FROM feed WHERE scope = %s", laptop.office) == before
    assert laptop.centre.sql("SELECT count(*) FROM record WHERE scope = %s", laptop.office) == before
    laptop.centre.sql(MEND)
    return sent


@pytest.mark.warns_in_log("internal error RaiseException")
@pytest.mark.parametrize("how", ["restart", "hello", "again", "next"])
def test_what_was_stored_and_not_applied_is_applied_later(centre: CentreUnderTest, how: str) -> None:
    laptop = centre.device("A")
    sent = cut_between_stored_and_applied(laptop, "satu", "dua")
    assert head(laptop, 2) == ("stored", len(sent[1]))
    if how == "restart":
        centre.stop()
        centre.start()
        until_applied(laptop, 2)
    elif how == "hello":
        assert heads_of(laptop.hello()).last_batch == 2
    elif how == "again":
        read(laptop.put(sent[1], n=2), BatchResult)
    else:
        laptop.push(laptop.make("person", name="tiga"))
    assert head(laptop, 1)[0] == head(laptop, 2)[0] == "applied"
    result = read(laptop.put(sent[0], n=1), BatchResult)
    assert [outcome.status for outcome in result.outcomes] == [Status.ACCEPTED]
    laptop.pull()
    names = [row.content["name"] for row in laptop.lines if row.kind == "person"]
    assert names == ["satu", "dua", "tiga"][: 3 if how == "next" else 2]
    check_proof(centre, laptop)


@pytest.mark.warns_in_log("internal error RaiseException")
def test_a_centre_answers_while_it_applies_what_a_crash_left(centre: CentreUnderTest) -> None:
    laptop, other = centre.device("A"), centre.device("B")
    cut_between_stored_and_applied(laptop, "satu", "dua")
    centre.stop()
    with held_up(centre, laptop.office):
        centre.start()
        until_waiting(centre)
        assert centre.http.get(centre.base_url + "/healthz").status_code == 200
        assert other.push(other.make("person", name="tiga"))[0].status is Status.ACCEPTED
        assert head(laptop, 1)[0] == "stored"
    until_applied(laptop, 2)
    check_proof(centre, laptop, other)


@pytest.mark.warns_in_log("internal error RaiseException")
def test_a_batch_over_two_scopes_is_applied_in_both_or_in_none(centre: CentreUnderTest) -> None:
    scene = scene_of(centre).referred()
    before = centre.sql("SELECT scope, head, digest, count FROM scope ORDER BY scope")
    only_b = FAIL.replace("FOR EACH ROW EXECUTE", f"FOR EACH ROW WHEN (NEW.scope = '{scene.b.office}') EXECUTE")
    centre.sql(only_b)
    change = scene.a.edit("person", scene.siti, base_rev=scene.rev[scene.siti], name="Siti Aminah")
    assert refusal(scene.a.push_raw(change)) == (500, "internal")
    assert centre.sql("SELECT scope, head, digest, count FROM scope ORDER BY scope") == before
    centre.sql(MEND)
    scene.a.hello()
    scene.b.pull()
    assert (scene.b.holds(scene.siti) or {})["name"] == "Siti Aminah"
    check_proof(centre, scene.a, scene.b)


def test_eight_writers_leave_no_hole_and_lose_nothing(centre: CentreUnderTest) -> None:
    offices = ["A", "B", "C", "D"]
    laptops = [centre.device(offices[n % 4]) for n in range(8)]
    shared = laptops[0].make("case", control=adding("DEBT"))
    laptops[0].push(shared)
    sent: list[tuple[Laptop, str]] = []
    failures: list[BaseException] = []

    def write(laptop: Laptop, to: str) -> None:
        try:
            for _round in range(6):
                case, person, consent, referral = new_id(), new_id(), new_id(), new_id()
                outcomes = laptop.push(
                    laptop.make("case", record=case),
                    laptop.make("person", record=person, name="Siti"),
                    laptop.make("party", case=case, person_id=person, role="VICTIM"),
                    laptop.make(
                        "consent", record=consent, case=case, person_id=person, purpose="SHARE", decision="GIVEN",
                        tiers=adding("OPEN", "IDENTIFYING"),
                    ),
                    laptop.make(
                        "referral", record=referral, case=case, person_id=person, to_office=to, consent_id=consent,
                        tiers=adding("OPEN", "IDENTIFYING"),
                    ),
                    laptop.make("referral_event", case=case, referral_id=referral, step="SENT", at=1),
                )  # fmt: skip
                assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
                sent.append((laptop, person))
                laptop.pull()
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=write, args=(laptop, laptops[(n + 1) % 4].office)) for n, laptop in enumerate(laptops)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    check_proof(centre, *laptops)
    assert len(sent) == 48
    recipients = {laptop.office: laptops[(n + 1) % 4] for n, laptop in enumerate(laptops[:4])}
    for laptop, person in sent:
        assert laptop.holds(person) is not None
        assert recipients[laptop.office].holds(person) is not None, "pulled while others wrote, and nothing missed"
    for office in offices:
        assert centre.sql(
            "SELECT count(*), count(DISTINCT record) FROM placement WHERE scope = %s AND kind = 'person'",
            centre.office(office),
        ) == [(24, 24)]


def test_a_request_at_work_is_taken_whole_before_the_centre_ends(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    data = laptop.seal(*many(laptop, 300))
    url = urlsplit(centre.base_url)
    with socket.create_connection((url.hostname, url.port)) as link:
        link.sendall(
            f"PUT /v1/batches/{laptop.id}/1?offset=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {laptop.token}\r\n"
            f"Naungan-Length: {len(data)}\r\nContent-Length: {len(data)}\r\n\r\n".encode()
            + data[:20_000]
        )
        wait_for(laptop, 16_384)
        centre.http.close()
        stopping = threading.Thread(target=centre.stop)
        stopping.start()
        link.sendall(data[20_000:])
        # applied, or durable and told to ask again: which depends on whether the bytes came before the lanes closed
        assert link.recv(100).startswith((b"HTTP/1.1 200", b"HTTP/1.1 503"))
        while link.recv(4096):
            pass
    stopping.join()
    assert centre.sql("SELECT n FROM batch") == [(1,)]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((url.hostname, url.port))


SERVE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.central import admin, serve
from app.central.config import Config
data_dir = Path(sys.argv[1])
now = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
serve.run(Config(sys.argv[2], data_dir, lambda: now), ready=lambda url: print(url, flush=True))
print("ended", flush=True)
"""


@pytest.fixture
def served(centre: CentreUnderTest, root: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The centre as a process of its own: (process, base URL)."""
    centre.stop()
    command = [sys.executable, "-c", SERVE, str(centre.data_dir), centre.url_of["naungan_app"]]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_program_gracefully(
    served: tuple[subprocess.Popen[str], str], number: signal.Signals
) -> None:
    process, url = served
    assert httpx2.get(url + "/healthz", trust_env=False).status_code == 200
    process.send_signal(number)
    output, _errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (0, "ended\n")


def test_a_killed_centre_keeps_what_it_acknowledged_and_what_arrived(
    centre: CentreUnderTest, served: tuple[subprocess.Popen[str], str]
) -> None:
    process, url = served
    laptop = Laptop(centre, "A")
    laptop.base_url = url
    laptop.enrol(centre.code("A"))
    laptop.sign_in()
    laptop.push(laptop.make("person", name="satu"))
    data = laptop.seal(*many(laptop, 300))
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as link:
        link.sendall(
            f"PUT /v1/batches/{laptop.id}/2?offset=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {laptop.token}\r\n"
            f"Naungan-Length: {len(data)}\r\nContent-Length: {len(data)}\r\n\r\n".encode()
            + data[:20_000]
        )
        wait_for(laptop, 16_384, n=2)
        process.kill()
        process.communicate()
    centre.start()
    laptop.base_url = ""
    assert head(laptop, 1)[0] == "applied"
    assert head(laptop, 2) == ("partial", 16_384)
    read(laptop.put(data[16_384:], offset=16_384), BatchResult)
    laptop.n += 1
    check_proof(centre, laptop)


def test_a_connection_that_broke_is_replaced(centre: CentreUnderTest) -> None:
    with centre.owner.transaction() as connection:
        connection.execute("SELECT 1")
    centre.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'naungan_owner'"
               " AND datname = current_database()")  # fmt: skip
    with pytest.raises(psycopg.OperationalError), centre.owner.transaction() as connection:
        connection.execute("SELECT 1")
    with centre.owner.transaction() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.warns_in_log("internal error RaiseException")
@pytest.mark.warns_in_log("a stored batch cannot be applied: RaiseException")
def test_one_batch_that_cannot_be_applied_does_not_keep_the_centre_from_starting(
    centre: CentreUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = centre.device("A"), centre.device("B")
    centre.sql(FAIL.replace("FOR EACH ROW EXECUTE", f"FOR EACH ROW WHEN (NEW.scope = '{bad.office}') EXECUTE"))
    assert refusal(bad.push_raw(bad.make("person", name="satu"))) == (500, "internal")
    centre.stop()
    centre.start()
    assert good.push(good.make("person", name="dua"))[0].status is Status.ACCEPTED
    until(lambda: "a stored batch cannot be applied" in caplog.text, "it is said in the log")
    centre.sql(MEND)
    assert heads_of(bad.hello()).last_batch == 1


def test_a_laptop_revoked_while_its_batch_is_on_the_way_is_not_let_in_by_the_last_byte(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    data = laptop.seal(*many(laptop, 400))
    where = urlsplit(centre.base_url)
    head_of_it = (
        f"PUT /v1/batches/{laptop.id}/1?offset=0 HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer"
        f" {laptop.token}\r\nNaungan-Length: {len(data)}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((str(where.hostname), where.port or 0)) as link:
        link.sendall(head_of_it.encode() + data[:-1])
        wait_for(laptop, len(data) // FSYNC_EVERY * FSYNC_EVERY)
        centre.sql("UPDATE device SET revoked = now() WHERE id = %s", laptop.id)
        link.sendall(data[-1:])
        reply = b"".join(iter(lambda: link.recv(4096), b""))
    assert reply.startswith(b"HTTP/1.1 401")
    assert centre.sql("SELECT 1 FROM batch") == []
