"""Every step of a referral, from wherever it stands, by whoever may take it and by everybody else: rule and centre."""

from __future__ import annotations

import pytest

from app.models.codelist import codelist
from app.models.course import CENTRE
from app.models.ids import new_id
from app.models.referral import COURSE, RECIPIENT, SENDER
from app.wire.messages import Change, Outcome, Status
from tests.central.scene import GOOD, Scene, check_proof, scene_of
from tests.centre import CentreUnderTest
from tests.models.test_rules import steps

# Written down once more, as the office reads it: where it stands -> who may do what.
MAY: dict[str, dict[str, str]] = {
    "": {SENDER: "DRAFT SENT"},
    "DRAFT": {SENDER: "SENT WITHDRAWN"},
    "SENT": {SENDER: "WITHDRAWN", RECIPIENT: "ACCEPTED DECLINED", CENTRE: "DELIVERED"},
    "DELIVERED": {SENDER: "WITHDRAWN", RECIPIENT: "ACCEPTED DECLINED"},
    "ACCEPTED": {RECIPIENT: "IN_PROGRESS COMPLETED RETURNED"},
    "IN_PROGRESS": {RECIPIENT: "COMPLETED RETURNED"},
    "DECLINED": {}, "WITHDRAWN": {}, "COMPLETED": {}, "RETURNED": {},
}  # fmt: skip
# How a referral gets there: what the sender does, then the recipient.
PATHS: dict[str, tuple[str, str]] = {
    "": ("", ""), "DRAFT": ("DRAFT", ""), "SENT": ("SENT", ""), "DELIVERED": ("SENT", ""),
    "ACCEPTED": ("SENT", "ACCEPTED"), "IN_PROGRESS": ("SENT", "ACCEPTED IN_PROGRESS"),
    "DECLINED": ("SENT", "DECLINED"), "WITHDRAWN": ("DRAFT SENT WITHDRAWN", ""),
    "COMPLETED": ("SENT", "ACCEPTED COMPLETED"), "RETURNED": ("SENT", "ACCEPTED RETURNED"),
}  # fmt: skip
ALL = tuple(entry.code for entry in codelist("referral_step").codes)
A, B, PAPER = "by the sender", "by the recipient", "by the sender, of a paper answer"
SIDES = {A: SENDER, B: RECIPIENT, PAPER: RECIPIENT}


def may(state: str, step: str, side: str) -> bool:
    return step in MAY[state].get(side, "").split()


@pytest.mark.parametrize("state", MAY)
def test_the_rule_takes_what_is_allowed_and_calls_the_rest_late(state: str) -> None:
    wanted = set(" ".join(MAY[state].values()).split())
    assert {step for origin, step in COURSE.transitions if origin == state} == wanted
    first, then = PATHS[state]
    path = [(step, SENDER) for step in first.split()] + [(step, RECIPIENT) for step in then.split()]
    path += [("DELIVERED", CENTRE)] if state == "DELIVERED" else []
    for step in ALL:
        for side in (SENDER, RECIPIENT, CENTRE, ""):
            found = COURSE.state_of(steps(*path, (step, side)))
            allowed = may(state, step, side)
            assert (found.step, len(found.late)) == ((step, 0) if allowed else (state, 1)), (state, step, side)


class Trial:
    """One referral of the scene that stands somewhere, and one step or several that are tried from there."""

    def __init__(self, scene: Scene, state: str, by: str, *tries: str) -> None:
        self.scene, self.state, self.by, self.tries, self.referral = scene, state, by, tries, new_id()

    def take(self, by: str, taken: str) -> list[Change]:
        """These steps of this referral."""
        self.scene.referral = self.referral
        laptop, on_paper = (self.scene.b if by == B else self.scene.a), {"on_paper": True} if by == PAPER else {}
        return [self.scene.step(laptop, step, **on_paper) for step in taken.split()]


def trials(scene: Scene) -> list[Trial]:
    """What is possible, each from a referral of its own; what is not, all of it from one."""
    found = []
    for state in MAY:
        for by, side in SIDES.items():
            found += [Trial(scene, state, by, step) for step in ALL if may(state, step, side)]
            found.append(Trial(scene, state, by, *(step for step in ALL if not may(state, step, side))))
    return found


def test_the_centre_takes_what_is_allowed_and_keeps_the_rest_as_late(centre: CentreUnderTest) -> None:
    scene = scene_of(centre)
    scene.register()
    every = trials(scene)
    scene.send(scene.a, scene.consents())
    arrived = [one for one in every if one.state == "DELIVERED"]
    begun(scene, arrived)
    check_proof(centre, scene.b)  # now the centre says of these that they were delivered
    begun(scene, [one for one in every if one.state != "DELIVERED"])
    scene.b.pull()
    answered = [change for one in every for change in one.take(B, PATHS[one.state][1])]
    assert {outcome.status for outcome in scene.send(scene.b, *answered)} <= set(GOOD)
    for by in SIDES:
        tried = [one for one in every if one.by == by]
        changes = [change for one in tried for change in one.take(by, " ".join(one.tries))]
        outcomes = iter(scene.send(scene.b if by == B else scene.a, *changes))
        for one in tried:
            for step in one.tries:
                assert_answer(one, step, next(outcomes))
    check_proof(centre, scene.a, scene.b)


def begun(scene: Scene, some: list[Trial]) -> None:
    """The referrals, and how far the sender takes them."""
    made = [scene.refers(record=one.referral) for one in some]
    made += [change for one in some for change in one.take(A, PATHS[one.state][0])]
    assert {outcome.status for outcome in scene.send(scene.a, *made)} <= set(GOOD)


def assert_answer(one: Trial, step: str, outcome: Outcome) -> None:
    """Taken; late; or, of a referral that the recipient cannot know of yet, kept waiting."""
    told = (one.state or "nothing", one.by, step, outcome)
    if may(one.state, step, SIDES[one.by]):
        assert outcome.status in GOOD, told
    elif one.by == B and one.state in ("", "DRAFT"):
        assert outcome.status is Status.HELD, told
    else:
        assert (outcome.status, outcome.code) == (Status.CONFLICT, "late_step"), told
