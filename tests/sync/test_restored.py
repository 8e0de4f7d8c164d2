"""A centre put back to its backup: work of the lost days overwrites nothing unseen, and none of it is lost."""

from __future__ import annotations

import base64
import random

import pytest

from app.models.all import Case
from app.services import cases
from app.sync.outbox import planned
from app.sync.pending import changes_of
from app.sync.sealing import Sealed
from app.wire import MAX_BATCH
from tests.sync.backups import back_up_centre, put_centre_back
from tests.sync.country import Country, new_case
from tests.sync.doorman import doorman, problem
from tests.sync.laptops import Laptop
from tests.sync.test_erasing import erase


@pytest.fixture
def history(country: Country) -> tuple[Laptop, Laptop, str]:
    """Who lives through the restore, somebody who knows nothing of the lost days, and their case."""
    one, two, other = country.laptop("a1"), country.laptop("a2"), country.laptop("a3")
    case_id = new_case(one)
    country.settle(one, two, other)
    back_up_centre(country.centre)
    for risk in ("LOW", "HIGH", "MEDIUM"):  # the days that are lost
        cases.change_case(two.desk, case_id, {"risk": risk})
        assert country.sync(two).green
    assert country.sync(one).green
    return one, other, case_id


def goes_on_after_the_restore(country: Country, other: Laptop, case_id: str) -> None:
    """Under a number that the lost history had as well."""
    put_centre_back(country.centre)
    cases.change_case(other.desk, case_id, {"risk": "MEDIUM"})
    assert country.sync(other).green


def both_values_stand(country: Country, one: Laptop, case_id: str) -> None:
    """The value that stood at the centre stays; the other is a conflict, to be seen."""
    assert country.sync(one).problem is None
    [op] = [op for op in one.operations() if op.record == case_id and changes_of(op).get("risk") == "LOW"]
    assert (op.result, op.result_code, op.result_field) == ("conflict", "same_field", "risk")


def test_a_draft_of_before_the_feed_was_read_is_of_the_lost_history(
    country: Country, history: tuple[Laptop, Laptop, str]
) -> None:
    one, other, case_id = history
    goes_on_after_the_restore(country, other, case_id)
    later = problem(503, "busy", Retry_After="1")
    with doorman(country.centre.base_url, lambda method, _path: later if method == "GET" else None) as url:
        assert country.sync(one, url=url).problem is not None  # heard of the restore, and no more
    cases.change_case(one.desk, case_id, {"risk": "LOW"})
    both_values_stand(country, one, case_id)


def test_what_an_erasure_took_apart_is_frozen_anew_as_of_the_lost_history(
    country: Country, history: tuple[Laptop, Laptop, str]
) -> None:
    one, other, case_id = history
    gone = new_case(one)
    cases.change_case(one.desk, case_id, {"risk": "LOW"})
    assert country.sync(one).green
    erase(one, gone)
    country.settle(one)
    assert any(batch.data == b"" for batch in one.batches())
    goes_on_after_the_restore(country, other, case_id)
    both_values_stand(country, one, case_id)


def test_a_full_batch_that_grows_without_numbers_is_cut_anew_and_nothing_of_it_is_lost(country: Country) -> None:
    one = country.laptop("a1")
    ids = [new_case(one) for _ in range(24)]
    country.settle(one)
    back_up_centre(country.centre)
    for case_id in ids:
        cases.change_case(one.desk, case_id, {"risk": "LOW"})
    country.settle(one)
    chance = random.Random(4)
    texts = {case_id: base64.b64encode(chance.randbytes(10_000)).decode() for case_id in ids}
    for case_id, words in texts.items():
        cases.change_case(one.desk, case_id, {"summary": words})
    fill_up(one, ids[0], texts, chance=chance)
    last = one.batches()[-1].n
    country.settle(one)
    [full] = one.batches()[last:]
    put_centre_back(country.centre)
    country.settle(one)
    assert len(one.batches()) > full.n, "it did not grow beyond what a batch may carry"
    two = country.laptop("a2")
    country.settle(two)
    assert {case_id: two.get(Case, case_id).summary for case_id in ids} == texts  # type: ignore[union-attr]


def fill_up(laptop: Laptop, case_id: str, texts: dict[str, str], *, chance: random.Random) -> None:
    """Write more and more, until what waits is one batch with hardly any room in it."""
    for _round in range(20):
        with laptop.setup.read() as session:
            [piece] = planned(session, device=bytes(16), epoch="e" * 16, sign=lambda _message: bytes(64)).pieces()
        assert isinstance(piece, Sealed)
        room = MAX_BATCH - len(piece.data)
        if room < 250:
            return
        texts[case_id] = base64.b64encode(chance.randbytes(max(40, room * 9 // 10 - 120))).decode()
        cases.change_case(laptop.desk, case_id, {"summary": texts[case_id]})
    raise AssertionError("never full")


def test_what_is_erased_while_its_batch_is_offered_again_does_not_stop_the_rest(country: Country) -> None:
    one = country.laptop("a1")
    country.settle(one)
    back_up_centre(country.centre)
    gone, stays = new_case(one), new_case(one)
    country.settle(one)
    put_centre_back(country.centre)
    later = problem(503, "busy", Retry_After="1")
    with doorman(country.centre.base_url, lambda method, _path: later if method == "PUT" else None) as url:
        assert country.sync(one, url=url).problem is not None  # the batch waits again, and has an answer of before
    erase(one, gone)
    country.settle(one)
    two = country.laptop("a2")
    country.settle(two)
    assert (two.get(Case, gone), one.get(Case, gone)) == (None, None)
    assert two.get(Case, stays) is not None
    assert not [op for op in one.operations() if op.record == gone]
