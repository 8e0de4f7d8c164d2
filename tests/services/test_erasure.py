"""Asking for an erasure and deciding on it: who may, what stands in the way, and that it is all or nothing."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import Conflicted, Forbidden, Invalid, NotFound
from app.models.all import Case, Erasure, Person, Screening
from app.models.local import AuditEntry, Operation
from app.services import care, cases, erasure, referrals, retention
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.directory import recipients
from app.services.erasure import Wish
from app.services.intake import take
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault, Workspace
from tests.attacks import Survived, Tries
from tests.conftest import Clock
from tests.worlds import PASSWORD, intake

Roles = Callable[[str], Desk]


def wish(case_id: str, basis: str = "REQUEST") -> Wish:
    """The data subject asks."""
    return Wish("case", case_id, basis, "SUBJECT")


def test_two_people_are_needed_and_only_a_supervisor_decides(desk: Desk, case_id: str, as_role: Roles) -> None:
    chief = as_role("SUPERVISOR")
    with pytest.raises(Forbidden):
        erasure.request(as_role("SECRETARY"), wish(case_id))
    own = erasure.request(chief, wish(case_id)).id
    with pytest.raises(Forbidden, match=r"lain|another"):
        erasure.approve(chief, own, no_proceedings=True)
    with pytest.raises(Forbidden):
        erasure.refuse(desk, own, reason="STILL_NEEDED")
    with pytest.raises(Conflicted):  # one request at a time
        erasure.request(desk, wish(case_id))
    erasure.refuse(as_role("SUPERVISOR"), own, reason="STILL_NEEDED")
    with pytest.raises(Conflicted):
        erasure.approve(as_role("SUPERVISOR"), own, no_proceedings=True)
    assert open_page(desk, case_id).case["number"]
    asked = erasure.request(desk, wish(case_id)).id
    with pytest.raises(Invalid):
        erasure.approve(chief, asked, no_proceedings=False)
    erasure.approve(chief, asked, no_proceedings=True)
    with pytest.raises(NotFound):
        open_page(desk, case_id)
    first, second = erasure.listed(desk)
    assert (first.state, second.state) == ("DONE", "REFUSED")
    assert first.requested_by == desk.actor.name


def test_the_audit_keeps_ids_and_names_of_fields(desk: Desk, case_id: str, as_role: Roles) -> None:
    asked = erasure.request(desk, wish(case_id)).id
    erasure.approve(as_role("SUPERVISOR"), asked, no_proceedings=True)
    with desk.read() as session:
        said = [(e.action, e.kind, e.record) for e in session.scalars(select(AuditEntry))]
        left = session.scalars(select(Operation.kind)).all()
    assert ("erase", "case", case_id) in said
    assert ("create", "case", case_id) in said
    assert "erasure" in left
    assert not {"case", "person", "party", "screening", "consent"} & set(left)


def test_proceedings_and_open_referrals_hold_it_up(desk: Desk, as_role: Roles) -> None:
    case_id = take(desk, intake()).id
    page = open_page(desk, case_id)
    service = care.add_service(desk, case_id, {"service_type": "L.COURT", "person_id": page.victims[0].person.id}).id
    with pytest.raises(Conflicted, match="50"):
        erasure.request(desk, wish(case_id))
    care.complete_service(desk, service)
    agency = next(a.id for a in recipients(desk) if a["office_id"])
    values = {
        "to_agency": agency, "reason": "LEGAL", "urgency": "DAY1", "tiers": ["OPEN"],
        "consent_id": page.consents[0].id, "person_id": page.victims[0].person.id,
    }  # fmt: skip
    referral = referrals.refer(desk, case_id, values).id
    with pytest.raises(Conflicted):
        erasure.request(desk, wish(case_id))
    asked = erasure.request(desk, wish(case_id, "UNLAWFUL")).id  # the law makes no exception from this one
    erasure.refuse(as_role("SUPERVISOR"), asked, reason="NO_BASIS")
    referrals.take_step(desk, referral, "WITHDRAWN")
    erasure.request(desk, wish(case_id))


def test_what_another_office_opened_is_not_ours_to_erase(desk: Desk, case_id: str) -> None:
    with Session(desk.engine) as session:  # as it came from another office
        session.get_one(Case, case_id).made_office = "f" * 32
        session.commit()
    with pytest.raises(Forbidden):
        erasure.request(desk, wish(case_id))
    girl = open_page(desk, case_id).victims[0].person.id
    with pytest.raises(Forbidden):
        erasure.request(desk, Wish("person", girl, "REQUEST", "SUBJECT"))
    with pytest.raises(Invalid):
        erasure.request(desk, Wish("note", girl, "REQUEST", "SUBJECT"))


def test_a_period_that_is_over_is_computed(desk: Desk, clock: Clock, as_role: Roles) -> None:
    child, adult = take(desk, intake()).id, take(desk, intake(victim={"name": "Wati", "sex": "P", "age": 30})).id
    for case_id in (child, adult):
        cases.close_case(desk, case_id, reason="GOALS_MET")
    assert retention.due(desk) == ()
    clock.forward(days=365 * 5 + 2)
    [due] = retention.due(desk)
    assert (due.case_id, due.period.code, due.holds) == (adult, "CASE", ())
    chief = as_role("SUPERVISOR")
    retention.set_period(chief, "CHILD", 12)
    assert {each.case_id for each in retention.due(desk)} == {child, adult}
    for wrong in (0, 5000):
        with pytest.raises(Invalid):
            retention.set_period(chief, "CHILD", wrong)
    with pytest.raises(Forbidden):
        retention.set_period(desk, "CHILD", 12)
    erasure.request(desk, wish(adult, "RETENTION"))
    assert [each.case_id for each in retention.due(desk)] == [child]  # somebody has asked already
    cases.reopen_case(desk, child)
    assert retention.due(desk) == ()


def test_what_is_due_says_what_holds_it_up_and_knows_a_case_without_an_indication(desk: Desk, clock: Clock) -> None:
    held, referred, none = (take(desk, intake()).id for _each in range(3))
    care.add_service(desk, held, {"service_type": "L.COURT"})
    page = open_page(desk, referred)
    values = {
        "to_agency": next(a.id for a in recipients(desk) if a["office_id"]), "reason": "LEGAL", "urgency": "DAY1",
        "tiers": ["OPEN"], "consent_id": page.consents[0].id, "person_id": page.victims[0].person.id,
    }  # fmt: skip
    referrals.refer(desk, referred, values)
    with Session(desk.engine) as session:
        session.execute(update(Screening).where(Screening.case_id == none).values(conclusion="NOT_INDICATED"))
        session.commit()
    for case_id in (held, referred, none):
        cases.close_case(desk, case_id, reason="GOALS_MET")
    clock.forward(days=400)
    [early] = retention.due(desk)
    assert (early.case_id, early.period.code, early.holds) == (none, "NOT_INDICATED", ())
    clock.forward(days=365 * 10)
    found = {each.case_id: len(each.holds) for each in retention.due(desk)}
    assert found == {held: 1, referred: 1, none: 0}


def test_a_kill_at_any_step_leaves_before_or_after(
    workspace: Workspace, desk: Desk, as_role: Roles, tmp_path: Path, tries: Tries, survived: Survived
) -> None:
    case_id = take(desk, intake()).id
    other = take(desk, intake(victim={"name": "Yang Tinggal", "sex": "P"})).id
    asked = erasure.request(desk, wish(case_id)).id
    workspace.close()
    actor = as_role("SUPERVISOR").actor
    kept, folder = tmp_path / "kept", tmp_path / "ws"
    shutil.copytree(workspace.directory, kept)
    calls = _killed_at(folder, kept, (actor, asked), step=10**6, clock=desk.now)
    seen = {_state(folder, case_id, asked=asked, other=other, clock=desk.now)}
    assert seen == {"after"}
    count = tries(ci=12, full=120)
    for n in range(count):  # all along, and at every step of the end, where the commit is
        step = n * calls // count if n % 2 else calls - 1 - n // 2
        _killed_at(folder, kept, (actor, asked), step=step, clock=desk.now)
        seen.add(_state(folder, case_id, asked=asked, other=other, clock=desk.now))
    assert seen == {"before", "after"}
    survived(count, of=count, control=f"{calls} calls into the database; with no kill all is gone")


def _killed_at(folder: Path, kept: Path, who: tuple[Any, str], *, step: int, clock: Any) -> int:
    """A child opens a copy, approves, and dies before the database is asked for the so manyth time; calls it made."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, folder)
    told = folder.with_suffix(".calls")
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return int(told.read_text()) if told.exists() else 0
    made = 0

    def count(_frame: object, event: str, called: Any) -> None:
        nonlocal made
        if event == "c_call" and type(getattr(called, "__self__", None)).__module__.startswith("sqlcipher3"):
            made += 1
            if made > step:
                os.kill(os.getpid(), signal.SIGKILL)

    try:  # whatever happens, the child never goes on as a second run of the tests
        opened = Vault(cost=CHEAPEST).unlock(folder, login="siti", password=PASSWORD, now=clock)
        sys.setprofile(count)
        erasure.approve(Desk(opened.engine, who[0], clock), who[1], no_proceedings=True)
        sys.setprofile(None)
        told.write_text(str(made))
    finally:
        os._exit(0)


def _state(folder: Path, case_id: str, *, asked: str, other: str, clock: Any) -> str:
    with (
        Vault(cost=CHEAPEST).unlock(folder, login="siti", password=PASSWORD, now=clock) as again,
        Session(again.engine.execution_options(naungan_read=True)) as session,
    ):
        case, record = session.get(Case, case_id), session.get_one(Erasure, asked)
        work = session.scalars(select(Operation.seq).where(Operation.case_id == case_id)).first()
        people = len(session.scalars(select(Person.id)).all())
        assert session.get(Case, other) is not None
    facts = (case is not None, record.executed_at is None, work is not None, people == 2)
    return "before" if all(facts) else "mixed" if any(facts) else "after"
