"""An answer that is well formed, of the right size, and about another batch: it is not believed."""

from __future__ import annotations

import pytest

from app.errors import NotTheCentre
from app.services import cases
from app.wire import MEDIA_TYPE
from app.wire.messages import BatchResult, decode
from app.wire.short import pack_result
from tests.sync.country import Country, new_case
from tests.sync.doorman import Answer, doorman
from tests.sync.test_broken_links import agree


@pytest.mark.parametrize("dialect", [1, 2])
def test_the_result_of_another_batch_with_as_many_operations_acknowledges_nothing(
    country: Country, dialect: int
) -> None:
    one = country.laptop("a1")
    case_id = new_case(one)
    for risk in ("LOW", "MEDIUM"):  # two batches of one operation each
        country.settle(one)
        cases.change_case(one.desk, case_id, {"risk": risk})
    country.settle(one)
    last = one.batches()[-1]
    assert last.operations == 1
    saved = bytes(country.centre.sql("SELECT result FROM batch WHERE n = %s", last.n)[0][0])
    told = saved if dialect == 1 else pack_result(decode(saved, BatchResult))
    cases.change_case(one.desk, case_id, {"risk": "HIGH"})

    def instead(method: str, path: str) -> Answer | None:
        if dialect == 1 and path.startswith("/v2/"):
            return Answer(404, b"\x82\xa4code\xa9not_found\xa7message\xa0", {"content-type": MEDIA_TYPE})
        wrong = method == "PUT" and "/batches/" in path
        return Answer(200, told, {"content-type": MEDIA_TYPE}) if wrong else None

    with doorman(country.centre.base_url, instead) as url:
        assert isinstance(country.sync(one, url=url).problem, NotTheCentre)
    assert one.operations()[-1].result is None, "nobody answered for it"
    agree(country, one)
