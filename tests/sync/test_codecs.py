"""Batches in the best codec both sides read: numbers in the place of ids, a centre of before, one that cannot read."""

from __future__ import annotations

from typing import Any

import pytest

from app.models.local import Batch
from app.services import cases
from app.wire import MEDIA_TYPE
from app.wire.batch import header_of, unseal
from app.wire.codecs import CODECS, ROW
from app.wire.messages import Problem, WireError, encode
from tests.sync.country import Country, new_case
from tests.sync.doorman import Answer, Choose, doorman, problem
from tests.sync.laptops import Laptop
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


def opened(laptop: Laptop) -> Any:
    """The last batch, opened as somebody who knows no numbers."""
    return unseal(laptop.batches()[-1].data, verify=lambda _message, _signature: True)


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
