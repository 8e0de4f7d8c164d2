"""The hook that nobody can forget: outbox and audit in the transaction of the change."""

from datetime import UTC, datetime

import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.all import Case, Person
from app.models.journal import Journal, chain_hash
from app.models.local import AuditEntry, Operation, Shadow
from app.models.permission import Permission
from app.services import cases, parties
from app.services.audit_check import verify
from app.services.desk import Desk


def operations(desk: Desk, record: str) -> list[Operation]:
    with Session(desk.engine) as session:
        return list(session.scalars(select(Operation).where(Operation.record == record).order_by(Operation.seq)))


def _break_off(desk: Desk) -> None:
    with desk.write(Permission.WRITE_CASE) as session:
        session.add(Person(name="Tidak jadi"))
        session.flush()
        raise ZeroDivisionError


def _renumber(desk: Desk, case_id: str) -> None:
    with desk.write(Permission.WRITE_CASE) as session:
        session.get_one(Case, case_id).number = "another"


def _delete(desk: Desk, case_id: str) -> None:
    with desk.write(Permission.WRITE_CASE) as session:
        session.delete(session.get_one(Case, case_id))
        session.flush()


def test_only_what_differs_is_written_down(desk: Desk, case_id: str) -> None:
    cases.change_case(desk, case_id, {"risk": "HIGH", "transit": "Batam"})
    cases.change_case(desk, case_id, {"exploitation": ["SEX"]})
    cases.change_case(desk, case_id, {"exploitation": ["SEX", "SEX.PORN"]})
    made, *later = [msgspec.msgpack.decode(o.changes) for o in operations(desk, case_id)]
    assert made["risk"] == "HIGH"
    assert later == [
        {"transit": "Batam"},
        {"exploitation": {"add": ["SEX"], "remove": []}},
        {"exploitation": {"add": ["SEX.PORN"], "remove": []}},
    ]


def test_saving_the_same_again_writes_nothing(desk: Desk, case_id: str) -> None:
    before = len(operations(desk, case_id))
    saved = cases.change_case(desk, case_id, {"risk": "HIGH"})
    assert not saved.changes
    assert len(operations(desk, case_id)) == before


def test_a_failed_unit_leaves_neither_record_nor_trace(desk: Desk, case_id: str) -> None:
    with Session(desk.engine) as session:
        before = [session.scalar(select(func.count()).select_from(t)) for t in (Case, Person, Operation, AuditEntry)]
    with pytest.raises(NotFound):
        parties.add_party(desk, case_id, "f" * 32, role="WITNESS")
    with pytest.raises(ZeroDivisionError):
        _break_off(desk)
    with Session(desk.engine) as session:
        assert before == [
            session.scalar(select(func.count()).select_from(t)) for t in (Case, Person, Operation, AuditEntry)
        ]
    assert verify(desk) == ()


def test_the_chain_shows_an_altered_and_a_missing_entry(desk: Desk, case_id: str) -> None:
    assert verify(desk) == ()
    with Session(desk.engine) as session:
        entry = session.get(AuditEntry, 3)
        assert entry is not None
        entry.actor = "f" * 32
        session.commit()
    assert "3" in verify(desk)[0]
    with Session(desk.engine) as session:
        session.delete(session.get(AuditEntry, 2))
        session.commit()
    assert "2" in verify(desk)[0]


def test_audit_names_fields_and_holds_no_value(desk: Desk, case_id: str) -> None:
    with Session(desk.engine) as session:
        entries = session.scalars(select(AuditEntry)).all()
        written = " ".join(str(vars(entry)) for entry in entries)
    assert "name" in written
    assert "Aminah" not in written
    assert "3273-26" not in written


def test_the_centres_version_is_kept_before_the_first_unsent_change(desk: Desk, case_id: str) -> None:
    with Session(desk.engine) as session:
        session.info["journal"] = Journal(desk.actor, desk.now, applying=True)
        case = session.get(Case, case_id)
        assert case is not None
        case.rev, case.scope, case.risk = 7, desk.actor.office, "MEDIUM"
        session.commit()
    cases.change_case(desk, case_id, {"risk": "LOW"})
    cases.change_case(desk, case_id, {"risk": "HIGH"})
    with Session(desk.engine) as session:
        shadow = session.get(Shadow, case_id)
        assert shadow is not None
        assert (shadow.rev, msgspec.msgpack.decode(shadow.content)["risk"]) == (7, "MEDIUM")
    assert [o.base_rev for o in operations(desk, case_id)] == [0, 7, 7]


def test_what_is_written_once_stays(desk: Desk, case_id: str) -> None:
    with pytest.raises(AssertionError, match="once"):
        _renumber(desk, case_id)


def test_records_are_never_deleted_by_hand(desk: Desk, case_id: str) -> None:
    with pytest.raises(AssertionError, match="archived"):
        _delete(desk, case_id)


def test_every_part_of_an_entry_is_in_its_hash() -> None:
    facts = {"seq": 1, "at": datetime(2026, 1, 1, tzinfo=UTC), "actor": "a", "device": "d", "action": "create",
             "kind": "case", "record": "r", "fields": "risk"}  # fmt: skip
    first = chain_hash(bytes(32), AuditEntry(**facts))
    others = {"seq": 2, "at": datetime(2026, 1, 2, tzinfo=UTC)}
    for name in facts:
        changed = {**facts, name: others.get(name, "x")}
        assert chain_hash(bytes(32), AuditEntry(**changed)) != first, name
    assert chain_hash(b"1" * 32, AuditEntry(**facts)) != first
