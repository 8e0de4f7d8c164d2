"""What attacks and faults share: their size, and the record of what was tried and what held.

    def test_a_bit_flipped_anywhere_is_noticed(tries: Tries, survived: Survived) -> None:
        count = tries(ci=150, full=5_000)                       # 5,000 under `make attack`
        ...
        survived(repelled, of=count, control="unverified, 150 of 150 flips went unnoticed")

`survived` fails the test if one attack got through. Whoever asks for it is part of `make attack`, wherever the test
lives: with NAUNGAN_ATTACK=full every other test is left out. NAUNGAN_ATTACK_OUT names a file that gets one JSON line
per test. The control says what the attack does when the defence is off: a test that cannot turn red proves nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from typing import Any, Protocol

import pytest

FULL = os.environ.get("NAUNGAN_ATTACK") == "full"
_NOTES = pytest.StashKey[dict[str, Any]]()


class Tries(Protocol):
    """How often to try: a little in `make test`, much in `make attack`."""

    def __call__(self, ci: int, full: int) -> int: ...


class Survived(Protocol):
    """Report what held."""

    def __call__(self, repelled: int, *, of: int, control: str) -> None: ...


@pytest.fixture
def tries() -> Tries:
    """The size of this run."""
    return lambda ci, full: full if FULL else ci


@pytest.fixture
def survived(request: pytest.FixtureRequest) -> Survived:
    """Tell how many attacks were repelled, out of how many, and what the positive control showed. Once per test."""

    def tell(repelled: int, *, of: int, control: str) -> None:
        assert _NOTES not in request.node.stash, "an attack reports once"
        assert control, "say what happens when the defence is off"
        request.node.stash[_NOTES] = {"tries": of, "survived": repelled, "control": control}
        assert of > 0, "nothing was tried"
        assert repelled == of, f"{of - repelled} of {of} got through"

    return tell


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A full run is of attacks alone."""
    if FULL:
        others = [item for item in items if "survived" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """One JSON line for each attack: written where it ran, so that a run cut short keeps what it has."""
    report = yield
    path = os.environ.get("NAUNGAN_ATTACK_OUT")
    ended = call.when == "call" or report.outcome != "passed"
    if path and ended and "survived" in getattr(item, "fixturenames", ()):
        line = {"name": item.nodeid, "outcome": report.outcome, "seconds": round(call.duration, 2)}
        with open(path, "a", encoding="utf-8") as out:
            out.write(json.dumps(line | item.stash.get(_NOTES, {}), ensure_ascii=False) + "\n")
    return report
