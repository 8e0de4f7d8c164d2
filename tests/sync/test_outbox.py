"""What is frozen, in which order, in how many batches; and that frozen bytes never change."""

from __future__ import annotations

import itertools
import os

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.errors import Conflicted
from app.models.ids import new_id
from app.models.local import Operation
from app.models.office import Agency, Office
from app.models.sealed import is_token
from app.services import care, cases, parties
from app.services.intake import Intake, take
from app.sync.link import remember_codecs
from app.sync.loop import freeze, items, preview
from app.sync.sealing import Outgoing, Packing, Sealed, cut
from app.sync.urgent import in_order
from app.wire import MAX_BATCH, MAX_OPERATIONS, URGENT_BATCH
from app.wire.batch import GENESIS, OpenedBatch, Place, unseal
from app.wire.codecs import CODECS
from app.wire.messages import Change
from tests.sync.alone import enrolled
from tests.sync.laptops import Laptop
from tests.worlds import GIRL, REPORT, intake


def opened(laptop: Laptop) -> list[OpenedBatch]:
    """The frozen batches, proved with the device's own key."""
    key = Ed25519PublicKey.from_public_bytes(laptop.workspace.device.sign_public)

    def verify(message: bytes, signature: bytes) -> bool:
        key.verify(signature, message)
        return True

    return [unseal(batch.data, verify=verify) for batch in laptop.batches()]


def referred(laptop: Laptop, **changes: object) -> str:
    """A case with a referral to an office that is in the directory."""
    with laptop.setup.write() as session:
        police = Office(name="Unit PPA", agency_type="POLRES_PPA", region="3273")
        agency = Agency(name="Unit PPA", agency_type="POLRES_PPA", office_id=police.id)
        session.add_all([police, agency])
        session.flush()
        to_agency = agency.id
    wish = {"to_agency": to_agency, "reason": "SERVICE", "urgency": "DAY1", "tiers": ["OPEN"]}
    return take(laptop.desk, intake(referral=wish, **changes)).id


def test_nothing_is_frozen_before_enrolment(laptop: Laptop) -> None:
    take(laptop.desk, intake())
    with pytest.raises(Conflicted, match="enrol"):
        freeze(laptop.setup)
    assert not laptop.batches()
    assert preview(laptop.setup).operations == 6  # the user, and what the intake wrote


def test_batches_are_chained_signed_and_hold_every_operation_once(laptop: Laptop) -> None:
    enrolled(laptop)
    for _ in range(3):
        take(laptop.desk, intake())
        freeze(laptop.setup)
    batches = opened(laptop)
    assert [batch.header.n for batch in batches] == [1, 2, 3]
    assert [b.header.previous for b in batches] == [GENESIS, *(b.digest for b in batches[:-1])]
    assert {b.header.device.hex() for b in batches} == {laptop.workspace.device.id}
    sent = [change.record.hex() for batch in batches for change in batch.changes]
    assert sent == [op.record for op in laptop.operations()]
    assert freeze(laptop.setup) == []


def test_frozen_bytes_do_not_change_when_work_goes_on(laptop: Laptop) -> None:
    enrolled(laptop)
    case_id = take(laptop.desk, intake()).id
    freeze(laptop.setup)
    before = [batch.data for batch in laptop.batches()]
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    freeze(laptop.setup)
    assert [batch.data for batch in laptop.batches()][: len(before)] == before
    assert [c.changes for c in opened(laptop)[-1].changes] == [{"risk": "LOW"}]


def test_a_referral_goes_first_with_all_it_stands_on_and_nothing_else(laptop: Laptop) -> None:
    enrolled(laptop)
    other = take(laptop.desk, intake()).id
    case_id = referred(laptop)
    cases.change_case(laptop.desk, other, {"risk": "LOW"})
    freeze(laptop.setup)
    first, rest = opened(laptop)
    assert [c.kind for c in first.changes] == ["case", "person", "party", "consent", "referral", "referral_event"]
    assert {c.case.hex() for c in first.changes if c.case} == {case_id}
    assert [c.kind for c in rest.changes] == [
        "user",
        "case",
        "person",
        "party",
        "screening",
        "consent",
        "screening",
        "case",
    ]
    assert len(laptop.batches()[0].data) <= URGENT_BATCH


def test_the_operations_of_one_record_keep_their_order(laptop: Laptop) -> None:
    enrolled(laptop)
    case_id = take(laptop.desk, intake()).id
    for risk in ("LOW", "MEDIUM", "HIGH"):
        cases.change_case(laptop.desk, case_id, {"risk": risk})
    referred(laptop)
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    freeze(laptop.setup)
    sent = [c for batch in opened(laptop) for c in batch.changes if c.record.hex() == case_id]
    assert [c.changes["risk"] for c in sent] == ["HIGH", "LOW", "MEDIUM", "HIGH", "LOW"]


def test_an_urgent_package_too_large_for_the_small_batch_stays_in_front(laptop: Laptop) -> None:
    enrolled(laptop)
    take(laptop.desk, intake())
    noise = os.urandom(30_000).hex()
    referred(laptop, case={**REPORT, "summary": noise})
    freeze(laptop.setup)
    first = opened(laptop)[0]
    assert [c.kind for c in first.changes][:6] == [
        "case", "person", "party", "consent", "referral", "referral_event",
    ]  # fmt: skip


def outgoing(count: int, size: int) -> list[Outgoing]:
    """Operations of a person, each with so many random bytes of text."""
    return [
        Outgoing(n, Change("person", bytes.fromhex(new_id()), None, 0, True, {"name": os.urandom(size // 2).hex()},
                           bytes(16), "Siti", n))
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize(("count", "size"), [(1, 10), (6_000, 10), (300, 4_000), (7, 200_000)])
def test_no_batch_is_larger_than_it_may_be_and_none_is_needlessly_small(count: int, size: int) -> None:
    last = Place(bytes(16), 4, bytes(32), "e1")
    pieces = list(cut(outgoing(count, size), urgent=0, last=last, packing=Packing(lambda _m: bytes(64))))
    batches = [piece for piece in pieces if isinstance(piece, Sealed)]
    assert batches == pieces
    assert [seq for batch in batches for seq in batch.operations] == list(range(count))
    assert [batch.n for batch in batches] == list(range(5, 5 + len(batches)))
    assert all(len(b.data) <= MAX_BATCH and len(b.operations) <= MAX_OPERATIONS for b in batches)
    for one, two in itertools.pairwise(batches):  # two neighbours would not have fitted into one
        full = len(one.data) + len(two.data) > MAX_BATCH * 0.8
        assert full or len(one.operations) + len(two.operations) > MAX_OPERATIONS


def test_an_operation_larger_than_any_batch_is_refused_here_and_the_rest_goes(laptop: Laptop) -> None:
    enrolled(laptop)
    case_id = take(laptop.desk, intake()).id
    noise = "".join(chr(0x4E00 + byte + 256 * (n % 64)) for n, byte in enumerate(os.urandom(99_000)))
    more = "".join(chr(0x4E00 + byte + 256 * (n % 64)) for n, byte in enumerate(os.urandom(99_000)))
    with laptop.desk.write("write_case") as session:  # type: ignore[arg-type]
        case = session.get(cases.Case, case_id)
        case.summary, case.close_note = noise, more
    freeze(laptop.setup)
    refused = [item for item in items(laptop.setup) if item.state == "refused"]
    assert [(item.kind, item.code, item.fields) for item in refused] == [
        ("case", "too_large", ("summary", "close_note"))
    ]
    assert sum(len(b.changes) for b in opened(laptop)) == len(laptop.operations()) - 1


def test_the_preview_tells_the_real_bytes_and_the_urgent_ones(laptop: Laptop) -> None:
    enrolled(laptop)
    referred(laptop)
    for _ in range(20):
        take(laptop.desk, intake())
    told = preview(laptop.setup)
    freeze(laptop.setup)
    assert told.operations == len(laptop.operations())
    assert told.urgent == 6
    assert told.cases == 21
    assert abs(told.bytes - sum(len(batch.data) for batch in laptop.batches())) <= 8  # the epoch's name
    assert {item.state for item in told.items} == {"only_here"}
    assert preview(laptop.setup).bytes == sum(len(batch.data) for batch in laptop.batches())


def test_an_edit_on_an_own_undecided_edit_keeps_the_base_of_the_first(laptop: Laptop) -> None:
    enrolled(laptop)
    case_id = take(laptop.desk, intake()).id
    freeze(laptop.setup)
    with laptop.setup.write() as session:  # the centre answered for the case, and gave it number 7
        case = session.get(cases.Case, case_id)
        case.rev = 7
        for op in session.query(Operation):
            op.result = "accepted"
    cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
    freeze(laptop.setup)
    with laptop.setup.write() as session:  # meanwhile somebody's change arrived as number 9
        session.get(cases.Case, case_id).rev = 9
    cases.change_case(laptop.desk, case_id, {"risk": "MEDIUM"})
    cases.change_case(laptop.desk, case_id, {"platform": "FACEBOOK"})
    freeze(laptop.setup)
    assert [(c.base_rev, *c.changes) for c in opened(laptop)[-1].changes] == [(7, "risk"), (9, "platform")]


def test_what_the_centre_refused_to_begin_is_offered_whole_at_the_next_edit(laptop: Laptop) -> None:
    enrolled(laptop)
    case_id = take(laptop.desk, Intake(case=REPORT)).id
    person = parties.add_party(laptop.desk, case_id, GIRL, role="VICTIM")
    person_id = next(op.record for op in laptop.operations() if op.kind == "person")
    assert person.id
    freeze(laptop.setup)
    with laptop.setup.write() as session:
        for op in session.query(Operation):
            op.result = "refused" if op.kind == "person" else "accepted"
    parties.change_person(laptop.desk, person_id, {"name": "Sitti Aminah binti Ali", "disability": ["PHYSICAL"]})
    freeze(laptop.setup)
    grant, change = opened(laptop)[-1].changes
    assert change.new and grant.kind == "key_grant"
    assert change.changes["name"] == "Sitti Aminah binti Ali"
    assert change.changes["alias"] == "Mina"
    assert change.changes["made_office"] == laptop.actor.office
    [sealed] = change.changes["disability"]["add"]
    assert is_token(sealed) and not change.changes["disability"]["remove"]


def test_notes_do_not_travel_before_their_case(laptop: Laptop) -> None:
    enrolled(laptop)
    case_id = referred(laptop)
    care.add_note(laptop.desk, case_id, {"note_kind": "VISIT", "at": laptop.clock(), "text": "Datang ke rumah."})
    freeze(laptop.setup)
    kinds = [c.kind for batch in opened(laptop) for c in batch.changes]
    assert kinds.index("case") < kinds.index("note")


def test_without_a_referral_the_order_is_that_of_the_work(laptop: Laptop) -> None:
    take(laptop.desk, intake())
    operations = laptop.operations()
    assert in_order(operations) == (operations, 0)


def test_the_preview_of_very_many_entries_is_an_honest_estimate(laptop: Laptop) -> None:
    """Hundreds of entries of all kinds: what is told before lies within a fifth of what is frozen then."""
    enrolled(laptop)
    with laptop.setup.write() as session:
        remember_codecs(session, [*CODECS])
    referred(laptop)
    for turn in range(45):
        made = take(laptop.desk, intake(victim={**GIRL, "name": f"Ayu {turn}"}))
        for risk in ("LOW", "MEDIUM", "HIGH"):
            cases.change_case(laptop.desk, made.id, {"risk": risk, "summary": f"{risk} pada hari ke {turn}"})
    told = preview(laptop.setup)
    assert not told.exact
    freeze(laptop.setup)
    sizes = [len(batch.data) for batch in laptop.batches()]
    assert abs(told.bytes - sum(sizes)) < sum(sizes) / 5
    assert abs(told.urgent_bytes - sizes[0]) <= 8  # the epoch's name
    assert told.operations == sum(len(one.changes) for one in opened(laptop))
    assert (preview(laptop.setup).bytes, preview(laptop.setup).exact) == (sum(sizes), True)
