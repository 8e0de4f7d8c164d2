"""Who may reach what: every endpoint by every state of a laptop and every office, and the same below it, in SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from app.central import exchange
from app.central.schema import SCOPED
from tests.attack.doors import NOBODY, Cell, Stolen, doors, sign_ins, states, writes
from tests.attacks import Survived
from tests.central.scene import Scene, scene_of, sealed
from tests.centre import CentreUnderTest


@pytest.fixture
def scene(centre: CentreUnderTest) -> Scene:
    """A's case, referred to B; C exists."""
    made = scene_of(centre).referred()
    made.a.pull()
    centre.office("C")
    return made


def feed_of_a(scene: Scene) -> Stolen:
    """A's cursor and segment, as the centre told A; and a file of A's case, which is there."""
    name = hashlib.sha256(b"x").hexdigest()
    paper = scene.a.make("attachment", case=scene.case, title=sealed("foto"), media_type="image/png", blob=name)
    scene.send(scene.a, paper)
    file = f"/v1/blobs/{name}?record={paper.record.hex()}"
    assert scene.a.ask("PUT", file, content=b"x", headers={"Content-Range": "bytes 0-0/1"}).status_code == 200
    scene.a.pull()
    reply = scene.a.ask("GET", f"/v1/feeds/{scene.a.office}")
    return Stolen(scene.a.cursors[scene.a.office], reply.headers["naungan-segment"], file)


def records_of(centre: CentreUnderTest, office: str) -> list[tuple[Any, ...]]:
    return centre.sql("SELECT id, kind, rev, content FROM record WHERE scope = %s ORDER BY id", office)


def test_every_door_in_every_state_at_every_office(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, survived: Survived
) -> None:
    centre, stolen = scene.centre, feed_of_a(scene)
    closed = states(centre)
    valid = {"A": scene.a, "B": scene.b, "C": centre.device("C")}
    for laptop in (scene.a, scene.b):
        laptop.sign_in()
    devices = {code: laptop.id for code, laptop in valid.items()} | {
        "a colleague": centre.device("A").id, "nobody": NOBODY, "no id": "x",
    }  # fmt: skip
    cells: list[Cell] = []
    for name, laptop in (closed | valid).items():
        cells += doors(laptop, name, devices=devices, stolen=stolen)
    cells += writes(scene, valid["C"], "C")
    before = records_of(centre, scene.a.office)
    wrong = [cell for cell in cells if not cell.holds()]
    assert records_of(centre, scene.a.office) == before
    late = list(sign_ins(centre, closed))
    wrong += [cell for cell in late if not cell.holds()]
    assert not wrong, [(cell.state, cell.door, cell.target) for cell in wrong]
    tried = len(cells) + len(late)
    assert tried >= 500
    served = _served_without_the_check(valid, monkeypatch, stolen=stolen, devices=devices)
    survived(
        tried - len(wrong), of=tried, control=f"without the check of the scope {served} feeds are served to others"
    )


class _Everything:
    """Equal to whatever it is compared with: the check of a scope finds what it looks for."""

    def __eq__(self, _other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


def _served_without_the_check(
    valid: dict[str, Any], monkeypatch: pytest.MonkeyPatch, *, stolen: Stolen, devices: dict[str, str]
) -> int:
    monkeypatch.setattr(exchange, "REFERENCE", _Everything())
    feeds = [cell for name in "BC" for cell in doors(valid[name], name, devices=devices, stolen=stolen)]
    served = sum(not cell.holds() for cell in feeds if cell.door == "feed" and cell.target in "ABC")
    assert served == 4, "B and C read each of the other two offices"
    return served


STATEMENTS = {
    "read": "SELECT count(*) FROM {table} WHERE scope = %s",
    "change": "UPDATE {table} SET scope = scope WHERE scope = %s",
    "remove": "DELETE FROM {table} WHERE scope = %s",
    "move away": "UPDATE {table} SET scope = %s",
    "put there": "INSERT INTO {table} (scope) VALUES (%s)",
    "lock": "SELECT 1 FROM {table} WHERE scope = %s FOR UPDATE",
    "copy": "INSERT INTO {table} SELECT * FROM {table} WHERE scope = %s",
    "tell of": "COPY (SELECT * FROM {table} WHERE scope = '{scope}') TO STDOUT",
}


@pytest.fixture
def as_app(centre: CentreUnderTest) -> Iterator[psycopg.Connection]:
    """The role by which the centre serves."""
    with psycopg.connect(centre.url_of["naungan_app"], autocommit=True) as connection:
        yield connection


def reached(connection: psycopg.Connection, what: str, *, table: str, scope: str) -> int:
    """How many rows of this scope the statement got at; refused is none."""
    statement = STATEMENTS[what].format(table=table, scope=scope)
    try:
        if what == "tell of":
            with connection.cursor().copy(statement) as copy:  # type: ignore[call-overload]
                return sum(1 for _row in copy)
        cursor = connection.execute(statement, (scope,))  # type: ignore[call-overload]
        if what == "read":
            row = cursor.fetchone()
            return int(row[0]) if row else 0
        return max(cursor.rowcount, 0)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject, psycopg.errors.SyntaxError):
        return 0
    except psycopg.errors.InvalidTextRepresentation:  # no scope set is no scope
        return 0


def test_below_the_code_sql_reaches_no_other_scope(
    scene: Scene, as_app: psycopg.Connection, survived: Survived
) -> None:
    scene.b.receipt()
    a, b = scene.a.office, scene.b.office
    scene.centre.sql("INSERT INTO delivery VALUES (%s, %s, %s, %s, 1)", a, scene.case, scene.case, b)
    tried = held = 0
    for settings in ("", NOBODY, b, scene.centre.office("C"), "%", a.upper() + " "):
        as_app.execute("SELECT set_config('naungan.scope', %s, false)", (settings,))
        for table in SCOPED:
            for what in STATEMENTS:
                tried += 1
                held += reached(as_app, what, table=table, scope=a) == 0
    with psycopg.connect(scene.centre.url_of["superuser"]) as above:
        got = sum(reached(above, "read", table=table, scope=a) for table in SCOPED)
    assert tried >= 480
    assert got > 20
    survived(held, of=tried, control=f"above the rules the same SELECTs reach {got} rows of A")
