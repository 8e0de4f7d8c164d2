"""Short rows: what changed since the reader's version, own work as a number; never a doubt in ordinary work."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from app.models.all import Case
from app.models.local import Operation, Shadow
from app.services import care, cases
from app.sync.apply import apply_segment
from app.sync.unfold import Doubt
from app.wire.digest import item_digest
from app.wire.messages import FeedRow, RowKind
from app.wire.segment import SegmentHeader, seal_segment, unseal_segment
from tests.sync.alone import enrolled, feed, full
from tests.sync.country import Country, new_case, of_scope
from tests.sync.hearing import heard
from tests.sync.laptops import Laptop

CALL = {"note_kind": "CALL", "text": "Menelepon dari pelabuhan."}
CASE = {"number": "3273-26-XYZ-0001", "channel": "SAPA129", "risk": "HIGH", "reported_at": 1_780_000_000_000}


def two(country: Country) -> tuple[Laptop, Laptop, str]:
    """Two laptops of one office that both know a case."""
    first, second = country.laptop("satu"), country.laptop("dua")
    case_id = new_case(first)
    country.settle(first, second)
    return first, second, case_id


def same(*laptops: Laptop) -> None:
    """All of them hold the same."""
    office = laptops[0].actor.office
    assert all(of_scope(laptop, office) == of_scope(laptops[0], office) for laptop in laptops)
    assert not any(laptop.count(Shadow) for laptop in laptops)


def test_own_work_comes_back_as_numbers_and_others_read_what_changed(country: Country) -> None:
    first, second, case_id = two(country)
    cases.change_case(first.desk, case_id, {"transit": "Batam"})
    cases.change_case(first.desk, case_id, {"exploitation": ["SEX", "LAB.SEA"]})
    care.add_note(first.desk, case_id, {**CALL, "at": first.clock()})
    report, own = heard(country, first)
    assert (report.fallbacks, {row.row for row in own.came}) == (0, {RowKind.OWN})
    report, other = heard(country, second)
    [delta] = other.kinds(RowKind.DELTA)
    assert (delta.kind, delta.record, sorted(delta.content)) == ("case", b"", ["exploitation", "transit"])
    assert [row.kind for row in other.kinds(RowKind.FULL)] == ["note"]
    assert report.fallbacks == 0
    cases.change_case(second.desk, case_id, {"transit": None})
    heard(country, second)
    report, back = heard(country, first)
    assert [(row.row, row.content, row.gone) for row in back.came] == [(RowKind.DELTA, {}, ["transit"])]
    assert report.fallbacks == 0
    same(first, second)


def test_work_of_both_on_one_record_is_no_longer_own(country: Country) -> None:
    first, second, case_id = two(country)
    cases.change_case(first.desk, case_id, {"transit": "Batam"})
    cases.change_case(second.desk, case_id, {"transit": "Dumai", "risk": "LOW"})
    heard(country, second)
    report, mine = heard(country, first)  # a conflict: the other value stays
    assert {row.row for row in mine.came} == {RowKind.DELTA, RowKind.FULL}
    assert report.fallbacks == 0
    assert heard(country, second)[0].fallbacks == 0
    same(first, second)
    assert first.get(Case, case_id).transit == "Dumai"  # type: ignore[union-attr]


@pytest.mark.parametrize("spoiling", ["a version", "an operation"])
def test_what_cannot_be_understood_is_asked_for_whole_in_the_same_run(country: Country, spoiling: str) -> None:
    first, second, case_id = two(country)
    cases.change_case(first.desk, case_id, {"transit": "Batam"})
    heard(country, first)
    reader = second
    if spoiling == "a version":
        with second.setup.write() as session:
            session.execute(text(f"UPDATE case_file SET rev = rev + 500 WHERE id = '{case_id}'"))
    else:  # lost from the outbox: a bad disk, a backup by hand
        reader = first
        cases.change_case(first.desk, case_id, {"risk": "LOW"})
    if reader is first:
        forget_when_sent(country, first)
        return
    report, way = heard(country, reader)
    assert report.fallbacks == 1
    assert [wish.brief for wish in way.asked][-2:] == [True, False]
    assert way.kinds(RowKind.FULL)
    assert not report.read_anew
    country.settle(first, second)
    same(first, second)


def forget_when_sent(country: Country, laptop: Laptop) -> None:
    """Own work is answered, and then not known any more: its number means nothing."""
    with laptop.setup.write() as session:
        session.execute(
            text(
                "CREATE TRIGGER lost AFTER UPDATE OF result_rev ON operation"
                " BEGIN UPDATE operation SET changes = x'80' WHERE seq = NEW.seq; END"
            )
        )
    report, _way = heard(country, laptop)
    with laptop.setup.write() as session:
        session.execute(text("DROP TRIGGER lost"))
    assert (report.fallbacks, report.read_anew) == (1, ())
    assert laptop.get(Case, laptop.operations()[-1].record).risk == "LOW"  # type: ignore[union-attr]


def short_segment(scope: str, *rows: FeedRow, own: bytes) -> bytes:
    """A segment of short rows with this sum."""
    header = SegmentHeader("row", bytes.fromhex(scope), "e1", 0, rows[-1].seq, rows[-1].seq, len(rows), "after", own)
    return seal_segment(rows, header)


def test_a_difference_keeps_fields_of_a_newer_peer_and_unsent_work_on_top(laptop: Laptop) -> None:
    office, case_id = enrolled(laptop), "0" * 31 + "a"
    newer = {**CASE, "colour": "green"}
    feed(laptop, full(5, "case", case_id, newer), scope=office)
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    after = {**newer, "transit": "Batam", "weights": [1, 2]}
    del after["channel"]
    row = FeedRow(9, RowKind.DELTA, "case", b"", 9, {"transit": "Batam", "weights": [1, 2]}, "", 5, ["channel"])
    own = item_digest("case", bytes.fromhex(case_id), 9, after).to_bytes(16, "big")
    apply_segment(laptop.setup, unseal_segment(short_segment(office, row, own=own)), scope=office)
    assert laptop.shadows()[case_id] == after
    assert laptop.get(Case, case_id).risk == "LOW"  # type: ignore[union-attr]
    with pytest.raises(Doubt):  # the version it is taken from is not here any more
        apply_segment(laptop.setup, unseal_segment(short_segment(office, row, own=own)), scope=office)


def test_a_wrong_sum_leaves_everything_as_it_was(laptop: Laptop) -> None:
    office, case_id = enrolled(laptop), "0" * 31 + "a"
    feed(laptop, full(5, "case", case_id, CASE), scope=office)
    row = FeedRow(9, RowKind.DELTA, "case", b"", 9, {"transit": "Batam"}, "", 5)
    before, seq = laptop.contents(), laptop.feeds()[office].seq
    with pytest.raises(Doubt):
        apply_segment(laptop.setup, unseal_segment(short_segment(office, row, own=bytes(16))), scope=office)
    assert (laptop.contents(), laptop.feeds()[office].seq) == (before, seq)


def test_a_verdict_ends_the_waiting_of_held_work(laptop: Laptop) -> None:
    office, case_id = enrolled(laptop), "0" * 31 + "a"
    feed(laptop, full(5, "case", case_id, CASE), scope=office)
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    with laptop.setup.write() as session:
        op = session.scalars(select(Operation).order_by(Operation.seq.desc())).first()
        assert op is not None
        op.batch, op.idx, op.result, op.result_code = 7, 2, "held", "no_predecessor"
    told = {"n": 7, "position": 2, "outcome": ["refused", "reference", "risk", 0]}
    feed(laptop, FeedRow(6, RowKind.RESULT, "", b"", 0, told), scope=office)
    done = laptop.operations()[-1]
    assert (done.result, done.result_code, done.result_field) == ("refused", "reference", "risk")
    feed(laptop, FeedRow(7, RowKind.RESULT, "", b"", 0, {**told, "outcome": ["accepted", "", "", 9]}), scope=office)
    assert (laptop.operations()[-1].result, laptop.operations()[-1].result_rev) == ("accepted", 9)
    feed(laptop, FeedRow(8, RowKind.RESULT, "", b"", 0, told), scope=office)
    assert laptop.operations()[-1].result == "accepted", "one terminal result"
