"""Batches in the best codec both sides read: numbers in the place of ids, a centre of before, one that cannot read."""

from __future__ import annotations

from random import Random

import pytest

from app.errors import NetworkDown
from app.models.local import Batch
from app.services import care, cases
from app.sync.loop import freeze
from app.wire import MEDIA_TYPE
from app.wire.batch import OpenedBatch, header_of, unseal
from app.wire.codecs import CODECS, ROW
from app.wire.dictionaries import DICTIONARIES, dictionary
from app.wire.messages import Problem, WireError, encode
from tests.sync.country import Country, new_case
from tests.sync.doorman import Answer, Choose, doorman, problem
from tests.sync.laptops import Laptop
from tests.sync.proxy import Link, link_to
from tests.sync.test_broken_links import agree


@pytest.fixture
def busy(country: Country) -> Laptop:
    """A laptop that has synchronised, and has new work on a record the centre numbered."""
    laptop = country.laptop("a1")
    case_id = new_case(laptop)
    country.settle(laptop)
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    return laptop


def first_put(answer: Answer) -> Choose:
    """Answer the first batch this, let all else through."""
    said: list[str] = []

    def choose(method: str, path: str) -> Answer | None:
        if method != "PUT" or said:
            return None
        said.append(path)
        return answer

    return choose


def opened(laptop: Laptop) -> OpenedBatch:
    """The last batch, opened by somebody who knows no numbers."""
    return opened_one(laptop.batches()[-1])


def opened_one(batch: Batch) -> OpenedBatch:
    """A batch, opened by somebody who knows no numbers."""
    return unseal(batch.data, verify=lambda _message, _signature: True)


def test_a_known_record_travels_as_its_number(country: Country, busy: Laptop) -> None:
    assert country.sync(busy).green
    assert header_of(busy.batches()[-1].data)[0].codec == CODECS[0]
    with pytest.raises(WireError) as refused:
        opened(busy)
    assert refused.value.code == "numbers"
    agree(country, busy)


def test_a_centre_of_before_gets_whole_rows(country: Country) -> None:
    laptop = country.laptop("a1")
    new_case(laptop)
    old = problem(404, "not_found")
    with doorman(country.centre.base_url, lambda _method, path: old if path.startswith("/v2/") else None) as url:
        assert country.sync(laptop, url=url).green
        assert country.sync(laptop, url=url).green
    assert {header_of(batch.data)[0].codec for batch in laptop.batches()} == {ROW}
    agree(country, laptop)


@pytest.mark.parametrize(
    ("status", "code", "codecs", "then"),
    [(415, "dictionary", [ROW], ROW), (415, "codec", [], ROW), (409, "numbers", [], CODECS[0])],
)
def test_what_the_centre_cannot_read_is_sealed_anew_under_its_number(
    country: Country, busy: Laptop, status: int, code: str, codecs: list[str], then: str
) -> None:
    answer = Answer(status, encode(Problem(code, "said by a test", codecs=codecs)), {"content-type": MEDIA_TYPE})
    with doorman(country.centre.base_url, first_put(answer)) as url:
        assert country.sync(busy, url=url).green
    batch = busy.batches()[-1]
    assert (header_of(batch.data)[0].codec, batch.n, len(opened(busy).changes)) == (then, 2, 1)
    with busy.setup.write() as session:  # the centre has it, and its answer was lost
        session.get_one(Batch, batch.n).state = "PARTIAL"
    agree(country, busy)


def test_a_reply_that_was_lost_after_sealing_anew_is_fetched_not_repeated(country: Country, busy: Laptop) -> None:
    links: list[Link] = []

    def choose(method: str, _path: str) -> Answer | None:
        if method != "PUT" or links[0].swallow:
            return None
        links[0].swallow = b"PUT "  # the next one reaches the centre, and nobody hears of it
        return problem(415, "codec")

    with doorman(country.centre.base_url, choose) as url, link_to(url) as link:
        links.append(link)
        assert isinstance(country.sync(busy, url=link.url).problem, NetworkDown)
    batch = busy.batches()[-1]
    assert (header_of(batch.data)[0].codec, batch.state, batch.n) == (ROW, "PARTIAL", 2)
    assert country.operations_at_the_centre() == len(busy.operations())
    assert country.sync(busy).green
    assert busy.batches()[-1].data == batch.data
    agree(country, busy)


def test_what_grows_too_large_for_its_batch_is_cut_anew_in_the_same_order(country: Country, busy: Laptop) -> None:
    """Words weigh twice as much as rows: what filled two batches needs more, and nothing is lost, doubled or moved."""
    chance, words, other = Random("words"), dictionary(DICTIONARIES[0]).words, country.laptop("a2")
    case_id = busy.operations()[-1].record
    for _ in range(14):
        text = " ".join(chance.choices(words, k=12_000))
        care.add_note(busy.desk, case_id, {"note_kind": "VISIT", "at": busy.clock(), "text": text})
    made = [op.seq for op in busy.operations()]
    freeze(busy.setup)
    before = busy.batches()
    care.add_note(busy.desk, case_id, {"note_kind": "VISIT", "at": busy.clock(), "text": "Setelah itu."})
    with doorman(country.centre.base_url, first_put(problem(415, "codec"))) as url:
        assert country.sync(busy, url=url).green
    after = busy.batches()
    assert len(after) > len(before) > 2
    assert [batch.data for batch in after[:1]] == [batch.data for batch in before[:1]]
    assert {header_of(batch.data)[0].codec for batch in after[1:]} == {ROW}
    sent = sorted(busy.operations(), key=lambda op: (op.batch, op.idx))
    assert [op.seq for op in sent][: len(made)] == made
    assert [change.record.hex() for batch in after[1:] for change in opened_one(batch).changes] == [
        op.record for op in sent if op.batch != after[0].n
    ]
    agree(country, busy, other)
