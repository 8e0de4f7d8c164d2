"""kill -9 at any instant: old or new, never neither; nothing acknowledged is lost.

`make attack` kills at every call that shows on the disk and at every twelfth into the database, `make test` at a third
of the calls that decide and at a few of the others.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks import FULL, Survived, Tries
from tests.vault.offices import ROOT

FEWEST = {"change": 8, "departing": 40, "founding": 15, "migrate": 30, "backing": 30, "restoring": 15, "replacing": 25}

# In the full run all of them; every day the one that the others rest on, as they take minutes.
OF_THE_KEYS = {"escrowing": 20, "withdrawing": 60, "recovering": 20, "upgrading": 15, "peppering": 30}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the arena forks its victims")


@pytest.mark.parametrize("action", FEWEST)
def test_killed_in_the_middle(action: str, tmp_path: Path, tries: Tries, survived: Survived) -> None:
    steps = _arena(action, tmp_path, tries(ci=24, full=12))
    assert steps >= FEWEST[action] // (1 if FULL else 3), "else hardly a step was tried"
    survived(steps, of=steps, control="each child died at its step, before the next call; the last came to its end")


@pytest.mark.parametrize("action", [each for each in OF_THE_KEYS if FULL or each == "escrowing"])
def test_killed_while_the_keys_change(action: str, tmp_path: Path, tries: Tries, survived: Survived) -> None:
    steps = _arena(action, tmp_path, tries(ci=1000, full=12), of="arena_keys")
    assert steps >= OF_THE_KEYS[action] // (1 if FULL else 3), "else hardly a step was tried"
    survived(steps, of=steps, control="each child died at its step, before the next call; the last came to its end")


def test_killed_while_saving_nothing_acknowledged_is_lost(tmp_path: Path, tries: Tries, survived: Survived) -> None:
    kills = tries(ci=60, full=500)
    saves = _arena("save", tmp_path, "1", kills)
    assert saves > 5 * kills, "else hardly a save was acknowledged"
    survived(kills, of=kills, control=f"{saves:,} saves were acknowledged before the kills, and all of them were found")


def _arena(*arguments: object, of: str = "arena") -> int:
    command = [sys.executable, "-m", f"tests.vault.{of}", *map(str, arguments)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return int(run.stdout)
