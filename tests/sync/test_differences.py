"""Only what differs is asked for once more: few round trips, few bytes; everything anew is the last resort."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.errors import Conflicted
from app.services import cases
from app.sync.tables import Stored, served
from app.sync.verifying import differences
from tests.sync.country import Country, new_case
from tests.sync.hearing import heard
from tests.sync.laptops import Laptop


def held(laptop: Laptop) -> dict[str, Stored]:
    """What came through the office's scope."""
    with laptop.session() as session:
        return {one.record: one for one in served(session, laptop.actor.office)}


def many(country: Country, count: int) -> Laptop:
    """A laptop that holds this many records which another device made."""
    laptop, other = country.laptop("siti"), country.centre.device("A")
    other.push(*(other.make("case", channel="WALK_IN", summary=f"cerita {n}") for n in range(count)))
    heard(country, laptop)
    return laptop


def spoil(laptop: Laptop, *statements: str) -> None:
    """A bad disk, a bug: nobody journalled this."""
    with laptop.setup.write() as session:
        for statement in statements:
            session.execute(text(statement))


def test_one_wrong_record_is_found_in_two_questions_and_few_bytes(country: Country) -> None:
    laptop = many(country, 600)
    before = held(laptop)
    wrong = next(one for one in before.values() if one.rev == 300)
    spoil(laptop, f"UPDATE case_file SET summary = 'salah' WHERE id = '{wrong.record}'")
    report, way = heard(country, laptop)
    assert (report.repaired, report.read_anew, report.fallbacks) == ((laptop.actor.office,), (), 0)
    assert held(laptop) == before
    assert [what for what, _bytes in way.spent] == ["receipts", "ranges", "ranges", "rows", "receipts"]
    asked = sum(size for what, size in way.spent if what == "ranges")
    assert asked <= 500
    assert sum(size for what, size in way.spent if what in ("ranges", "rows")) <= 1000


def test_every_difference_is_named_by_case_and_kind_and_nothing_is_changed(country: Country) -> None:
    laptop = country.laptop("siti")
    made = [new_case(laptop) for _n in range(3)]
    country.settle(laptop)
    with country.transport(laptop) as transport:
        assert differences(laptop.setup, transport) == []
    number = str(laptop.get(cases.Case, made[0]).number)  # type: ignore[union-attr]
    spoil(
        laptop,
        f"UPDATE case_file SET transit = 'salah' WHERE id = '{made[0]}'",
        f"DELETE FROM screening WHERE case_id = '{made[1]}'",
        f"UPDATE case_file SET id = '{'f' * 32}' WHERE id = '{made[2]}'",
    )
    before = held(laptop)
    with country.transport(laptop) as transport:
        found = differences(laptop.setup, transport)
    assert {(one.side, one.kind) for one in found} == {
        ("different", "case"), ("only_there", "screening"), ("only_there", "case"), ("only_here", "case"),
    }  # fmt: skip
    [wrong] = [one for one in found if one.side == "different"]
    assert (wrong.case, wrong.fields) == (number, ("transit",))
    assert held(laptop) == before
    report, _way = heard(country, laptop)
    assert (len(report.repaired), report.read_anew) == (1, ())
    with country.transport(laptop) as transport:
        assert differences(laptop.setup, transport) == []
    other = country.centre.device("A")
    other.push(other.make("case", channel="WALK_IN"))
    with country.transport(laptop) as transport, pytest.raises(Conflicted):
        differences(laptop.setup, transport)
