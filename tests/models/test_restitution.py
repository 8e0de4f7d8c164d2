"""The ledger of restitution adds up in rupiah, and what nobody knows is not zero."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.models.restitution import Ledger, Line, ledger_of


def test_nothing_known_is_not_zero() -> None:
    assert ledger_of([]) == Ledger()
    assert ledger_of([]).shortfall is None


def test_an_appeal_stands_in_the_place_of_the_first_order_and_payments_add_up() -> None:
    lines = [
        Line("PAID", "2026-08-01", 10_000_000), Line("ORDERED", "2026-05-02", 90_000_000),
        Line("ORDERED", "2026-07-09", 60_000_000), Line("CLAIMED", "2026-01-05", 120_000_000),
        Line("PAID", "2026-09-01", 5_000_000), Line("ASSESSED", "2026-02-01", 100_000_000),
        Line("WARNED", "2026-10-01", None),
    ]  # fmt: skip
    ledger = ledger_of(lines)
    assert ledger == Ledger(120_000_000, 100_000_000, None, 60_000_000, 15_000_000)
    assert (ledger.shortfall, ledger.surplus) == (45_000_000, 0)


def test_more_paid_than_ordered_is_a_surplus() -> None:
    ledger = ledger_of([Line("ORDERED", "2026-05-02", 10), Line("PAID", "2026-05-03", 12)])
    assert (ledger.shortfall, ledger.surplus) == (0, 2)


def test_a_day_that_is_only_partly_known_comes_before_the_known_days_of_its_year() -> None:
    assert ledger_of([Line("ORDERED", "2026-05-02", 10), Line("ORDERED", "2026-??-??", 12)]).ordered == 10


@given(st.lists(st.tuples(st.sampled_from(["ORDERED", "PAID"]), st.dates(), st.integers(0, 10**12)), max_size=8))
def test_paid_and_still_to_pay_are_what_was_ordered(lines: list[tuple[str, object, int]]) -> None:
    ledger = ledger_of([Line(step, str(day), amount) for step, day, amount in lines])
    if ledger.ordered is not None:
        assert ledger.shortfall is not None
        assert ledger.shortfall - ledger.surplus == ledger.ordered - (ledger.paid or 0)
