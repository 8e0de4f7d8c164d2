"""What a segment of the feed does to rows, to local work that stands on them, and to the digest."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from app.models import settings
from app.models.all import Case, Note, Person, ReferralEvent
from app.models.case_index import CaseRow
from app.models.content import content_of
from app.models.ids import new_id
from app.models.local import AuditEntry, Feed, Operation, PartialSegment, Shadow
from app.models.sealed import token
from app.services import care, cases, parties
from app.services.case_list import CaseQuery, ids, rows
from app.services.intake import take
from app.sync.apply import PushFirst
from app.sync.pending import settle_shadows
from app.sync.proof import digest_of_scope, point_of
from app.sync.settle import settle
from app.wire.digest import ScopeDigest, item_digest
from app.wire.messages import FeedRow
from tests.sync.alone import enrolled, feed, full, leave
from tests.sync.laptops import Laptop
from tests.worlds import intake

CASE = {"number": "3273-26-XYZ-0001", "channel": "SAPA129", "risk": "HIGH", "reported_at": 1_780_000_000_000}


def decided(laptop: Laptop, result: str, *, rev: int | None = None, code: str | None = None, **where: str) -> None:
    """Let the centre have answered for these operations."""
    with laptop.setup.write() as session:
        for op in session.scalars(select(Operation).filter_by(**where)):
            op.result, op.result_rev, op.result_code = result, rev, code


def digest(*rows: FeedRow) -> tuple[bytes, int]:
    """What the centre would say of a scope that serves these rows."""
    total = ScopeDigest()
    for row in rows:
        total.add(item_digest(row.kind, row.record, row.rev, row.content))
    return total.value(), total.count


def shown(laptop: Laptop, kind: type[Any], record: str) -> dict[str, Any]:
    """The content a worker sees."""
    there = laptop.get(kind, record)
    assert there is not None
    return content_of(there)


def found(laptop: Laptop, text: str) -> list[str]:
    """The cases a search finds."""
    return [row.id for row in rows(laptop.desk, ids(laptop.desk, CaseQuery(text=text)))]


def test_rows_and_cursor_arrive_together_and_nothing_enters_the_outbox(laptop: Laptop) -> None:
    office, case_id, before = enrolled(laptop), new_id(), laptop.count(Operation)
    audit = laptop.count(AuditEntry)
    applied = feed(laptop, full(5, "case", case_id, CASE), scope=office)
    assert applied.rows == 1
    assert applied.changes.cases == {case_id}
    record = laptop.get(Case, case_id)
    assert record is not None
    assert (record.rev, record.scope, content_of(record)) == (5, office, CASE)
    assert laptop.count(Operation) == before
    assert laptop.count(AuditEntry) == audit + 1
    read = laptop.feeds()[office]
    assert (read.cursor, read.seq) == ("after 5", 5)
    assert found(laptop, "3273-26-XYZ") == [case_id]


def test_a_segment_that_cannot_be_applied_leaves_everything_as_it_was(laptop: Laptop) -> None:
    office, case_id = enrolled(laptop), take(laptop.desk, intake()).id
    other = new_id()
    with pytest.raises(PushFirst):
        feed(laptop, full(5, "case", other, CASE), leave(6, "case", case_id), scope=office)
    assert laptop.get(Case, other) is None
    assert laptop.get(Case, case_id) is not None
    assert office not in laptop.feeds()


def test_the_echo_of_own_work_brings_only_the_number(laptop: Laptop) -> None:
    office, case_id = enrolled(laptop), take(laptop.desk, intake()).id
    mine = shown(laptop, Case, case_id)
    decided(laptop, "accepted", rev=3, record=case_id)
    applied = feed(laptop, full(3, "case", case_id, mine), scope=office)
    assert not applied.changes
    assert shown(laptop, Case, case_id) == mine
    assert laptop.count(Shadow) == 0


def test_unsent_work_stays_on_top_of_what_arrives_and_the_digest_counts_what_arrived(laptop: Laptop) -> None:
    office, case_id = enrolled(laptop), new_id()
    feed(laptop, full(5, "case", case_id, CASE), scope=office)
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    arrived = full(6, "case", case_id, {**CASE, "risk": "MEDIUM", "transit": "Batam"})
    feed(laptop, arrived, scope=office)
    assert shown(laptop, Case, case_id) == {**CASE, "risk": "LOW", "transit": "Batam"}
    assert laptop.shadows()[case_id]["risk"] == "MEDIUM"
    with laptop.session() as session:
        point = point_of(session, office)
    assert (point.digest, point.count) == digest(arrived)


def test_sets_are_replayed_entry_by_entry(laptop: Laptop) -> None:
    office, case_id = enrolled(laptop), new_id()
    feed(laptop, full(5, "case", case_id, {**CASE, "exploitation": ["SEX"]}), scope=office)
    cases.change_case(laptop.desk, case_id, {"exploitation": ["LAB.SEA"]})
    feed(laptop, full(6, "case", case_id, {**CASE, "exploitation": ["ORGAN", "SEX"]}), scope=office)
    assert shown(laptop, Case, case_id)["exploitation"] == ["LAB.SEA", "ORGAN"]


def test_accepted_work_is_not_lost_from_sight_by_a_row_older_than_it(laptop: Laptop) -> None:
    """A segment kept from before the push arrives after it."""
    office, case_id = enrolled(laptop), new_id()
    feed(laptop, full(5, "case", case_id, CASE), scope=office)
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    decided(laptop, "accepted", rev=8, record=case_id)
    feed(laptop, full(7, "case", case_id, {**CASE, "transit": "Batam"}), scope=office)
    assert shown(laptop, Case, case_id)["risk"] == "LOW"
    feed(laptop, full(8, "case", case_id, {**CASE, "transit": "Batam", "risk": "LOW"}), scope=office)
    assert laptop.count(Shadow) == 0


def test_a_conflict_gives_way_to_the_centre_once_all_is_read(laptop: Laptop) -> None:
    office, case_id = enrolled(laptop), new_id()
    feed(laptop, full(5, "case", case_id, CASE), scope=office)
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    decided(laptop, "conflict", rev=5, record=case_id)  # the centre's value stayed: no new row will come
    assert shown(laptop, Case, case_id)["risk"] == "LOW"
    with laptop.setup.write() as session:
        settle_shadows(session, office)
    assert shown(laptop, Case, case_id)["risk"] == "HIGH"
    assert laptop.count(Shadow) == 0


def test_refused_work_stays_visible_on_its_record_until_it_is_given_up(laptop: Laptop) -> None:
    office, case_id = enrolled(laptop), new_id()
    feed(laptop, full(5, "case", case_id, CASE), scope=office)
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    decided(laptop, "refused", code="outside_view", record=case_id)
    feed(laptop, full(6, "case", case_id, {**CASE, "transit": "Batam"}), scope=office)
    with laptop.setup.write() as session:
        settle_shadows(session, office)
    assert shown(laptop, Case, case_id) == {**CASE, "transit": "Batam", "risk": "LOW"}
    seq = next(op.seq for op in laptop.operations() if op.record == case_id)
    changes = settle(laptop.setup, seq, how="discard")
    assert case_id in changes.cases
    assert shown(laptop, Case, case_id) == {**CASE, "transit": "Batam"}
    assert laptop.count(Shadow) == 0


def test_giving_up_a_record_the_centre_never_took_takes_it_from_the_lists_and_keeps_the_words(laptop: Laptop) -> None:
    enrolled(laptop)
    case_id = take(laptop.desk, intake()).id
    note = {"note_kind": "VISIT", "at": laptop.clock(), "text": "Datang ke rumah."}
    note_id = care.add_note(laptop.desk, case_id, note).id
    decided(laptop, "refused", code="not_found", record=note_id)
    seq = next(op.seq for op in laptop.operations() if op.record == note_id)
    settle(laptop.setup, seq, how="discard")
    assert laptop.get(Note, note_id) is None
    kept = laptop.operations()[-1]
    assert kept.settled
    assert msgspec.msgpack.decode(kept.changes)["text"] == "Datang ke rumah."


def test_refused_work_can_be_sent_again(laptop: Laptop) -> None:
    office, case_id = enrolled(laptop), new_id()
    feed(laptop, full(5, "case", case_id, CASE), scope=office)
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    decided(laptop, "refused", code="outside_view", record=case_id)
    feed(laptop, full(9, "case", case_id, CASE), scope=office)
    old = laptop.operations()[-1]
    settle(laptop.setup, old.seq, how="again")
    again = laptop.operations()[-1]
    assert (again.changes, again.base_rev, again.result) == (old.changes, 9, None)
    assert [op.settled for op in laptop.operations()[-2:]] == [True, False]
    assert shown(laptop, Case, case_id)["risk"] == "LOW"


def test_what_leaves_is_gone_with_all_traces_but_the_outbox(laptop: Laptop) -> None:
    office, case_id, person_id, party_id = enrolled(laptop), new_id(), new_id(), new_id()
    feed(
        laptop,
        full(1, "case", case_id, CASE),
        full(2, "person", person_id, {"name": "Sitti Aminah", "sex": "P"}),
        full(3, "party", party_id, {"case_id": case_id, "person_id": person_id, "role": "VICTIM"}),
        scope=office,
    )
    note = {"note_kind": "VISIT", "at": laptop.clock(), "text": "Datang ke rumah."}
    note_id = care.add_note(laptop.desk, case_id, note).id
    decided(laptop, "accepted", rev=4, record=note_id)
    feed(laptop, leave(5, "case", case_id), leave(6, "party", party_id), scope=office)
    assert laptop.get(Case, case_id) is None
    assert laptop.get(Note, note_id) is None  # it was taken, and is not shown to this office any more
    assert laptop.get(Person, person_id) is not None  # a person leaves when the centre says so
    assert laptop.count(CaseRow) == 0
    assert laptop.operations()[-1].record == note_id
    assert found(laptop, "sitti") == []
    feed(laptop, leave(7, "person", person_id), scope=office)
    with laptop.session() as session:
        assert digest_of_scope(session, office).count == 0


def test_a_kind_and_a_field_of_a_newer_peer_are_kept_and_counted(laptop: Laptop) -> None:
    office = enrolled(laptop)
    served = (
        full(1, "case", new_id(), {**CASE, "colour": "green", "weights": [1, 2]}),
        full(2, "asset", new_id(), {"what": "boat"}),
        full(3, "case", new_id(), {**CASE, "risk": 3}),  # the shape of a field changed
    )
    applied = feed(laptop, *served, scope=office)
    assert applied.unreadable == 2
    with laptop.session() as session:
        point = point_of(session, office)
    assert (point.digest, point.count) == digest(*served)
    feed(laptop, *(leave(4 + n, row.kind, row.record.hex()) for n, row in enumerate(served)), scope=office)
    with laptop.session() as session:
        assert digest_of_scope(session, office).count == 0


def test_the_digest_of_every_kind_of_value_is_the_centres(laptop: Laptop) -> None:
    office = enrolled(laptop)
    sealed = sorted(token(bytes(8), bytes([n]) * 48) for n in range(2))
    served = (
        full(1, "case", new_id(), {**CASE, "exploitation": ["ORGAN", "SEX"], "summary": "a\nb “c” \u202e"}),
        full(2, "person", new_id(), {"name": "Ñ", "age": 0, "disability": sealed, "birth_date": "2009-08-??"}),
        full(3, "referral_event", new_id(), {"step": "SENT", "on_paper": False, "at": 0}),
        full(4, "user", new_id(), {"login": "x", "active": True}),
    )
    feed(laptop, *served, scope=office)
    with laptop.session() as session:
        point = point_of(session, office)
        assert (point.digest, point.count) == digest(*served)
        assert not session.scalars(select(Shadow)).all()
    with laptop.setup.write() as session:
        session.get(Case, served[0].record.hex()).summary = "changed behind our back"
        session.flush()
        assert digest_of_scope(session, office).value() != point.digest


def test_held_work_is_done_when_its_effect_arrives(laptop: Laptop) -> None:
    office, case_id = enrolled(laptop), new_id()
    feed(laptop, full(5, "case", case_id, CASE), scope=office)
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    decided(laptop, "held", code="no_predecessor", record=case_id)
    feed(laptop, full(6, "case", case_id, {**CASE, "transit": "Batam"}), scope=office)
    assert laptop.operations()[-1].result == "held"
    feed(laptop, full(7, "case", case_id, {**CASE, "transit": "Batam", "risk": "LOW"}), scope=office)
    assert (laptop.operations()[-1].result, laptop.operations()[-1].result_rev) == ("accepted", 7)
    assert laptop.count(Shadow) == 0


def test_a_persons_new_name_reaches_the_list_of_cases(laptop: Laptop) -> None:
    office, case_id = enrolled(laptop), take(laptop.desk, intake()).id
    person_id = next(op.record for op in laptop.operations() if op.kind == "person")
    content = shown(laptop, Person, person_id)
    decided(laptop, "accepted", rev=2, record=person_id)
    applied = feed(laptop, full(4, "person", person_id, {**content, "name": "Rukmini"}), scope=office)
    assert applied.changes.cases == {case_id}
    assert found(laptop, "rukmini") == [case_id]
    parties.change_person(laptop.desk, person_id, {"alias": "Mini"})


def test_the_number_of_an_event_may_change_the_referral_and_is_told(laptop: Laptop) -> None:
    office, event_id, case_id = enrolled(laptop), new_id(), new_id()
    content = {"case_id": case_id, "referral_id": new_id(), "step": "SENT", "at": 1}
    feed(laptop, full(1, "referral_event", event_id, content), scope=office)
    applied = feed(laptop, full(9, "referral_event", event_id, content), scope=office)
    assert applied.changes.records == {event_id}
    assert laptop.get(ReferralEvent, event_id).rev == 9  # type: ignore[union-attr]


def test_a_finished_segment_forgets_its_half(laptop: Laptop) -> None:
    office = enrolled(laptop)
    with laptop.setup.write() as session:
        session.add(PartialSegment(scope=office, cursor="", digest="d", total=9, data=b"half"))
    feed(laptop, full(1, "case", new_id(), CASE), scope=office)
    assert laptop.count(PartialSegment) == 0
    assert laptop.count(Feed) == 1


def test_the_offices_name_comes_from_the_centre(laptop: Laptop) -> None:
    office = enrolled(laptop)
    row = full(1, "office", office, {"name": "UPTD PPA Kota Bandung", "code": "PPA-3273"})
    feed(laptop, row, scope="00000000000000000000000000000001")
    with laptop.session() as session:
        assert settings.get(session, "office_name") == "UPTD PPA Kota Bandung"
