"""A line that names a device holds exactly what this device makes of the version before with its own operations."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.models.ids import new_id
from app.wire import REFERENCE
from app.wire.merge import replay
from app.wire.messages import Change, Outcome, Status, encode
from tests.attacks import Survived, Tries
from tests.central.scene import sealed
from tests.centre import CentreUnderTest, Laptop

TAKEN = (Status.ACCEPTED, Status.MERGED)
CODES = ["DEBT", "ISOLATION", "THREAT"]
HIDDEN = [sealed(word) for word in ("tuli", "buta")]


@dataclass
class Crowd:
    """Laptops of one office that write at random, and all that the centre answered."""

    centre: CentreUnderTest
    dice: random.Random
    laptops: list[Laptop]
    known: list[tuple[str, str]] = field(default_factory=list)  # (kind, record)
    heads: dict[str, int] = field(default_factory=dict)
    taken: dict[tuple[str, str, int], list[Change]] = field(default_factory=dict)  # (device, record, number)
    seen: list[Outcome] = field(default_factory=list)

    def batch(self) -> None:
        """One laptop sends some operations, several of them on one record."""
        laptop = self.dice.choice(self.laptops)
        changes = [self._operation(laptop) for _one in range(self.dice.randint(1, 6))]
        for change, outcome in zip(changes, laptop.push(*changes), strict=True):
            self.seen.append(outcome)
            if outcome.status in TAKEN:
                self.taken.setdefault((laptop.id, change.record.hex(), outcome.rev), []).append(change)
                self.heads[change.record.hex()] = outcome.rev

    def plain(self) -> None:
        """Somewhere lies what was written before such values were sealed."""
        old = {"health": "luka bakar", "disability": ["VISUAL", HIDDEN[0]]}
        for _kind, record in self.known:
            for content, seq in self.centre.sql(
                "SELECT r.content, r.rev FROM record r WHERE id = %s AND kind = 'person'", record
            ):
                with_old = encode({**msgspec.msgpack.decode(content), **old})
                self.centre.sql("UPDATE record SET content = %s WHERE id = %s", with_old, record)
                line = "UPDATE feed SET content = %s, device = NULL WHERE record = %s AND seq = %s"
                self.centre.sql(line, with_old, record, seq)

    def _operation(self, laptop: Laptop) -> Change:
        dice = self.dice
        ways: list[Callable[[], Change]] = [
            lambda: self._new(laptop, "case", new_id()),
            lambda: self._new(laptop, "person", new_id()),
            lambda: self._new(laptop, *dice.choice(self.known)),
            lambda: laptop.make("note", case=dice.choice(self.known)[1], text=dice.choice("xyz"), at=1),
            lambda: self._too_early(laptop),
            lambda: laptop.make("agency", name=dice.choice("xyz")),
            *[lambda: self._edit(laptop, *dice.choice(self.known))] * 8,
        ]
        return dice.choice(ways if self.known else ways[:2])()

    def _new(self, laptop: Laptop, kind: str, record: str) -> Change:
        self.known.append((kind, record))
        return laptop.make(kind, record=record, **self._values(kind))

    def _too_early(self, laptop: Laptop) -> Change:
        self.known.append(("case", new_id()))
        return self._edit(laptop, *self.known[-1])

    def _edit(self, laptop: Laptop, kind: str, record: str) -> Change:
        head = self.heads.get(record, 0)
        base_rev = self.dice.choice([0, head, head, self.dice.randint(0, head)])
        return laptop.edit(kind, record, base_rev=base_rev, **self._values(kind))

    def _values(self, kind: str) -> dict[str, Any]:
        of_case = {
            "risk": self._one("LOW", "HIGH", None), "channel": self._one("PHONE", "LETTER"),
            "number": self._one("1", "2"), "control": self._set(CODES), "of_tomorrow": self._one(["b", "a"], [], "x"),
        }  # fmt: skip
        of_person = {
            "name": self._one("Siti", "Rina", None), "health": self._one(*HIDDEN, None),
            "disability": self._set(HIDDEN), "of_tomorrow": self._set(["p", "q"]),
        }  # fmt: skip
        values = of_case if kind == "case" else of_person
        return {key: values[key] for key in self.dice.sample(sorted(values), self.dice.randint(1, 3))}

    def _one(self, *values: Any) -> Any:
        return self.dice.choice(values)

    def _set(self, codes: list[str]) -> dict[str, list[str]]:
        shuffled = self.dice.sample(codes, len(codes))
        cut = self.dice.randint(0, len(codes))
        return {"add": sorted(shuffled[:cut]), "remove": sorted(shuffled[cut:])}


def wrong_lines(crowd: Crowd, scope: str) -> tuple[list[int], int, int]:
    """(lines that are not what their device makes of them, lines with a device, all lines)."""
    before: dict[str, dict[str, Any]] = {}
    wrong, named = [], 0
    lines = crowd.centre.sql("SELECT seq, record, content, device FROM feed WHERE scope = %s ORDER BY seq", scope)
    for seq, record, packed, device in lines:
        content = msgspec.msgpack.decode(packed)
        if device is not None:
            named += 1
            made = before.get(record.hex, {})
            for change in crowd.taken.get((device.hex, record.hex, seq), []):
                made = replay(made, change.changes)
            if made != content:
                wrong.append(seq)
        before[record.hex] = content
    return wrong, named, len(lines)


def test_a_line_with_a_device_is_what_that_device_makes_of_it(
    centre: CentreUnderTest, tries: Tries, survived: Survived
) -> None:
    laptops = [centre.device("A") for _one in range(3)]
    crowd = Crowd(centre, random.Random(20261124), laptops)
    rounds = tries(ci=90, full=1_000)
    for number in range(rounds):
        crowd.batch()
        if number == rounds // 2:
            crowd.plain()
    statuses = {outcome.status for outcome in crowd.seen}
    assert statuses >= {*TAKEN, Status.CONFLICT, Status.HELD, Status.DUPLICATE}, "all that can happen did"
    assert {"same_field", "written_once"} <= {outcome.code for outcome in crowd.seen}
    wrong, named, lines = wrong_lines(crowd, laptops[0].office)
    shared_wrong, shared_named, _lines = wrong_lines(crowd, REFERENCE)
    assert named > lines // 3, "and it is of use"
    assert shared_named > 0
    right = named + shared_named - len(wrong) - len(shared_wrong)
    survived(right, of=named + shared_named, control="a device on every line: 28 of 204 were wrong")
