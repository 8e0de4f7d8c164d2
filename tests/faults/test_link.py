"""What stands between a laptop and the centre: a link that drips, a proxy that answers with the whole from 0."""

from __future__ import annotations

import re

import pytest

from app.errors import KnownError, NetworkDown
from app.models.local import PartialSegment
from app.sync.loop import run
from tests.attack.cutting import Wire, cut_into
from tests.sync.country import Country, new_case
from tests.sync.doorman import doorman
from tests.sync.proxy import link_to
from tests.sync.test_broken_links import agree, write


@pytest.mark.parametrize("drip", [1, 3], ids=["one byte", "three bytes"])
def test_a_link_that_drips_every_byte_of_request_and_response_carries_everything_over(
    country: Country, drip: int
) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    country.settle(one, two)
    write(two, case_id, size=600)
    write(one, case_id, size=600)
    assert country.sync(two).green
    wire = Wire(drip=drip)
    with country.transport(one) as transport:
        report = run(one.setup, cut_into(transport, wire))
    assert report.green, report.problem
    assert wire.up > 600 and wire.down > 600
    agree(country, one, two)


def without_offset(_method: str, path: str) -> str:
    """What a proxy asks for that knows nothing of parts: the whole, from its beginning."""
    return re.sub(r"offset=\d+&?", "", path) if re.match(r"/v\d/(feeds|batches)/", path) else path


def test_a_proxy_that_answers_with_the_whole_from_0_spoils_no_segment(country: Country) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    country.settle(one, two)
    write(one, case_id, size=48_000)
    country.sync(one)
    with link_to(country.centre.base_url, cut_at=40_000) as link:
        assert isinstance(country.sync(two, url=link.url).problem, NetworkDown)
    assert two.count(PartialSegment) == 1, "there is a half to go on with"
    with doorman(country.centre.base_url, lambda _method, _path: None, rewrite=without_offset) as url:
        report = country.sync(two, url=url)
    assert report.problem is None or isinstance(report.problem, KnownError)
    assert country.sync(two).green
    agree(country, one, two)


def test_a_proxy_that_sends_the_rest_as_if_it_were_the_whole_spoils_no_batch(country: Country) -> None:
    one = country.laptop("a1")
    case_id = new_case(one)
    country.settle(one)
    write(one, case_id, size=48_000)
    with link_to(country.centre.base_url, cut_at=40_000) as link:
        assert isinstance(country.sync(one, url=link.url).problem, NetworkDown)
    assert "PARTIAL" in {batch.state for batch in one.batches()}
    with doorman(country.centre.base_url, lambda _method, _path: None, rewrite=without_offset) as url:
        report = country.sync(one, url=url)
    assert report.problem is None or isinstance(report.problem, KnownError)
    assert country.sync(one).green
    agree(country, one)
