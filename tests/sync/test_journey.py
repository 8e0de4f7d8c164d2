"""Whole journeys between offices, through a real centre."""

from __future__ import annotations

import msgspec

from app.models import settings
from app.models.all import Case, Conflict, Note, Office, Person
from app.models.local import Operation
from app.services import care, cases, consents, directory, parties, referrals
from app.services.case_page import open_page
from app.services.referral_page import open_referral
from app.sync.enrol import enrol
from app.sync.loop import SyncProgress, items, preview, settle
from app.sync.words import reason
from app.wire import REFERENCE
from tests.sync.country import Country, new_case, of_scope, refer
from tests.sync.laptops import Laptop, new_laptop


def states(laptop: Laptop, *, outgoing: bool) -> list[str]:
    """The states of the referrals in the outbox or inbox."""
    listed = referrals.outbox(laptop.desk) if outgoing else referrals.inbox(laptop.desk)
    return [item.state for item in listed]


def test_a_referral_goes_to_the_other_office_and_its_answer_comes_back(country: Country) -> None:
    a, b = country.laptop("a1", office="A"), country.laptop("b1", office="B")
    country.centre.office("B")
    country.sync(a)  # the directory
    case_id = new_case(a)
    refer(a, case_id, "Kantor B")
    assert preview(a.setup).urgent >= 5
    sent = country.sync(a)
    assert sent.problem is None
    assert sent.green
    assert sent.outcomes == {"accepted": sent.pushed_operations}
    received = country.sync(b)
    assert received.green
    assert states(b, outgoing=False) == ["SENT"]
    assert {case_id} <= received.changes.cases
    country.sync(a)
    assert states(a, outgoing=True) == ["DELIVERED"]
    [item] = referrals.inbox(b.desk)
    referrals.take_step(b.desk, item.entry.id, "ACCEPTED")
    assert country.sync(b).outcomes == {"accepted": 1}
    news = country.sync(a)
    assert news.green
    assert states(a, outgoing=True) == ["ACCEPTED"]
    assert news.changes.cases == {case_id}
    country.settle(a, b)
    page = open_page(b.desk, case_id)
    assert page.case["summary"] is None  # NARRATIVE was not shared
    assert page.case["number"]
    assert page.victims[0].person["name"] == "Sitti Aminah"


def test_the_digest_is_that_of_the_centre_and_nothing_to_do_takes_one_exchange(country: Country) -> None:
    a = country.laptop("a1")
    for _ in range(5):
        new_case(a)
    country.settle(a)
    [(head, count)] = country.centre.sql("SELECT head, count FROM scope WHERE scope = %s", a.actor.office)
    assert len(of_scope(a, a.actor.office)) == count
    assert a.feeds()[a.actor.office].seq == head
    idle = country.sync(a)
    assert idle.green
    assert (idle.pushed_batches, sum(idle.pulled.values())) == (0, 0)
    assert idle.requests == 1
    assert idle.seconds.keys() == {"hello"}
    assert {item.state for item in items(a.setup)} == {"proven"}
    assert preview(a.setup).proven_at == country.clock()


def test_work_begun_before_enrolment_belongs_to_the_office_afterwards(country: Country) -> None:
    laptop = country.laptops["late"] = new_laptop(country.directory / "late", clock=country.clock)
    provisional = laptop.actor.office
    case_id = new_case(laptop)
    with country.transport(laptop) as transport:
        certificate = enrol(laptop.setup, transport, code=country.centre.code("A"), tag="LATE")
    assert laptop.actor.office == certificate.office.hex() != provisional
    assert laptop.get(Office, provisional) is None
    report = country.sync(laptop)
    assert report.green
    assert report.outcomes == {"accepted": report.pushed_operations}
    case = laptop.get(Case, case_id)
    assert case is not None
    assert case.made_office == laptop.actor.office
    with laptop.session() as session:
        assert settings.get(session, "office_name") == "Kantor A"
        assert settings.get(session, "office_code") == "A"
    assert cases.find_case(laptop.desk, case.number or "").id == case_id


def test_two_laptops_of_one_office_change_different_fields_and_both_stand(country: Country) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    country.settle(one, two)
    cases.change_case(one.desk, case_id, {"risk": "LOW"})
    cases.change_case(two.desk, case_id, {"transit": "Batam"})
    country.sync(one)
    assert country.sync(two).outcomes == {"merged": 1}
    country.settle(one, two)
    for laptop in (one, two):
        case = laptop.get(Case, case_id)
        assert case is not None
        assert (case.risk, case.transit) == ("LOW", "Batam")
    assert of_scope(one, one.actor.office) == of_scope(two, two.actor.office)


def test_two_laptops_change_the_same_field_and_both_values_are_kept_on_both(country: Country) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    country.settle(one, two)
    cases.change_case(one.desk, case_id, {"risk": "LOW"})
    cases.change_case(two.desk, case_id, {"risk": "MEDIUM"})
    country.sync(one)
    assert country.sync(two).outcomes == {"conflict": 1}
    country.settle(one, two)
    for laptop in (one, two):
        case = laptop.get(Case, case_id)
        assert case is not None
        assert case.risk == "LOW"
        with laptop.session() as session:
            [conflict] = session.query(Conflict).all()
            assert (conflict.about_field, conflict.kept, conflict.other) == ("risk", '"LOW"', '"MEDIUM"')
            assert (conflict.kept_by, conflict.other_by) == ("Petugas a1", "Petugas a2")
    [item] = [item for item in items(two.setup) if item.state == "conflict"]
    assert (item.code, item.field, item.fields) == ("same_field", "risk", ("risk",))


def test_a_conflict_about_what_was_seen_coming_gives_way_to_the_centre(country: Country) -> None:
    """The worker types while the other's value comes in: nothing new will come for it after the conflict."""
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    country.settle(one, two)
    cases.change_case(one.desk, case_id, {"risk": "LOW"})
    country.sync(one)
    before = two.count(Operation)

    def type_on(progress: SyncProgress) -> None:
        if progress.step == "pull" and two.count(Operation) == before:
            cases.change_case(two.desk, case_id, {"risk": "MEDIUM"})

    country.sync(two, progress=type_on)
    assert two.get(Case, case_id).risk == "MEDIUM"  # type: ignore[union-attr]
    assert two.shadows()[case_id]["risk"] == "LOW"
    assert country.sync(two).outcomes == {"conflict": 1}
    assert two.get(Case, case_id).risk == "LOW"  # type: ignore[union-attr]
    assert two.shadows() == {}
    country.settle(one, two)


def test_two_laptops_change_a_set_and_its_entries_add_up(country: Country) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one, case={"channel": "SAPA129", "reporter_type": "FAMILY", "risk": "HIGH",
                                  "exploitation": ["SEX", "LAB"]})  # fmt: skip
    country.settle(one, two)
    cases.change_case(one.desk, case_id, {"exploitation": ["SEX", "LAB", "LAB.SEA"]})
    cases.change_case(two.desk, case_id, {"exploitation": ["LAB"]})
    country.settle(one, two)
    for laptop in (one, two):
        case = laptop.get(Case, case_id)
        assert case is not None
        assert case.exploitation == ("LAB", "LAB.SEA")
        assert laptop.count(Conflict) == 0


def test_a_withdrawn_consent_takes_the_copy_back_and_keeps_what_was_sent(country: Country) -> None:
    a, b = country.laptop("a1", office="A"), country.laptop("b1", office="B")
    country.sync(a)
    everything = ["OPEN", "CASE", "IDENTIFYING", "NARRATIVE"]
    case_id = new_case(a, consent={"purpose": "SHARE", "given_by": "BOTH", "tiers": everything})
    refer(a, case_id, "Kantor B", *everything)
    country.settle(a, b)
    note(b, case_id, "Sudah bertemu korban.")
    country.settle(a, b)
    assert [entry["text"] for entry in open_page(a.desk, case_id).notes] == ["Sudah bertemu korban."]
    person_id = open_page(a.desk, case_id).victims[0].person.id
    consents.withdraw(a.desk, open_page(a.desk, case_id).consents[0].id)
    country.sync(a)
    note(b, case_id, "Telepon kedua.")  # B has not heard of it yet
    report = country.sync(b)
    assert report.problem is None
    assert report.outcomes == {"left": 1}
    assert (b.get(Case, case_id), b.get(Person, person_id)) == (None, None)
    [item] = [item for item in items(b.setup) if item.state == "left"]
    assert reason(item.code)
    assert b.count(Note) == 1  # this one is B's own words, and stays until B gives it up
    settle(b.setup, item.seq, how="discard")
    assert b.count(Note) == 0
    country.settle(a, b)
    # that it was referred is history; of the person and the case nothing is left
    assert {kind for kind, _record in of_scope(b, b.actor.office)} == {"referral", "referral_event", "user", "device"}
    assert [entry["text"] for entry in open_page(a.desk, case_id).notes] == ["Sudah bertemu korban."]


def note(laptop: Laptop, case_id: str, text: str) -> str:
    """Write a note."""
    return care.add_note(laptop.desk, case_id, {"note_kind": "VISIT", "at": laptop.clock(), "text": text}).id


def test_an_answer_that_ends_the_sharing_stays_when_the_case_goes(country: Country) -> None:
    """The case leaves in the same segment that brings the answer back with its number."""
    a, b = country.laptop("a1", office="A"), country.laptop("b1", office="B")
    country.sync(a)
    case_id = new_case(a)
    refer(a, case_id, "Kantor B")
    country.settle(a, b)
    [item] = referrals.inbox(b.desk)
    referrals.take_step(b.desk, item.entry.id, "DECLINED", reason="NO_CAPACITY")
    country.settle(b, a)
    assert b.get(Case, case_id) is None
    assert states(b, outgoing=False) == ["DECLINED"]
    page = open_referral(b.desk, item.entry.id)
    assert (page.item.state, page.shared) == ("DECLINED", ())  # what was asked and answered can be read on
    assert states(a, outgoing=True) == ["DECLINED"]


def test_a_referral_that_shares_nothing_is_read_and_answered_all_the_same(country: Country) -> None:
    a, b = country.laptop("a1", office="A"), country.laptop("b1", office="B")
    country.centre.office("B")
    country.sync(a)
    case_id = new_case(a)
    kantor_b = next(agency.id for agency in directory.recipients(a.desk) if agency["name"] == "Kantor B")
    referrals.refer(a.desk, case_id, {"to_agency": kantor_b, "reason": "SERVICE", "urgency": "DAY1", "tiers": []})
    country.settle(a, b)
    assert b.get(Case, case_id) is None
    [item] = referrals.inbox(b.desk)
    assert open_referral(b.desk, item.entry.id).shared == ()
    referrals.take_step(b.desk, item.entry.id, "ACCEPTED")
    country.settle(b, a)
    assert states(a, outgoing=True) == ["ACCEPTED"]


def test_work_on_a_case_that_leaves_during_the_sync_is_sent_before_it_goes(country: Country) -> None:
    a, b = country.laptop("a1", office="A"), country.laptop("b1", office="B")
    country.sync(a)
    case_id = new_case(a)
    referral = refer(a, case_id, "Kantor B")
    country.settle(a, b)
    referrals.take_step(a.desk, referral, "WITHDRAWN")
    country.sync(a)

    def type_on(progress: SyncProgress) -> None:  # the worker saves while the news is coming in
        if progress.step == "pull" and b.count(Operation) == before:
            cases.change_case(b.desk, case_id, {"risk": "LOW"})

    before = b.count(Operation)
    report = country.sync(b, progress=type_on)
    assert report.problem is None
    assert report.pushed_operations == 1
    assert b.get(Case, case_id) is None
    assert [op.result for op in b.operations()][-1] in ("refused", "left")
    country.settle(a, b)


def test_a_person_the_recipient_adds_is_read_by_both(country: Country) -> None:
    siti, ratna = country.laptop("a1", office="A"), country.laptop("b1", office="B")
    country.sync(siti)
    case_id = new_case(siti)
    refer(siti, case_id, "Kantor B")
    country.settle(siti, ratna)
    suspect = {"name": "Bos Robi", "sex": "L", "alias": "Om"}
    parties.add_party(ratna.desk, case_id, suspect, role="SUSPECT", network_role="RECRUITER")
    assert country.sync(ratna).outcomes == {"accepted": 2}
    country.settle(ratna, siti)
    for laptop in (siti, ratna):
        page = open_page(laptop.desk, case_id)
        assert [p.person["name"] for p in page.parties if p.party["role"] == "SUSPECT"] == ["Bos Robi"]


def test_an_office_that_guesses_ids_gets_nothing_and_changes_nothing(country: Country) -> None:
    a, b = country.laptop("a1", office="A"), country.laptop("b1", office="B")
    case_id = new_case(a)
    country.settle(a, b)
    with b.setup.write() as session:  # somebody who knows the id and forges a copy of the record
        session.add(Case(id=case_id, number="x", risk="LOW"))
    cases.change_case(b.desk, case_id, {"risk": "MEDIUM"})
    report = country.sync(b)
    assert set(report.outcomes) <= {"refused", "held"}
    country.settle(a, b)
    case = a.get(Case, case_id)
    assert case is not None
    assert case.risk == "HIGH"
    assert of_scope(b, b.actor.office).keys() == {("user", b.actor.user), ("device", b.workspace.device.id)}


def test_a_refused_entry_is_corrected_and_what_waited_for_it_follows(country: Country) -> None:
    a = country.laptop("a1")
    case_id = new_case(a)
    person_id = next(op.record for op in a.operations() if op.kind == "person")
    with a.setup.write() as session:  # a NIK that an older version let through
        session.get(Person, person_id).nik = "12"
        op = next(op for op in session.query(Operation) if op.record == person_id)
        changes = msgspec.msgpack.decode(op.changes)
        op.changes = msgspec.msgpack.encode({**changes, "nik": "12"})
    report = country.sync(a)
    assert report.outcomes["refused"] >= 1
    [item] = [item for item in items(a.setup) if item.record == person_id]
    assert (item.state, item.code, item.field) == ("refused", "nik_shape", "nik")
    parties.change_person(a.desk, person_id, {"nik": None})
    country.settle(a)
    assert [
        (op.kind, op.result, op.result_code) for op in a.operations() if not op.settled and op.result != "accepted"
    ] == []
    again = country.laptop("a2")
    country.settle(again)
    assert open_page(again.desk, case_id).victims[0].person["name"] == "Sitti Aminah"


def test_everybody_reads_the_directory(country: Country) -> None:
    country.centre.office("Z")
    a = country.laptop("a1")
    country.sync(a)
    assert {record for kind, record in of_scope(a, REFERENCE) if kind == "office"} == set(
        country.centre.offices.values()
    )
