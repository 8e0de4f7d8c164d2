"""A centre that goes round in circles, or back: the laptop stops, keeps everything, and says why."""

from __future__ import annotations

import pytest

from app.errors import NotTheCentre
from app.services import cases
from app.wire import MEDIA_TYPE
from app.wire.segment import SegmentHeader, seal_segment
from tests.sync.country import Country, new_case
from tests.sync.doorman import Answer, Choose, doorman, page

_ENOUGH = 6  # times the same is asked for: then it would go on for ever


def always(office: str, *, first: int, last: int, asked: list[str], epoch: str) -> Choose:
    """An empty segment of this feed, whatever is asked for, that says there is more."""
    header = SegmentHeader("row", bytes.fromhex(office), epoch, first, last, last + 100, 0, f"cursor {last}")
    data = seal_segment([], header)
    told = {"content-type": MEDIA_TYPE, "Naungan-Segment": data[-32:].hex(), "Naungan-Length": str(len(data))}

    def choose(method: str, path: str) -> Answer | None:
        if method != "GET" or not path.startswith("/v2/feeds/own"):
            return None
        asked.append(path)
        return Answer(200, data, told) if len(asked) < _ENOUGH else page()

    return choose


@pytest.mark.parametrize(("before", "on"), [(0, 0), (0, 1), (-2, -1), (3, 4), (1, 0)])
def test_a_feed_that_does_not_go_on_from_here_is_no_feed(country: Country, before: int, on: int) -> None:
    laptop = country.laptop("a1")
    case_id = new_case(laptop)
    country.settle(laptop)
    office, epoch = laptop.actor.office, laptop.feeds()[laptop.actor.office].epoch
    here, asked = laptop.feeds()[office].seq, list[str]()
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    liar = always(office, first=here + before, last=here + on, asked=asked, epoch=epoch)
    with doorman(country.centre.base_url, liar) as url:
        report = country.sync(laptop, url=url)
    assert isinstance(report.problem, NotTheCentre)
    assert len(asked) <= 3
    assert laptop.feeds()[office].seq <= here + max(on, 0)
    assert not report.green
    assert country.sync(laptop).green  # a lie that took it to the very number of the centre is mended by its digest
