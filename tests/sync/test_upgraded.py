"""A laptop and a centre of before sealing: after the upgrade both hold tokens alone, and nobody reads anything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from app.central import shape
from app.models.all import Person
from app.models.local import Operation, Shadow
from app.models.sealed import is_sealed
from app.services.sealing_up import seal_up
from app.sync.loop import run
from app.sync.outbox import freeze
from app.sync.settle import settle
from app.sync.words import REASONS
from tests.sync.country import Country, new_case
from tests.sync.test_sealed import Place, place
from tests.worlds import GIRL

HEALTH, CODES = "nadel-darah", ("INTELLECTUAL", "PHYSICAL")
PLAIN: Mapping[str, Any] = {"health": HEALTH, "disability": {"add": list(CODES), "remove": []}}


def enter_as_before(a: Place) -> str:
    """A case of which the outbox holds plain values, as the version before wrote it."""
    case_id = new_case(a, victim=GIRL)
    with Session(a.desk.engine) as session:
        op = session.scalars(select(Operation).where(Operation.kind == "person")).one()
        op.changes = msgspec.msgpack.encode({**msgspec.msgpack.decode(op.changes), **PLAIN})
        session.commit()
    show_plain(a)
    return case_id


def show_plain(a: Place) -> None:
    """The record, as the version before kept it."""
    with Session(a.desk.engine) as session:
        shadow = session.scalars(select(Shadow).where(Shadow.kind == "person")).one_or_none()
        facts = {"rev": shadow.rev if shadow else 0, "scope": shadow.scope if shadow else None}
        session.execute(delete(Shadow).where(Shadow.kind == "person"))
        session.execute(text("UPDATE person SET health = 'nadel-darah', disability = '|INTELLECTUAL|PHYSICAL|'"))
        session.execute(text("UPDATE person SET rev = :rev, scope = :scope"), facts)
        session.commit()


def at_the_centre(country: Country) -> dict[str, Any]:
    [(content,)] = country.centre.sql("SELECT content FROM record WHERE kind = 'person'")
    told: dict[str, Any] = msgspec.msgpack.decode(bytes(content))
    return told


@pytest.fixture
def upgraded(country: Country, monkeypatch: pytest.MonkeyPatch) -> tuple[Place, str]:
    """A laptop that has sent plain values, to a centre that took them, and has just been upgraded."""
    a = place(country, "a1")
    case_id = enter_as_before(a)
    with monkeypatch.context() as before:
        before.setattr(shape, "_sealed_problem", lambda _field, _value: "")
        with country.transport(a.laptop) as transport:
            assert run(a.context.sync_setup(), transport).problem is None
    assert (at_the_centre(country)["health"], at_the_centre(country)["disability"]) == (HEALTH, list(CODES))
    show_plain(a)
    return a, case_id


def test_after_the_upgrade_tokens_alone_are_at_the_centre_and_here(
    country: Country, upgraded: tuple[Place, str]
) -> None:
    a, case_id = upgraded
    assert seal_up(a.desk)
    a.sync()
    told = at_the_centre(country)
    assert is_sealed(told["health"]) and is_sealed(told["disability"])
    assert len(told["disability"]) == 2
    with a.laptop.session() as session:
        person = session.scalars(select(Person)).one()
        assert (person.health, list(person.disability)) == (told["health"], told["disability"])
    assert not [one for one in a.laptop.shadows().values() if HEALTH in str(one) or CODES[0] in str(one)]
    assert (a.victim(case_id)["health"], a.victim(case_id)["disability"]) == (HEALTH, CODES)
    assert a.sync().pushed_operations == 0


def test_a_batch_frozen_with_plain_values_is_refused_in_words_and_sent_again_sealed(country: Country) -> None:
    a = place(country, "a1")
    case_id = enter_as_before(a)
    freeze(a.context.sync_setup())
    assert seal_up(a.desk)
    with country.transport(a.laptop) as transport:
        report = run(a.context.sync_setup(), transport)
    assert report.outcomes.get("refused"), report.outcomes
    refused = [op for op in a.laptop.operations() if op.result == "refused"]
    person = next(op for op in refused if op.result_code == "not_sealed")
    assert "again" in REASONS["not_sealed"]
    settle(a.context.sync_setup(), person.seq, how="again")
    with country.transport(a.laptop) as transport:
        run(a.context.sync_setup(), transport)
        report = run(a.context.sync_setup(), transport)
    assert report.green
    assert not [op for op in a.laptop.operations() if op.result in ("refused", "held") and not op.settled]
    told = at_the_centre(country)
    assert is_sealed(told["health"]) and is_sealed(told["disability"])
    assert (a.victim(case_id)["health"], a.victim(case_id)["disability"]) == (HEALTH, CODES)
