"""A workspace of before sealing: after a cleared user unlocked nothing plain is left, and what is read is the same."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.models.all import Person, Service
from app.models.local import Draft, Operation, Shadow
from app.models.sealed import HIDDEN, is_sealed
from app.services import sealing_up
from app.services.care import add_service
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.intake import take
from app.services.sealing_up import seal_up
from tests.services.sealed_office import everything
from tests.worlds import GIRL, intake

NEEDLES = ("nadel-darah", "nadel-tempat", "INTELLECTUAL")


@pytest.fixture
def old_case(desk: Desk) -> str:
    """As the version before wrote it: plain in the tables, in the outbox, in a shadow and in a draft."""
    case_id = take(desk, intake(victim=GIRL)).id
    add_service(desk, case_id, {"service_type": "H.VISUM"})
    with Session(desk.engine) as session:
        session.execute(text("UPDATE person SET health = 'nadel-darah', disability = '|INTELLECTUAL|PHYSICAL|'"))
        session.execute(text("UPDATE service SET place = 'nadel-tempat'"))
        for op in session.scalars(select(Operation).where(Operation.kind.in_(("person", "service")))):
            plain = {"health": "nadel-darah", "disability": {"add": ["INTELLECTUAL", "PHYSICAL"], "remove": []}}
            added = plain if op.kind == "person" else {"place": "nadel-tempat"}
            op.changes = msgspec.msgpack.encode({**msgspec.msgpack.decode(op.changes), **added})
        content = msgspec.msgpack.encode({"name": "S", "health": "nadel-darah", "disability": ["INTELLECTUAL"]})
        session.add(Shadow(record="0" * 32, kind="person", rev=3, content=content))
        words = msgspec.msgpack.encode({"page": [{"health": "nadel-darah"}]})
        session.add(Draft(id="d", form="x", user=desk.actor.user, saved_at=desk.now(), content=words))
        session.commit()
    return case_id


def plain_left(desk: Desk, workspace) -> list[str]:
    return [where for where, held in everything(workspace) if any(needle in held for needle in NEEDLES)]


def read(desk: Desk, case_id: str) -> tuple[object, ...]:
    page = open_page(desk, case_id)
    person = page.victims[0].person
    return person["health"], person["disability"], page.services[0]["place"]


HELD = ("nadel-darah", ("INTELLECTUAL", "PHYSICAL"), "nadel-tempat")


def test_nothing_plain_is_left_and_everything_is_read_as_before(desk, workspace, old_case):
    assert len(plain_left(desk, workspace)) >= 6
    assert read(desk, old_case) == HELD and read(replace(desk, keyring=None), old_case) == (HIDDEN,) * 3
    assert seal_up(replace(desk, keyring=None)) == 0
    assert seal_up(desk) >= 5
    assert plain_left(desk, workspace) == []
    assert read(desk, old_case) == HELD and seal_up(desk) == 0


def test_what_waits_to_be_sent_is_what_is_shown(desk, old_case):
    seal_up(desk)
    with desk.read() as session:
        told: dict[str, object] = {}
        for op in session.scalars(select(Operation).where(Operation.kind == "person").order_by(Operation.seq)):
            told |= msgspec.msgpack.decode(op.changes)
        person = session.scalars(select(Person)).one()
        assert told["health"] == person.health and tuple(told["disability"]["add"]) == person.disability
        assert all(is_sealed(service.place) for service in session.scalars(select(Service)))


def test_interrupted_it_goes_on_at_the_next_unlock(desk, workspace, old_case, monkeypatch):
    real, pieces = sealing_up._operations, []

    def cut(*args, **told):
        pieces.append(args)
        raise KeyboardInterrupt

    monkeypatch.setattr(sealing_up, "_operations", cut)
    with pytest.raises(KeyboardInterrupt):
        seal_up(desk)
    assert read(desk, old_case) == HELD and plain_left(desk, workspace)
    monkeypatch.setattr(sealing_up, "_operations", real)
    seal_up(desk)
    assert plain_left(desk, workspace) == [] and read(desk, old_case) == HELD
