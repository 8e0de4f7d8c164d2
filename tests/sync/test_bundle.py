"""The sync without a link, on real workspaces and a real centre: what a stick carries arrives as it would online."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import update

from app.central import admin
from app.errors import Conflicted, NotFound
from app.models.case import Case
from app.models.local import Feed
from app.services import cases, referrals
from app.services.case_page import open_page
from app.sync.bundle import bundles_open, pack, read_answers
from app.sync.items import items
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault
from tests.sync.backups import back_up_centre, put_centre_back
from tests.sync.country import Country, new_case, of_scope, refer
from tests.sync.laptops import PASSWORD, Laptop
from tests.sync.sticks import answers_to, carry, stick, to_centre, waiting

__all__ = ["stick"]


def test_a_referral_is_made_seen_and_accepted_by_stick_alone(country: Country, stick: Path) -> None:
    a, b = country.laptop("a1", office="A"), country.laptop("b1", office="B")
    country.centre.stop()  # from here on there is no link
    carry(country, stick, a, b)
    case_id = new_case(a)
    refer(a, case_id, "Kantor B")
    carry(country, stick, a)
    carry(country, stick, b)
    [item] = referrals.inbox(b.desk)
    assert b.get(Case, case_id) is not None
    referrals.take_step(b.desk, item.entry.id, "ACCEPTED")
    carry(country, stick, b, a)
    assert [entry.state for entry in referrals.outbox(a.desk)] == ["ACCEPTED"]
    assert open_page(b.desk, case_id).victims[0].person["name"] == "Sitti Aminah"
    for laptop in (a, b):
        assert {batch.state for batch in laptop.batches()} == {"PROVEN"}
        assert bundles_open(laptop.setup) == ()
        assert laptop.shadows() == {}
    before = [of_scope(laptop, laptop.actor.office) for laptop in (a, b)]
    country.centre.start()
    assert [report.pulled for report in country.settle(a, b)][2:] == [{}, {}]
    assert [of_scope(laptop, laptop.actor.office) for laptop in (a, b)] == before


def copied(stick: Path, to: Path) -> Path:
    """A second stick with the same files."""
    return Path(shutil.copytree(stick, to))


def damaged(laptop: Laptop, case_id: str) -> None:
    """A row that is not what came."""
    with laptop.workspace.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE case_file SET risk = 'LOW' WHERE id = ?", (case_id,))


def test_packing_confirms_nothing_and_what_follows_goes_along_again(country: Country, stick: Path) -> None:
    a = country.laptop("a1")
    new_case(a)
    first = pack(a.setup, stick)
    assert (first.batches, waiting(a)) == (1, 1)
    assert {item.state for item in items(a.setup)} == {"only_here"}
    new_case(a)
    second = pack(a.setup, stick)
    assert (second.batches, second.path != first.path) == (2, True)
    assert [state.operations for state in bundles_open(a.setup)] == [second.operations, first.operations]
    first.path.unlink()  # that stick was lost
    read = answers_to(country, stick, a)
    assert read.report.green
    assert (read.answers, read.report.pushed_batches, waiting(a)) == (1, 2, 0)
    # of the lost one nobody ever heard, but all that was in it has arrived
    assert bundles_open(a.setup) == ()


def test_files_are_named_by_laptop_and_day_and_nobody_else_reads_them(country: Country, stick: Path) -> None:
    a, b = country.laptop("a1", office="A"), country.laptop("b1", office="B")
    case_id = new_case(a)
    number = a.get(Case, case_id).number  # type: ignore[union-attr]
    made = [pack(laptop.setup, stick).path for laptop in (a, b)]
    assert [path.name for path in made] == ["A1-20261123-1.naungan", "B1-20261123-1.naungan"]
    country.clock.forward(hours=1)
    assert {line.problem for line in to_centre(country, stick)} == {""}
    for path in stick.iterdir():
        sealed = path.read_bytes()
        reads = [laptop.workspace.device.open_file(sealed) is not None for laptop in (a, b)]
        assert reads == [".answer" in path.name and path.name.startswith(tag) for tag in ("A1", "B1")]
        assert number.encode() not in sealed
    assert read_answers(b.setup, stick).others == 3
    [answer] = stick.glob("A1*.answer.naungan")
    with pytest.raises(NotFound):
        read_answers(b.setup, answer)
    foreign = stick / made[0].name
    with pytest.raises(Conflicted):
        pack(b.setup, foreign)
    assert pack(a.setup, foreign).path == foreign  # its own one it may replace


def test_the_same_batches_by_link_and_by_stick_arrive_once(country: Country, stick: Path) -> None:
    a = country.laptop("a1")
    new_case(a)
    made = pack(a.setup, stick)
    online = country.sync(a)
    assert (online.green, online.pushed_operations) == (True, made.operations)
    assert bundles_open(a.setup) == ()
    read = answers_to(country, stick, a)
    assert (read.report.problem, read.report.pushed_batches) == (None, 0)
    new_case(a)
    pack(a.setup, stick)
    country.clock.forward(hours=1)
    to_centre(country, stick)  # the stick is quicker this time
    online = country.sync(a)
    assert online.green
    assert set(online.outcomes) == {"accepted"}
    read = read_answers(a.setup, stick)
    assert read.report.problem is None
    assert country.operations_at_the_centre() == len(a.operations())
    assert country.centre.sql("SELECT count(*) FROM incident") == [(0,)]
    country.settle(a)


def test_answers_out_of_order_twice_and_from_two_sticks_change_nothing(country: Country, tmp_path: Path) -> None:
    a, b = country.laptop("a1"), country.laptop("a2")
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    new_case(a)
    pack(a.setup, one)
    copied(one, two)
    country.clock.forward(hours=1)
    to_centre(country, one)
    case_id = new_case(b)
    assert country.sync(b).green
    country.clock.forward(hours=1)
    to_centre(country, two)  # this answer knows of b's case
    assert read_answers(a.setup, two).report.green
    assert a.get(Case, case_id) is not None
    before, feeds = a.contents(), {scope: (feed.seq, feed.receipt) for scope, feed in a.feeds().items()}
    for folder in (one, two, one):
        read = read_answers(a.setup, folder)
        assert (read.report.problem, read.report.pulled, read.report.pushed_batches) == (None, {}, 0)
    assert (a.contents(), {scope: (feed.seq, feed.receipt) for scope, feed in a.feeds().items()}) == (before, feeds)
    cases.change_case(a.desk, case_id, {"risk": "LOW"})
    carry(country, tmp_path / "three", a, b)
    country.settle(a, b)


def test_an_answer_that_begins_before_what_came_since_still_brings_the_rest(country: Country, stick: Path) -> None:
    a, b = country.laptop("a1"), country.laptop("a2")
    country.settle(a, b)
    pack(a.setup, stick)
    first = new_case(b)
    assert country.sync(b).green
    assert country.sync(a).green  # over a link, in between
    second = new_case(b)
    assert country.sync(b).green
    cases.change_case(a.desk, first, {"risk": "LOW"})
    read = answers_to(country, stick, a)
    assert (read.report.problem, read.report.green) == (None, True)
    case = a.get(Case, first)
    assert case is not None
    assert (case.risk, a.get(Case, second) is not None) == ("LOW", True), "work that was added since stays on top"
    assert a.shadows()[first]["risk"] == "HIGH"
    country.settle(a, b)


def test_an_answer_to_a_laptop_that_knows_less_now_is_told_and_the_next_round_mends_it(
    country: Country, stick: Path
) -> None:
    a, b = country.laptop("a1"), country.laptop("a2")
    country.settle(a, b)
    new_case(b)
    country.sync(b)
    pack(a.setup, stick)
    with a.setup.write() as session:
        session.execute(update(Feed).values(cursor="", seq=0, receipt=None))
    read = answers_to(country, stick, a)
    assert "goes on from where this laptop has not read to" in str(read.report.problem)
    assert not read.report.green
    carry(country, stick.parent / "again", a)


def test_a_row_that_is_not_what_was_signed_is_mended_by_stick(country: Country, stick: Path) -> None:
    a, b = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(a)
    country.settle(a, b)
    damaged(a, case_id)
    carry(country, stick, a)
    assert a.get(Case, case_id).risk == "HIGH"  # type: ignore[union-attr]
    damaged(a, case_id)
    new_case(b)
    assert country.sync(b).green  # the centre moved on: only the laptop will see that they differ
    pack(a.setup, stick)
    read = answers_to(country, stick, a)
    assert "do not hold the same" in str(read.report.problem)
    assert not read.report.green
    carry(country, stick.parent / "again", a)
    assert a.get(Case, case_id).risk == "HIGH"  # type: ignore[union-attr]


def test_work_on_a_case_that_leaves_goes_first_by_the_next_stick(country: Country, stick: Path) -> None:
    a, b = country.laptop("a1", office="A"), country.laptop("b1", office="B")
    country.sync(a)
    case_id = new_case(a)
    referral = refer(a, case_id, "Kantor B")
    country.settle(a, b)
    referrals.take_step(a.desk, referral, "WITHDRAWN")
    country.sync(a)
    pack(b.setup, stick)
    cases.change_case(b.desk, case_id, {"risk": "LOW"})  # nobody told B yet
    read = answers_to(country, stick, b)
    assert "waits to be sent first" in str(read.report.problem)
    assert b.get(Case, case_id) is not None
    carry(country, stick.parent / "again", b)
    assert b.get(Case, case_id) is None


def test_a_restored_centre_is_met_by_stick_and_gets_all_of_it_again(country: Country, stick: Path) -> None:
    a = country.laptop("a1")
    country.settle(a)
    back_up_centre(country.centre)
    case_id = new_case(a)
    made = pack(a.setup, stick)
    assert answers_to(country, stick, a).report.green
    put_centre_back(country.centre)
    before = copied(stick, stick.parent / "before")
    later = stick.parent / "later"
    later.mkdir()
    pack(a.setup, later)
    read = answers_to(country, later, a)
    assert read.report.problem is None
    assert read.waiting == made.operations, "what the centre lost goes again"
    assert waiting(a) == 1
    assert read_answers(a.setup, before).old == 1
    assert waiting(a) == 1, "what was answered before the restore says nothing any more"
    carry(country, stick.parent / "again", a)
    assert a.get(Case, case_id) is not None
    country.settle(a)
    assert country.operations_at_the_centre() == len(a.operations())


def test_what_names_records_by_numbers_of_a_lost_history_is_sealed_anew_by_stick(country: Country, stick: Path) -> None:
    a = country.laptop("a1")
    country.settle(a)
    back_up_centre(country.centre)
    case_id = new_case(a)
    country.settle(a)
    cases.change_case(a.desk, case_id, {"risk": "LOW"})
    pack(a.setup, stick)
    put_centre_back(country.centre)
    said, rounds = [], 0
    while waiting(a):
        read = answers_to(country, stick, a)
        said.append(str(read.report.problem))
        pack(a.setup, stick)
        rounds += 1
        assert rounds < 6, said
    assert any("how it was packed" in each for each in said), said
    country.settle(a)
    again = country.laptop("a2")
    country.settle(again)
    assert again.get(Case, case_id).risk == "LOW"  # type: ignore[union-attr]
    assert country.centre.sql("SELECT count(*) FROM incident") == [(0,)]


def test_a_copy_of_a_laptop_is_told_by_the_answer_to_either(country: Country, stick: Path, tmp_path: Path) -> None:
    a = country.laptop("a1")
    country.settle(a)
    a.workspace.close()
    shutil.copytree(a.workspace.directory, tmp_path / "copy")
    a = country.reopened("a1")
    workspace = Vault(cost=CHEAPEST).unlock(tmp_path / "copy", login="a1", password=PASSWORD, now=country.clock)
    copy = country.laptops["copy"] = Laptop(workspace, country.clock)
    new_case(a)
    mine = new_case(copy)
    pack(a.setup, stick)
    country.clock.forward(hours=1)
    pack(copy.setup, stick)
    lines = [line for line in to_centre(country, stick) if ".answer" not in line.file.stem]
    assert sorted(line.problem for line in lines) == ["", "fork"]
    forked = read_answers(copy.setup, stick).report
    assert getattr(forked.problem, "code", "") == "fork"
    assert (forked.pulled, copy.get(Case, mine) is not None, waiting(copy)) == ({}, True, 1)
    assert read_answers(a.setup, stick).report.pushed_batches == 1
    assert country.centre.sql("SELECT code FROM incident") == [("fork",)]
    carry(country, stick.parent / "again", a)


def test_a_revoked_laptop_takes_nothing_and_reads_its_order(country: Country, stick: Path) -> None:
    a = country.laptop("a1")
    new_case(a)
    pack(a.setup, stick)
    device = a.workspace.device.id
    order = admin.wipe_order(country.centre.data_dir, device, reason="hilang", now=country.clock)
    admin.revoke(country.centre.owner, device, order=order)
    country.clock.forward(hours=1)
    [line] = to_centre(country, stick)
    assert (line.problem, line.batches, len(line.answers)) == ("revoked", 0, 1)
    report = read_answers(a.setup, stick).report
    assert report.wipe is not None
    assert report.wipe.reason == "hilang"
    assert (report.green, waiting(a), country.operations_at_the_centre()) == (False, 1, 0)
