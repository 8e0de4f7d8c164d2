"""A case goes over to another office with everything in it, through a real centre: who reads and writes it then."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from app.errors import Conflicted, Forbidden, NotFound
from app.models.all import Transfer, TransferEvent
from app.models.content import content_of
from app.models.local import Shadow
from app.services import attachments, cases, parties, transfers
from app.services.case_page import open_page
from app.services.case_parts import add_part
from app.sync.loop import run
from tests.sync.country import Country, refer
from tests.sync.test_sealed import TIERS, WHOLE, Place, offices, read, sealed_case

__all__ = ["offices"]


def to_b(a: Place) -> str:
    return next(office.id for office in transfers.offices(a.desk) if "Kantor B" in office["name"])


def offered(a: Place, case_id: str) -> str:
    values = {"to_office": to_b(a), "reason": "MOVED", "message": "Keluarganya tinggal di sana."}
    return transfers.offer(a.desk, case_id, values).id


def state(of: Place, transfer: str) -> str:
    with of.laptop.session() as session:
        found = session.get(Transfer, transfer)
        return transfers.state_in(session, found).step if found is not None else ""


def test_a_case_moves_with_its_sealed_values_and_the_old_office_keeps_nothing(
    offices: tuple[Place, Place], country: Country
) -> None:
    a, b = offices
    case_id = sealed_case(a)
    number = open_page(a.desk, case_id).case["number"]
    transfer = offered(a, case_id)
    with pytest.raises(Conflicted):
        offered(a, case_id)
    a.sync()
    b.sync()
    [item] = transfers.incoming(b.desk, only_open=True)
    assert (item.case_number, item.steps, item.other) == (number, ("ACCEPTED", "DECLINED"), "Kantor A")
    assert open_page(b.desk, case_id).victims[0].person["name"] is None
    with pytest.raises(Forbidden):
        cases.close_case(b.desk, case_id, reason="GOALS_MET")
    transfers.take_step(b.desk, transfer, "ACCEPTED")
    b.sync()
    assert read(b, case_id) == WHOLE
    page = open_page(b.desk, case_id)
    assert page.own and page.case["number"] == number and page.victims[0].person["name"]
    late = add_part(a.desk, case_id, "note", {"text": "Terlambat", "note_kind": "VISIT"}).id
    with country.transport(a.laptop) as transport:
        report = a_run(a, transport)
    assert report.outcomes.get("left") == 1
    assert [op.result_code for op in a.laptop.operations() if op.record == late] == ["left_scope"]
    with pytest.raises(NotFound):
        open_page(a.desk, case_id)
    assert state(a, transfer) == state(b, transfer) == "MOVED"
    assert a.tokens() == 0
    [sent] = transfers.outgoing(a.desk)
    assert (sent.state, sent.case_number, sent.steps) == ("MOVED", number, ())
    parties.change_person(b.desk, b.victim(case_id).id, {"health": "Sudah melahirkan"})
    cases.change_case(b.desk, case_id, {"risk": "LOW"})
    assert b.sync().pushed_operations
    assert read(b, case_id)[0] == "Sudah melahirkan"
    refer(b, case_id, "Kantor A", *TIERS)
    b.sync()
    a.sync()
    assert open_page(a.desk, case_id).victims[0].person["health"] == "Sudah melahirkan"
    cases_of_b = open_page(a.desk, case_id)
    assert not cases_of_b.own
    parties.change_person(a.desk, cases_of_b.victims[0].person.id, {"phone": "+628121000001"})
    a.sync()
    b.sync()
    assert b.victim(case_id)["phone"] == "+628121000001"


def a_run(a: Place, transport):  # type: ignore[no-untyped-def]
    report = run(a.context.sync_setup(), transport)
    a.context.synced(report)
    assert report.problem is None and report.green
    return report


def test_no_answer_but_no_and_a_withdrawal_that_came_first(offices: tuple[Place, Place]) -> None:
    a, b = offices
    case_id = sealed_case(a)
    transfer = offered(a, case_id)
    a.sync()
    b.sync()
    with pytest.raises(Exception, match="reason"):
        transfers.take_step(b.desk, transfer, "DECLINED")
    transfers.take_step(b.desk, transfer, "DECLINED", note="Penuh")
    b.sync()
    a.sync()
    [told] = transfers.outgoing(a.desk)
    assert (told.state, told.note) == ("DECLINED", "Penuh")
    again = offered(a, case_id)
    a.sync()
    b.sync()
    transfers.take_step(a.desk, again, "WITHDRAWN")
    transfers.take_step(b.desk, again, "ACCEPTED")  # neither knows of the other
    a.sync()
    b.sync()
    a.sync()
    assert state(a, again) == state(b, again) == "WITHDRAWN"
    assert next(item.late for item in transfers.incoming(b.desk))
    assert open_page(a.desk, case_id).own
    with pytest.raises(NotFound):
        open_page(b.desk, case_id)


def test_a_case_waits_for_its_file_and_takes_it_along(offices: tuple[Place, Place], tmp_path: Path) -> None:
    a, b = offices
    case_id = sealed_case(a)
    photo = tmp_path / "surat.pdf"
    photo.write_bytes(b"%PDF-1.4\n" + b"surat " * 2000)
    file = attachments.add(a.desk, case_id, "Surat", photo).id
    transfer = offered(a, case_id)
    a.sync()
    b.sync()
    transfers.take_step(b.desk, transfer, "ACCEPTED")
    b.sync()
    a.sync()
    b.sync()
    assert state(b, transfer) == "MOVED"
    assert attachments.open_file(b.desk, file) == photo.read_bytes()


def test_what_an_older_program_kept_unread_becomes_a_record(offices: tuple[Place, Place]) -> None:
    """An old peer keeps rows of kinds it does not know as shadows; the program of today opens the same file."""
    a, b = offices
    case_id = sealed_case(a)
    transfer = offered(a, case_id)
    a.sync()
    b.sync()
    with b.laptop.setup.write() as session:  # as the older program left it
        for kind in (Transfer, TransferEvent):
            for record in session.query(kind).all():
                content = msgspec.msgpack.encode(content_of(record), order="deterministic")
                shadow = Shadow(record=record.id, kind=record.kind, scope=record.scope, rev=record.rev, content=content)
                session.add(shadow)
                session.delete(record)
    assert transfers.incoming(b.desk) == ()
    b.sync()
    [item] = transfers.incoming(b.desk)
    assert item.entry.id == transfer and item.state == "OFFERED"
    assert b.laptop.count(Shadow) == 0
