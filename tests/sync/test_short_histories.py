"""Short rows through the histories that could mislead them; what is counted as a doubt is what had to be one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import msgspec
import pytest

from app import context as contexts
from app.errors import CentreRefused, NetworkDown
from app.models import field as fields
from app.models.all import Case, Conflict, Note
from app.models.local import Operation, Shadow
from app.models.sealed import is_token
from app.services import care, cases, consents, parties
from app.services.case_page import open_page
from app.sync import tables
from app.sync.loop import run
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault
from app.wire.messages import RowKind
from tests.sync.backups import back_up_centre, put_centre_back
from tests.sync.country import Country, new_case, of_scope, refer
from tests.sync.hearing import Hearing, heard
from tests.sync.laptops import PASSWORD, Laptop
from tests.sync.proxy import link_to

EVERYTHING = ["OPEN", "CASE", "IDENTIFYING", "NARRATIVE", "SENSITIVE"]


def call(laptop: Laptop, case_id: str, words: str) -> None:
    """Write a note of a call."""
    care.add_note(laptop.desk, case_id, {"note_kind": "CALL", "at": laptop.clock(), "text": words})


def notes(laptop: Laptop) -> list[str]:
    """All notes this laptop holds."""
    with laptop.session() as session:
        return sorted(str(note.text) for note in session.query(Note))


def same(*laptops: Laptop) -> None:
    """All of them hold the same, and nothing beside it."""
    office = laptops[0].actor.office
    assert all(of_scope(laptop, office) == of_scope(laptops[0], office) for laptop in laptops)
    assert not any(laptop.count(Shadow) for laptop in laptops)


def settled(country: Country, *laptops: Laptop) -> list[Hearing]:
    """Everybody knows everything, without a doubt on the way."""
    ways = []
    for laptop in (*laptops, *laptops):
        report, way = heard(country, laptop)
        assert (report.fallbacks, report.read_anew, report.repaired) == (0, (), ())
        ways.append(way)
    return ways


def case_of(laptop: Laptop, case_id: str) -> Case:
    """The case as it stands there."""
    case = laptop.get(Case, case_id)
    assert isinstance(case, Case)
    return case


def test_after_a_restored_centre_all_comes_together_and_nothing_is_overwritten_unseen(country: Country) -> None:
    one, two, three = (country.laptop(name) for name in ("a1", "a2", "a3"))
    case_id = new_case(one)
    settled(country, one, two, three)
    back_up_centre(country.centre)
    # the days that will be lost: differences, own work, a case that only they know
    cases.change_case(one.desk, case_id, {"transit": "Batam", "risk": "MEDIUM"})
    call(one, case_id, "satu")
    settled(country, one, two)
    cases.change_case(two.desk, case_id, {"destination": "Johor"})
    later = new_case(two)
    settled(country, two, one)
    # work that waits, on what the lost days brought
    cases.change_case(one.desk, later, {"risk": "LOW"})
    call(two, case_id, "dua")
    put_centre_back(country.centre)
    cases.change_case(three.desk, case_id, {"risk": "LOW"})  # it goes on from what was kept, under the same numbers
    reports = [heard(country, laptop)[0] for laptop in (three, one, two)]
    assert [report.fallbacks for report in reports] == [0, 0, 0], "what is read anew is read whole"
    settled(country, one, two, three)
    same(one, two, three)
    case = case_of(three, case_id)
    assert (case.transit, case.destination, case.risk) == ("Batam", "Johor", "LOW")
    with three.session() as session:
        conflicts = {(each.kept, each.other) for each in session.query(Conflict)}
    assert conflicts == {
        ('"LOW"', '"MEDIUM"'),  # what three wrote meanwhile, and the work of one from the lost days
        ('"HIGH"', '"LOW"'),  # one saw it, but in the history that is lost: both values are kept
    }
    assert notes(three) == ["dua", "satu"]
    assert case_of(three, later).risk == "HIGH"
    assert {op.result for laptop in (one, two, three) for op in laptop.operations()} <= {
        "accepted", "merged", "conflict", "duplicate",
    }  # fmt: skip


def test_a_centre_behind_the_cursor_that_does_not_say_so_gets_its_work_back(country: Country) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    settled(country, one, two)
    back_up_centre(country.centre)
    cases.change_case(one.desk, case_id, {"transit": "Batam"})
    call(one, case_id, "satu")
    settled(country, one, two)
    put_centre_back(country.centre, new_epoch=False)
    reports = [country.sync(laptop) for laptop in (two, one, two, one)]
    assert all(report.green for report in reports[-2:]), [report.problem for report in reports]
    same(one, two)
    assert (case_of(two, case_id).transit, notes(two)) == ("Batam", ["satu"])


def test_a_copy_that_enrols_anew_understands_short_rows_of_its_old_self(country: Country) -> None:
    one = country.laptop("a1")
    case_id = new_case(one)
    settled(country, one)
    one.workspace.close()
    folder = one.workspace.directory.with_name("copy")
    shutil.copytree(one.workspace.directory, folder)
    one = country.reopened("a1")
    cases.change_case(one.desk, case_id, {"transit": "Batam"})
    call(one, case_id, "yang asli")
    assert heard(country, one)[0].fallbacks == 0
    copy = contexts.unlock(folder, login="a1", password=PASSWORD, now=country.clock, vault=Vault(cost=CHEAPEST))
    other = Laptop(copy.workspace, country.clock)
    cases.change_case(other.desk, case_id, {"destination": "Johor"})
    call(other, case_id, "salinan")
    with copy.transport() as transport:
        forked = run(copy.sync_setup(), transport).problem
    assert isinstance(forked, CentreRefused)
    assert forked.code == "fork"
    copy.enrol_anew(country.centre.base_url, code=country.centre.code("A"))
    for words in ("sesudahnya", "dan lagi"):
        with Hearing(country.centre.base_url, copy.signer) as transport:
            report = run(copy.sync_setup(), transport)
        assert (report.green, report.fallbacks, report.read_anew) == (True, 0, ()), report.problem
        call(other, case_id, words)
    with copy.transport() as transport:
        assert run(copy.sync_setup(), transport).fallbacks == 0
    settled(country, one)
    same(one, other)
    assert notes(one) == ["dan lagi", "salinan", "sesudahnya", "yang asli"]
    assert (case_of(one, case_id).transit, case_of(one, case_id).destination) == ("Batam", "Johor")
    copy.close()


def test_a_case_that_leaves_and_comes_back_is_whole_and_work_on_it_went_first(country: Country) -> None:
    a, b = country.laptop("a1"), country.laptop("b1", office="B")
    country.sync(a)
    case_id = new_case(a, consent={"purpose": "SHARE", "given_by": "BOTH", "tiers": EVERYTHING})
    refer(a, case_id, "Kantor B", *EVERYTHING)
    settled(country, a, b)
    cases.change_case(a.desk, case_id, {"transit": "Batam"})
    heard(country, a)
    call(b, case_id, "di rumah aman")
    report, way = heard(country, b)
    assert report.fallbacks == 0
    assert [row.kind for row in way.kinds(RowKind.DELTA)] == ["case"]
    settled(country, a, b)
    page = open_page(a.desk, case_id)
    consents.withdraw(a.desk, page.consents[0].id)
    heard(country, a)
    call(b, case_id, "menunggu")  # B has not heard of it
    report, way = heard(country, b)
    assert (report.outcomes, report.fallbacks) == ({"left": 1}, 0)
    assert way.kinds(RowKind.LEAVE)
    assert b.get(Case, case_id) is None
    cases.change_case(a.desk, case_id, {"transit": "Dumai"})
    again = {"purpose": "SHARE", "given_by": "BOTH", "decision": "GIVEN", "tiers": EVERYTHING}
    given = consents.record_consent(a.desk, case_id, page.victims[0].person.id, again).id
    refer(a, case_id, "Kantor B", *EVERYTHING, consent_id=given)
    heard(country, a)
    report, way = heard(country, b)
    assert report.fallbacks == 0
    assert {row.row for row in way.came if row.kind in ("case", "person", "party")} == {RowKind.FULL}
    assert case_of(b, case_id).transit == "Dumai"
    cases.change_case(a.desk, case_id, {"transit": "Bintan"})
    heard(country, a)
    report, way = heard(country, b)
    assert (report.fallbacks, [row.content for row in way.kinds(RowKind.DELTA)]) == (0, [{"transit": "Bintan"}])


def test_own_work_in_two_scopes_under_one_number_is_told_apart(country: Country) -> None:
    a, b = country.laptop("a1"), country.laptop("b1", office="B")
    country.sync(a)
    case_id = new_case(a, consent={"purpose": "SHARE", "given_by": "BOTH", "tiers": EVERYTHING})
    refer(a, case_id, "Kantor B", *EVERYTHING)
    for transit in map(str, range(60)):  # so that A's numbers are beyond B's
        cases.change_case(a.desk, case_id, {"transit": transit})
    mine = new_case(b)
    settled(country, a, b)
    call(b, case_id, "di kantor lain")
    heard(country, b)
    there = b.operations()[-1].result_rev or 0
    settled(country, a, b)
    for turn in range(there - b.feeds()[b.actor.office].seq):
        cases.change_case(b.desk, mine, {"transit": f"kota {turn}"})
    report, way = heard(country, b)
    assert there in [op.result_rev for op in b.operations()][-1:], "the same number in both scopes"
    assert [(row.row, row.seq) for row in way.came] == [(RowKind.OWN, there)]
    assert report.fallbacks == 0
    settled(country, a, b)


@pytest.fixture
def renamed() -> Iterator[None]:
    """As if `transit` had been called `via` once."""
    declared = fields.field_map(Case)["transit"]
    caches = (fields.field_map, tables._aliases)
    object.__setattr__(declared, "aliases", ("via",))
    for cache in caches:
        cache.cache_clear()
    yield
    object.__setattr__(declared, "aliases", ())
    for cache in caches:
        cache.cache_clear()


@pytest.mark.usefixtures("renamed")
def test_own_work_that_was_written_under_an_older_key_is_understood(country: Country) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    settled(country, one, two)
    cases.change_case(one.desk, case_id, {"transit": "Batam"})
    with one.setup.write() as session:  # the program was updated between the save and the sync
        older = msgspec.msgpack.encode({"via": "Batam"})
        op = session.query(Operation).order_by(Operation.seq.desc()).first()
        assert op is not None
        op.changes = older
    settled(country, one, two)
    same(one, two)
    assert case_of(two, case_id).transit == "Batam"


def test_a_lost_reply_leaves_no_doubt(country: Country) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    settled(country, one, two)
    cases.change_case(one.desk, case_id, {"transit": "Batam"})
    with link_to(country.centre.base_url, swallow=b"PUT ") as link:
        assert isinstance(country.sync(one, url=link.url).problem, NetworkDown)
    cases.change_case(one.desk, case_id, {"risk": "LOW"})
    report, way = heard(country, one)
    assert (report.fallbacks, {row.row for row in way.came}) == (0, {RowKind.OWN})
    settled(country, two, one)
    same(one, two)


def test_sealed_values_travel_as_own_work_and_as_differences(country: Country) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    settled(country, one, two)
    person = open_page(one.desk, case_id).victims[0].person.id
    parties.change_person(one.desk, person, {"health": "Sesak nafas", "disability": ["PHYSICAL", "SENS_SIGHT"]})
    report, way = heard(country, one)
    assert (report.fallbacks, {row.row for row in way.came}) == (0, {RowKind.OWN})
    report, way = heard(country, two)
    [delta] = way.kinds(RowKind.DELTA)
    assert report.fallbacks == 0
    assert is_token(delta.content["health"])
    parties.change_person(one.desk, person, {"disability": ["PHYSICAL"]})
    settled(country, one, two)
    same(one, two)
