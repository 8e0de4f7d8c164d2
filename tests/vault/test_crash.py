"""kill -9 at any instant: old or new, never neither; nothing acknowledged is lost.

`NAUNGAN_EVERY_STEP=1 pytest tests/vault/test_crash.py` kills at every single call; by default at every call into the
system and at every twelfth into the database.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.vault.offices import ROOT

EVERY = "1" if os.environ.get("NAUNGAN_EVERY_STEP") else "12"
FEWEST = {"change": 8, "departing": 40, "founding": 15, "migrate": 30, "backing": 30, "restoring": 15, "replacing": 25}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the arena forks its victims")


@pytest.mark.parametrize("action", FEWEST)
def test_killed_in_the_middle(action: str, tmp_path: Path) -> None:
    assert _arena(action, tmp_path, EVERY) >= FEWEST[action], "else hardly a step was tried"


def test_killed_sixty_times_while_saving_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    assert _arena("save", tmp_path) > 300, "else hardly a save was acknowledged"


def _arena(*arguments: object) -> int:
    command = [sys.executable, "-m", "tests.vault.arena", *map(str, arguments)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return int(run.stdout)
