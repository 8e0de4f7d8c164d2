"""Whatever answers in the place of the centre, and whatever it says: nothing is dropped, the reason is shown."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from app import i18n
from app.errors import CentreRefused, Invalid, KnownError, NetworkDown, NotTheCentre
from app.models.local import Batch, Feed, Operation
from app.services import cases
from app.sync.device import membership
from app.sync.http import HttpTransport, checked_url
from app.sync.proof import opened_receipt
from app.sync.report import SyncReport
from app.sync.words import REASONS, REFUSALS, STATES, STEPS, reason, refusal
from app.wire.messages import Signed, Status
from tests.sync.country import Country, new_case
from tests.sync.doorman import Answer, Choose, doorman, page, problem
from tests.sync.laptops import Laptop
from tests.sync.test_broken_links import agree


def sync_before(country: Country, laptop: Laptop, choose: Choose) -> SyncReport:
    """A sync past a doorman."""
    with doorman(country.centre.base_url, choose) as url:
        return country.sync(laptop, url=url)


def at(step: str, answer: Answer) -> Choose:
    """Answer this at one step of the protocol ('PUT /v2/batches'), let all else through."""
    method, path = step.split()
    return lambda m, p: answer if m == method and p.startswith(path) else None


STEPS_OF_THE_PROTOCOL = [
    "POST /v1/session/challenge",
    "POST /v2/hello",
    "PUT /v2/batches",
    "GET /v2/feeds",
    "POST /v2/receipts",
]
STRANGERS = {
    "captive portal": page(),
    "portal that redirects": page("", 302, location="http://192.0.2.1/login"),
    "404 of a web server": page("<h1>Not Found</h1>", 404),
    "401 of a proxy": page("", 401),
    "403 of a proxy": page("<h1>Forbidden</h1>", 403),
    "empty page": Answer(200, b""),
    "our type, other bytes": Answer(200, b"\xc1\xff", {"content-type": "application/vnd.naungan+msgpack"}),
    "our type, a text": Answer(200, b"\xa2ok", {"content-type": "application/vnd.naungan+msgpack"}),
}
REFUSED = [
    (400, "format"), (401, "session"), (401, "revoked"), (401, "certificate_expired"), (404, "not_found"),
    (409, "gap"), (409, "fork"), (413, "size"), (415, "codec"), (422, "signature"), (422, "hash"), (422, "chain"),
    (429, "too_many"), (500, "internal"), (503, "busy"), (503, "database"), (418, "never_heard_of"),
]  # fmt: skip


@pytest.fixture
def busy(country: Country) -> tuple[Laptop, str]:
    """A laptop that has synchronised, and has new work."""
    laptop = country.laptop("a1")
    case_id = new_case(laptop)
    country.settle(laptop)
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    return laptop, case_id


def test_every_stranger_at_every_step_is_told_from_the_centre(country: Country, busy: tuple[Laptop, str]) -> None:
    laptop, _case = busy
    for step in STEPS_OF_THE_PROTOCOL:
        for name, stranger in STRANGERS.items():
            country.centre.sql("DELETE FROM session")  # so that it signs in
            report = sync_before(country, laptop, at(step, stranger))
            assert isinstance(report.problem, NotTheCentre), (step, name, report.problem)
            assert not report.green
            assert laptop.operations()
    agree(country, laptop)


@pytest.mark.parametrize("step", ["PUT /v2/batches", "HEAD /v2/batches"])
def test_every_refusal_of_a_batch_keeps_it_and_says_why(country: Country, busy: tuple[Laptop, str], step: str) -> None:
    laptop, case_id = busy
    if step.startswith("HEAD"):  # asked after a break only
        sync_before(country, laptop, at("PUT /v2/batches", page()))
    cases.change_case(laptop.desk, case_id, {"transit": "Batam"})
    for status, code in REFUSED:
        report = sync_before(country, laptop, at(step, problem(status, code, retry_after="7")))
        assert isinstance(report.problem, CentreRefused), code
        said = "" if step.startswith("HEAD") else code
        assert (report.problem.status, report.problem.code, report.retry_after) == (status, said, 7)
        assert str(report.problem)
        assert [op.result for op in laptop.operations()[-2:]] == [None, None]
        assert {batch.state for batch in laptop.batches()[1:]} <= {"PARTIAL", "FROZEN"}
    agree(country, laptop)
    assert laptop.get(cases.Case, case_id).transit == "Batam"  # type: ignore[union-attr]


def test_a_session_that_ran_out_is_renewed_without_a_word(country: Country, busy: tuple[Laptop, str]) -> None:
    laptop, _case = busy
    said = []

    def once(method: str, path: str) -> Answer | None:
        if method == "PUT" and not said:
            said.append(path)
            return problem(401, "session")
        return None

    assert sync_before(country, laptop, once).green
    assert said
    country.clock.forward(hours=13)
    agree(country, laptop)


def test_a_busy_front_without_our_words_is_a_busy_centre(country: Country, busy: tuple[Laptop, str]) -> None:
    laptop, _case = busy
    report = sync_before(country, laptop, at("PUT /v2/batches", page("<h1>503</h1>", 503, **{"retry-after": "30"})))
    assert isinstance(report.problem, CentreRefused)
    assert report.retry_after == 30
    agree(country, laptop)


def test_a_revoked_laptop_keeps_its_work_and_is_told(country: Country, busy: tuple[Laptop, str]) -> None:
    laptop, _case = busy
    country.centre.sql("UPDATE device SET revoked = now() WHERE id = %s", laptop.workspace.device.id)
    report = country.sync(laptop)
    assert isinstance(report.problem, CentreRefused)
    assert report.problem.code == "revoked"
    assert laptop.operations()[-1].result is None


def test_a_result_for_another_batch_is_not_believed(country: Country, busy: tuple[Laptop, str]) -> None:
    laptop, case_id = busy
    country.settle(laptop)
    other = country.centre.sql("SELECT result FROM batch WHERE n = 2")[0][0]
    cases.change_case(laptop.desk, case_id, {"risk": "MEDIUM"})
    reply = Answer(200, bytes(other), {"content-type": "application/vnd.naungan+msgpack"})
    assert isinstance(sync_before(country, laptop, at("PUT /v2/batches", reply)).problem, NotTheCentre)
    agree(country, laptop)


def test_a_receipt_not_signed_by_the_centre_makes_nothing_green(country: Country, busy: tuple[Laptop, str]) -> None:
    laptop, _case = busy
    row = country.centre.sql("SELECT body, signature FROM receipt LIMIT 1")[0]
    with laptop.session() as session:
        key = membership(session).centre_key
    assert opened_receipt(Signed(bytes(row[0]), bytes(row[1])), centre_key=key)
    with pytest.raises(NotTheCentre):
        opened_receipt(Signed(bytes(row[0]), bytes(64)), centre_key=key)
    forged = {"body": bytes(row[0]), "signature": bytes(64)}
    reply = Answer(200, msgspec.msgpack.encode(forged), {"content-type": "application/vnd.naungan+msgpack"})
    report = sync_before(country, laptop, at("POST /v2/receipts", reply))
    assert isinstance(report.problem, NotTheCentre)
    assert laptop.batches()[-1].state == "ACKED"
    old = Answer(200, msgspec.msgpack.encode({"body": bytes(row[0]), "signature": bytes(row[1])}), reply.headers)
    assert isinstance(sync_before(country, laptop, at("POST /v2/receipts", old)).problem, NotTheCentre)
    agree(country, laptop)


def test_rows_that_went_astray_here_are_found_by_the_digest_and_mended(
    country: Country, busy: tuple[Laptop, str]
) -> None:
    laptop, case_id = busy
    for _ in range(3):
        new_case(laptop)
    country.settle(laptop)
    office = laptop.actor.office
    with laptop.setup.write() as session:  # a bad disk, a bug: nobody journalled this
        session.get(cases.Case, case_id).transit = "nowhere"
        session.add(cases.Case(risk="LOW", rev=99, scope=office))
        session.delete(session.query(cases.Case).filter(cases.Case.id != case_id, cases.Case.rev < 99).first())
    cases.change_case(laptop.desk, case_id, {"risk": "MEDIUM"})
    report = country.sync(laptop)
    assert report.problem is None
    assert report.repaired == (office,)
    assert report.green
    assert laptop.count(cases.Case) == 4
    case = laptop.get(cases.Case, case_id)
    assert case is not None
    assert (case.transit, case.risk) == (None, "MEDIUM")
    agree(country, laptop)


def test_a_restored_centre_is_offered_again_what_it_lost(country: Country, busy: tuple[Laptop, str]) -> None:
    laptop, _case = busy
    agree(country, laptop)
    country.centre.stop()  # one at work would notice, and say so
    for table in ("feed", "placement", "record", "batch", "held", "receipt"):
        country.centre.sql(f"DELETE FROM {table} WHERE scope = %s", laptop.actor.office)
    country.centre.sql(
        "UPDATE scope SET head = 0, digest = %s, count = 0 WHERE scope = %s", bytes(16), laptop.actor.office
    )
    country.centre.sql("UPDATE device SET applied = 0, stored = 0, stored_digest = %s", bytes(32))
    country.centre.sql("UPDATE centre SET epoch = 'another'")
    country.centre.start()
    report = country.sync(laptop)
    assert report.problem is None
    assert report.pushed_operations == len(laptop.operations())
    agree(country, laptop)


def test_a_cursor_the_centre_does_not_know_any_more_is_not_the_end(country: Country, busy: tuple[Laptop, str]) -> None:
    laptop, _case = busy
    with laptop.setup.write() as session:
        for feed in session.query(Feed):
            feed.cursor = "made by a key that is gone"
    agree(country, laptop)


def test_a_copy_of_a_laptop_is_told_to_enrol_anew_and_drops_nothing(country: Country, busy: tuple[Laptop, str]) -> None:
    laptop, _case = busy
    agree(country, laptop)
    with laptop.setup.write() as session:  # as an old backup would have it
        for batch in session.query(Batch):
            session.delete(batch)
        for op in session.query(Operation):
            op.batch = op.result = None
    report = country.sync(laptop)
    assert isinstance(report.problem, CentreRefused)
    assert report.problem.code == "fork"
    assert laptop.operations()


@pytest.mark.parametrize(
    "address",
    [
        "http://centre.example",
        "ftp://127.0.0.1",
        "centre.example",
        "",
        "https://u:p@centre.example",
        "http://127.0.0.1.evil.example",
    ],
)
def test_an_address_that_anybody_could_read_along_is_refused(laptop: Laptop, address: str) -> None:
    with pytest.raises(Invalid):
        HttpTransport(address, laptop.workspace.device)


def test_addresses_that_are_safe() -> None:
    assert checked_url(" https://centre.example/ ") == "https://centre.example"
    assert checked_url("http://127.0.0.1:8080") == "http://127.0.0.1:8080"
    assert checked_url("http://[::1]:8080/") == "http://[::1]:8080"
    assert checked_url("http://localhost:1") == "http://localhost:1"


def test_every_word_of_the_centre_has_a_sentence_in_every_language(root: Path) -> None:
    source = "\n".join(path.read_text() for path in (root / "app/central").rglob("*.py"))
    said = set(re.findall(r'Refused\(\s*\d+,\s*"(\w+)"', source))
    outcomes = set(re.findall(r'(?:(?<![.\w])refused\(|Outcome\(\w+(?:\.\w+)?, )"(\w+)"', source))
    outcomes |= set(re.findall(r'ValueProblem\("(\w+)"', (root / "app/models/check.py").read_text()))
    assert len(said) > 12
    assert len(outcomes) > 12
    assert said - REFUSALS.keys() == set()
    assert outcomes - REASONS.keys() == set()
    assert {status.value for status in Status} <= STATES.keys()
    for language in ("en", "id"):
        with i18n.speaking(language):
            for code in outcomes:
                assert reason(code).endswith(".")
            for code in said:
                assert refusal(400, code).endswith(".")
    assert "quantum" in reason("quantum")
    assert "418 teapot" in refusal(418, "teapot")
    assert reason("") == ""
    assert len(STEPS) == 6


def test_what_stops_a_sync_is_always_a_known_error() -> None:
    for error in (NetworkDown, NotTheCentre, CentreRefused):
        assert issubclass(error, KnownError)
