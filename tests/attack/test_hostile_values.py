"""A certified laptop signs nonsense: no value of it may stop the centre, now or at its next start."""

from __future__ import annotations

import random
from typing import Any

import pytest

from app.models.base import KINDS
from app.models.field import fields_of
from app.wire.batch import digest_of
from app.wire.messages import BatchResult, Change, Status
from tests.attacks import Survived, Tries
from tests.central.scene import Scene, check_proof, scene_of, sealed
from tests.centre import CentreUnderTest, Laptop, read

_LINKS = ("case_id", "person_id", "referral_id", "about_id", "subject", "to_office", "valid_until", "made_office")
_PLAIN: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, -(2**63), 1.5, "", "x", "\x00", "a\x00b", "\ud7ff", "0" * 32, "f" * 31 + "G", "F" * 32,
    "2026-02-30", "2026-??-??", "9" * 400, [], ["x"], ["\x00"], [["x"]], [1], {}, {"add": [], "remove": []},
    {"add": ["x"], "remove": ["x"]}, {"add": [1], "remove": [{}]}, {"add": "x", "remove": "y"}, {"x": 1}, b"\x00",
    sealed("kata"), "sealed:1:", "sealed:1:!", "REQUEST now \x1f",
)  # fmt: skip


def values(scene: Scene) -> tuple[Any, ...]:
    """Everything that could stand in a field: nonsense, and ids of what exists."""
    return (*_PLAIN, scene.case, scene.siti, scene.referral, scene.a.office, scene.b.office, scene.a.id)


def hostile(scene: Scene, laptop: Laptop, chance: random.Random) -> Change:
    """One operation of a laptop with a few fields of nonsense, known and unknown ones."""
    kind = chance.choice(sorted(KINDS))
    keys = [*_LINKS, *(field.key for field in fields_of(KINDS[kind])), "tomorrow"]
    pool = chance.choice((values(scene), (None, "x", 1, *values(scene)[-6:])))  # all nonsense, or what may well stand
    said = {key: chance.choice(pool) for key in chance.sample(keys, k=chance.randrange(1, 5))}
    case = chance.choice((None, scene.case, scene.siti, "0" * 32))
    if chance.random() < 0.5:
        change = laptop.make(kind, **said)
    else:
        record = chance.choice((scene.case, scene.siti, scene.referral, scene.siti_party, scene.a.office, "7" * 32))
        change = laptop.edit(kind, record, base_rev=chance.choice((0, 1, 2**62)), **said)
    odd = chance.choice((None, None, None, b"", b"x" * 17)) if case is None else bytes.fromhex(case)
    at = chance.choice((*[change.at] * 9, 0, -(2**63), 2**63))
    return Change(
        change.kind, change.record, odd, change.base_rev, change.new, change.changes, change.actor,
        chance.choice((*"SSSSSSSS", "\x00", "x" * 5000)), at,
    )  # fmt: skip


def test_no_value_that_a_laptop_signs_stops_the_centre(
    centre: CentreUnderTest, tries: Tries, survived: Survived
) -> None:
    scene, chance = scene_of(centre).referred(), random.Random(2026)
    count, each = tries(ci=1_500, full=20_000), 50
    answered = refused = 0
    for _batch in range(count // each):
        laptop = chance.choice((scene.a, scene.b))
        data = laptop.seal(*(hostile(scene, laptop, chance) for _change in range(each)))
        outcomes = read(laptop.put(data), BatchResult).outcomes
        laptop.n, laptop.previous = laptop.n + 1, digest_of(data)
        answered += len(outcomes)
        refused += sum(outcome.status is Status.REFUSED for outcome in outcomes)
    assert 0 < refused < answered
    check_proof(centre, scene.a, scene.b)
    survived(answered, of=count, control=f"{answered - refused} of them were well formed enough to be taken")


def test_a_conflict_about_a_person_is_not_taken_out_of_a_case_it_never_had(centre: CentreUnderTest) -> None:
    scene = scene_of(centre).referred()
    other = centre.device("A")
    for laptop, name in ((scene.a, "Siti A"), (other, "Siti B")):
        laptop.push(laptop.edit("person", scene.siti, base_rev=scene.rev[scene.siti], name=name))
    scene.b.pull()
    [conflict] = [row for row in scene.b.rows[scene.b.office].values() if row.kind == "conflict"]
    codes = []
    for laptop in (scene.b, other):
        for value in (None, ""):
            change = laptop.edit("conflict", conflict.record.hex(), base_rev=conflict.rev, case_id=value)
            codes.append(laptop.push(change)[0].code)
    assert codes == ["outside_view", "shape", "", "shape"]


@pytest.mark.parametrize("key", ["subject", "about_id", "person_id", "tomorrow"])
def test_a_list_in_the_place_of_a_link_is_one_refusal(centre: CentreUnderTest, key: str) -> None:
    laptop = centre.device("A")
    case = laptop.make("case", number="1")
    outcomes = laptop.push(case, laptop.make("note", case=case.record.hex(), text="x", **{key: ["x"]}))
    assert outcomes[0].status is Status.ACCEPTED
