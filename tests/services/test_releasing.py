"""Releasing by hand: who may, what, on which consent; and which papers lie where when that consent is withdrawn."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid
from app.models.all import Consent, Party, Person
from app.models.local import AuditEntry, Export
from app.models.permission import Permission
from app.models.sealed import token
from app.services import export_register, exports
from app.services.consents import record_consent, withdraw
from app.services.desk import Desk
from app.services.exports import Order
from app.services.intake import take
from app.services.parties import add_party
from tests.reports.pdf_reading import read
from tests.services.test_exports import consent_ids, police
from tests.worlds import GIRL, intake

HEALTH, SUMMARY = "Jarum luka lama", "Ditawari kerja"
ALL = ["OPEN", "CASE", "IDENTIFYING", "NARRATIVE", "SENSITIVE"]


@pytest.fixture
def case_id(desk: Desk) -> str:
    """A girl with something in both sealed fields, and a consent that covers everything."""
    victim = {**GIRL, "health": HEALTH, "disability": ["MENTAL"]}
    return take(desk, intake(victim=victim, consent={"purpose": "SHARE", "given_by": "BOTH", "tiers": ALL})).id


def order(desk: Desk, *released: str) -> Order:
    return Order(profile="POLICE", agency=police(desk), password=None, language="id", released=released)


def offered(desk: Desk, case_id: str, wanted: Order) -> dict[str, bool]:
    return {one.name: one.is_open for one in exports.releasable(desk, case_id, wanted)}


def test_a_cleared_user_releases_one_field_and_everything_else_stays(desk: Desk, case_id: str) -> None:
    assert offered(desk, case_id, order(desk)) == {
        "case.summary": True, "person.disability": True, "person.health": True
    }  # fmt: skip
    wanted = order(desk, "person.health")
    seen, made = exports.preview(desk, case_id, wanted), exports.export_case(desk, case_id, wanted)
    for paper in (seen, made):
        words = " ".join(read(paper.pdf).everything.split())
        assert HEALTH in words and SUMMARY not in words
        assert "person.health" in paper.fields and not {"person.disability", "case.summary"} & set(paper.fields)
    [line] = export_register.lines(desk)
    assert line.released == ("person.health",)
    with desk.read() as session:
        link = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert link is not None and link.action == "export" and "person.health" in link.fields.split(",")


def test_nothing_is_released_unasked_and_inside_the_office_nothing_has_to_be(desk: Desk, case_id: str) -> None:
    words = read(exports.export_case(desk, case_id, order(desk)).pdf).everything
    assert HEALTH not in words and SUMMARY not in words and "Sitti Aminah" in words
    inside = Order(profile="INTERNAL", password=None)
    assert HEALTH in read(exports.export_case(desk, case_id, inside).pdf).everything
    assert offered(desk, case_id, inside) == offered(desk, case_id, replace(order(desk), profile="STATISTICS")) == {}
    assert [line.released for line in export_register.lines(desk)] == [(), ()]
    for profile in ("INTERNAL", "STATISTICS"):
        with pytest.raises(Invalid) as refused:
            exports.export_case(desk, case_id, Order(profile=profile, released=("person.health",)))
        assert refused.value.problems[0][0] == "released"


def test_only_what_the_consent_covers_is_offered_and_taken(desk: Desk, case_id: str) -> None:
    with desk.read() as session:
        person = session.scalars(select(Consent.person_id)).one()
    some = {"purpose": "SHARE", "given_by": "BOTH", "tiers": ["OPEN", "CASE", "NARRATIVE"]}
    narrow = record_consent(desk, case_id, str(person), some).id
    wanted = replace(order(desk), consent_id=narrow)
    assert offered(desk, case_id, wanted) == {"case.summary": True}
    with pytest.raises(Invalid) as refused:
        exports.export_case(desk, case_id, replace(wanted, released=("person.health",)))
    assert refused.value.problems[0][0] == "released"
    withdraw(desk, consent_ids(desk)[0])
    withdraw(desk, narrow)
    assert offered(desk, case_id, order(desk)) == {}
    assert export_register.lines(desk) == ()


def test_who_is_not_cleared_sees_what_is_there_and_releases_free_text_only(desk: Desk, case_id: str) -> None:
    colleague = replace(desk, keyring=None)
    assert offered(colleague, case_id, order(desk)) == {
        "case.summary": True, "person.disability": False, "person.health": False
    }  # fmt: skip
    for work in (exports.preview, exports.export_case):
        with pytest.raises(Forbidden):
            work(colleague, case_id, order(desk, "case.summary", "person.health"))
    words = read(exports.export_case(colleague, case_id, order(desk, "case.summary")).pdf).everything
    assert SUMMARY in words and HEALTH not in words


def test_a_value_without_a_key_is_never_printed_even_if_it_is_released(desk: Desk, case_id: str) -> None:
    strange = token(b"no key 8", b"x" * 48)
    with Session(desk.engine) as session:
        session.execute(update(Person).values(health=strange), execution_options={"synchronize_session": False})
        session.commit()
    assert offered(desk, case_id, order(desk))["person.health"] is False
    made = exports.export_case(desk, case_id, order(desk, "person.health", "person.disability"))
    words = read(made.pdf).everything
    assert not [bad for bad in ("HIDDEN", "sealed:1", strange[9:30], HEALTH) if bad in words]
    assert "person.health" not in made.fields and "person.disability" in made.fields


def test_another_victims_values_are_not_offered(desk: Desk, case_id: str) -> None:
    add_party(desk, case_id, {"name": "Budi", "sex": "L", "age": 30}, role="VICTIM")
    with desk.write(Permission.WRITE_CASE) as session:
        girl = session.scalars(select(Person).where(Person.name == "Sitti Aminah")).one()
        girl.health, girl.disability = None, ()
        budi = session.scalars(select(Person).where(Person.name == "Budi")).one()
        budi.health = "Jarum sehat"
    wanted = replace(order(desk), consent_id=consent_ids(desk)[0])
    assert offered(desk, case_id, wanted) == {"case.summary": True}


def test_exactly_the_papers_of_the_withdrawn_consent_are_listed(desk: Desk, case_id: str) -> None:
    with desk.read() as session:
        person = session.scalars(select(Party.person_id)).one()
    second = record_consent(desk, case_id, str(person), {"purpose": "SHARE", "given_by": "BOTH", "tiers": ALL}).id
    first = next(one for one in consent_ids(desk) if one != second)
    for consent in (first, second):
        exports.export_case(desk, case_id, replace(order(desk), consent_id=consent, purpose=consent))
    exports.export_case(desk, case_id, Order(profile="INTERNAL"))
    assert [line.purpose for line in export_register.touched_by_consent(desk, first)] == [first]
    assert [line.purpose for line in export_register.touched_by_consent(desk, second)] == [second]
    with Session(desk.engine) as session:  # as the entry of an older version is
        session.execute(update(Export).where(Export.consent_id == first).values(consent_id=None))
        session.commit()
    for consent in (first, second):
        assert first in [line.purpose for line in export_register.touched_by_consent(desk, consent)]
