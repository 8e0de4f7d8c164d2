"""The loader: a plan becomes records through the services, at the moments of the plan."""

from __future__ import annotations

from sqlalchemy import func, select

from app.demo.loading import Loader
from app.demo.offices import AGENCIES
from app.demo.world import World
from app.models.all import Agency, Case, Consent, Goal, Note, Referral, Screening, Service
from app.models.case_parts import PARTS
from app.models.local import AuditEntry, Operation
from app.models.permission import Permission
from app.services import audit_check, case_list
from app.services.desk import Desk
from app.services.validate import cleaned

KINDS = {Screening: "screen", Consent: "consent", Service: "service", Note: "note", Referral: "refer"}


def fill(desk: Desk) -> None:
    """The agencies around the office; the police unit is in the directory of the fixture."""
    with desk.write(Permission.WRITE_CASE) as session:
        session.add_all(Agency(**cleaned(Agency, agency)) for agency in AGENCIES if agency["agency_type"] != "RSUD")


def test_every_happening_becomes_one_record_and_one_audited_operation(desk: Desk) -> None:
    fill(desk)
    plans = World(desk.now()).cases(25)
    told: list[tuple[int, int]] = []
    loaded = Loader(desk, plans, told=lambda done, whole: told.append((done, whole))).run()
    what = [event.what for plan in plans for event in plan.happenings]
    assert loaded.cases == 25
    assert loaded.victims == sum(len(plan.victims) for plan in plans)
    assert loaded.happenings == len(what) + 25
    assert told[-1] == (loaded.happenings, loaded.happenings)
    with desk.read() as session:
        for kind, name in KINDS.items():
            assert session.scalar(select(func.count()).select_from(kind)) == what.count(name)
        reported = session.scalars(select(Case.made_at).order_by(Case.made_at)).all()
        assert reported == [plan.reported_at for plan in plans]
        created = select(AuditEntry.at).where(AuditEntry.action == "create").order_by(AuditEntry.seq)
        late = session.scalars(created).all()[-loaded.happenings :]
        assert late == sorted(late), "the audit tells the years in their order"
        unsent = session.scalar(select(func.count()).select_from(Operation).where(Operation.result.is_(None)))
        assert unsent is not None
        assert unsent > loaded.happenings
        parts = [event.values for plan in plans for event in plan.happenings if event.what == "part"]
        for part in PARTS:
            wanted = sum(values["kind"] == part.kind for values in parts)
            if wanted:
                assert session.scalar(select(func.count()).select_from(part.record)) == wanted, part.kind
        served = session.scalar(select(func.count()).select_from(Service).where(Service.goal_id.is_not(None)))
        assert served, "services stand under their goals"
        assert session.scalar(select(func.count()).select_from(Goal).where(Goal.state == "REACHED"))
    counts = case_list.counts(desk)
    assert counts.total == 25
    assert counts.by_status["CLOSED"] == what.count("close")
    assert audit_check.verify(desk) == ()


def test_the_desks_own_clock_stays_where_it_was(desk: Desk) -> None:
    fill(desk)
    before = desk.now()
    Loader(desk, World(before).cases(5)).run()
    assert desk.now() == before
