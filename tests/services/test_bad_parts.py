"""Nonsense in any field of any part of a case is refused, nothing is half saved; what is saved can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from app.errors import Conflicted, Forbidden, Invalid, NotFound
from app.models.case_parts import PARTS, CasePart
from app.models.field import Field, Kind, fields_of, said_fields
from app.models.local import AuditEntry, Operation
from app.models.sealed import HIDDEN, token
from app.services import deadlines
from app.services.case_page import open_page
from app.services.case_parts import OWN_WAY, add_part, change_part, problems
from app.services.desk import Desk
from app.services.intake import take
from app.vault.workspace import Vault
from tests import worlds
from tests.conftest import Clock
from tests.services.test_parts import NOW, enter, values_of

TEXT, LONG_TEXT = (Kind.TEXT, Kind.LONG), "x" * 100_001
ODD: tuple[Any, ...] = (1.5, b"x", {"a": 1}, object(), 2**70, ("NO_SUCH", 1), datetime(2026, 1, 1))  # of no kind
WORDS = ("\x00", "a\x1bb", "\ud800", LONG_TEXT)  # of no text
WRONG: dict[Kind, tuple[Any, ...]] = {
    Kind.TEXT: (7, True, *WORDS),
    Kind.LONG: (7, True, *WORDS),
    Kind.CODE: (7, True, "NO_SUCH_CODE", *WORDS),
    Kind.CODES: ("WORD", 7, True, ("NO_SUCH_CODE",), ("A|B",)),
    Kind.DATE: (
        7,
        True,
        "2026-13-45",
        "0000-00-00",
        "9999-12-31",
        "0001-01-01",
        "2026-1-1",
        "\u0662026-01-01",
        "kemarin",
        *WORDS,
    ),
    Kind.DATETIME: ("2026-01-01", 7, True, datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)),
    Kind.INT: ("7", True, -1, 2**53 + 1),
    Kind.BOOL: ("yes", 1, 0),
    Kind.REF: (7, True, "not an id", *WORDS),
}
EXTREME: dict[Kind, tuple[Any, ...]] = {
    Kind.DATE: ("2200-12-31", "1900-01-01", "1900-??-??"),
    Kind.DATETIME: (datetime(2200, 12, 31, tzinfo=UTC), datetime(1900, 1, 1, tzinfo=UTC)),
    Kind.INT: (2**53,), Kind.TEXT: ("\u202e<b>&{0}%s",), Kind.LONG: ("\u202e<b>&{0}%s",),
}  # fmt: skip
WRITTEN = tuple(part for part in PARTS if part.kind not in OWN_WAY)


@dataclass(frozen=True)
class World:
    """A case with one good record of every part, and how much was ever saved."""

    desk: Desk
    case_id: str
    victim: str
    made: dict[str, str]

    def saved(self) -> tuple[int, ...]:
        """Entries to send, and entries of the audit."""
        with self.desk.read() as session:
            counted = (select(func.count()).select_from(table) for table in (Operation, AuditEntry))
            return tuple(session.scalar(count) or 0 for count in counted)

    def values(self, part: CasePart, **other: Any) -> dict[str, Any]:
        """A good record with one value in another's place."""
        about = {"person_id": self.victim} if any(f.key == "person_id" for f in fields_of(part.record)) else {}
        return {**values_of(part), **about, **({"person_id": None} if part.kind == "legal_step" else {}), **other}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Iterator[World]:
    folder, clock = tmp_path_factory.mktemp("bad") / "ws", Clock(NOW)
    worlds.copy_begun(folder, tmp_path_factory, vault, clock)
    with vault.unlock(folder, login="siti", password=worlds.PASSWORD, now=clock) as workspace:
        desk = worlds.desk_of(workspace, clock)
        case_id = take(desk, worlds.intake(screening=None)).id
        victim = open_page(desk, case_id).victims[0].person.id
        made = {part.kind: enter(desk, case_id, part, {"person_id": victim}) for part in WRITTEN}
        yield World(desk, case_id, victim, made)


def wrong(field: Field) -> tuple[Any, ...]:
    """What a field must not take; a sealed one no token either."""
    forged = token(b"nobody's", b"x" * 64)
    return (*WRONG[field.kind], *ODD, *(((forged,) if field.kind is Kind.CODES else forged,) if field.sealed else ()))


@pytest.mark.parametrize("part", WRITTEN, ids=lambda part: part.kind)
def test_nonsense_is_refused_and_nothing_is_half_saved(world: World, part: CasePart) -> None:
    before = world.saved()
    for field in fields_of(part.record):
        for value in wrong(field):
            assert field.key in {key for key, _sentence in problems(part.kind, {field.key: value})}, (field.key, value)
        for value in (WRONG[field.kind][0], ODD[-1]):
            with pytest.raises(Invalid):
                add_part(world.desk, world.case_id, part.kind, world.values(part, **{field.key: value}))
            with pytest.raises(Invalid):
                change_part(world.desk, part.kind, world.made[part.kind], {field.key: value})
    assert world.saved() == before
    hidden = dict.fromkeys((f.key for f in said_fields(part.record)), HIDDEN)
    assert not change_part(world.desk, part.kind, world.made[part.kind], hidden).changes
    assert world.saved() == before


def test_the_ends_of_what_is_taken_can_be_shown(world: World) -> None:
    taken = []
    for part in WRITTEN:
        for field in said_fields(part.record):
            for value in EXTREME.get(field.kind, ()):
                try:
                    change_part(world.desk, part.kind, world.made[part.kind], {field.key: value})
                except (Conflicted, Forbidden, Invalid, NotFound):
                    continue
                taken.append((part.kind, field.key, value))
                open_page(world.desk, world.case_id)
    assert len(taken) > 100
    assert deadlines.of_case(world.desk, world.case_id)
