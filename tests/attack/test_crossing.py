"""Two offices erase what they referred to each other, while others write into it: no deadlock, no word left, proof."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from app.wire.messages import Status
from tests.attacks import Survived, Tries
from tests.central.scene import check_proof
from tests.central.test_blobs import erasure_of
from tests.central.test_erasing import NEEDLE, Erasing
from tests.centre import CentreUnderTest, Laptop


def crossed(centre: CentreUnderTest) -> tuple[Erasing, Erasing]:
    """A case of A that B is shown, and one of B that A is shown."""
    there, back = Erasing(centre), Erasing(centre)
    there.fill()
    back.a, back.b = there.b, there.a
    back.fill()
    return there, back


def test_erasures_that_cross_with_each_other_and_with_work(
    centre: CentreUnderTest, tries: Tries, survived: Survived
) -> None:
    count, clean, late = tries(ci=2, full=25), 0, 0
    for _round in range(count):
        there, back = crossed(centre)
        assert there.found() == ["batch", "feed", "record"]
        outcomes: list[Status] = []
        more = [(centre.device(code), scene) for scene in (there, back) for code in ("A", "B")]
        errors = at_once(
            partial(erases, there), partial(erases, back),
            *(partial(writes, laptop, scene, outcomes) for laptop, scene in more),
        )  # fmt: skip
        assert errors == []
        late += Status.ERASED in outcomes and Status.ACCEPTED in outcomes
        clean += there.found() == []
        check_proof(centre, there.a, there.b, *(laptop for laptop, _scene in more))
    survived(clean, of=count, control=f"in {late} of {count} some work came before the erasures and some after")


def erases(scene: Erasing) -> None:
    """The owner's own laptop erases."""
    assert scene.a.push(erasure_of(scene.a, scene.case))[0].status is Status.ACCEPTED


def writes(laptop: Laptop, scene: Erasing, outcomes: list[Status]) -> None:
    """Another laptop writes into the case, again and again."""
    for _time in range(6):
        [outcome] = laptop.push(laptop.make("note", case=scene.case, text=NEEDLE))
        assert outcome.status in (Status.ACCEPTED, Status.ERASED, Status.MERGED), outcome
        outcomes.append(outcome.status)


def at_once(*calls: Callable[[], None]) -> list[BaseException]:
    """Run them all at the same time; what went wrong."""
    began, errors = threading.Barrier(len(calls)), list[BaseException]()

    def run(call: Callable[[], None]) -> None:
        began.wait()
        try:
            call()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors
