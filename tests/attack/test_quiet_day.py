"""A day at the laptop leaves no word of a person behind: not in a log, a report, a setting, a temporary file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attack.quiet_day_child import NEEDLE
from tests.attack.scanner import find_needles
from tests.attacks import Survived

LEFT_BY_PYTHON = {"PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT"}


@pytest.fixture
def day(tmp_path: Path, root: Path) -> tuple[Path, int]:
    """(everything that a day left, how many of its faults carried a needle)."""
    home, temporary, out = (tmp_path / name for name in ("home", "tmp", "out"))
    for folder in (home, temporary, out):
        folder.mkdir(mode=0o700)
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
    environ = {key: value for key, value in os.environ.items() if key in LEFT_BY_PYTHON}
    environ |= dict.fromkeys(names, str(home)) | {
        "TMPDIR": str(temporary), "TEMP": str(temporary), "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(root),
        "PYTHONFAULTHANDLER": "1", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    child = root / "tests" / "attack" / "quiet_day_child.py"
    with (out / "stdout").open("wb") as told, (out / "stderr").open("wb") as complained:
        done = subprocess.run(
            [sys.executable, str(child), str(tmp_path / "ws"), str(out)], env=environ, cwd=out, stdout=told,
            stderr=complained, timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode == 0, (out / "stderr").read_text(encoding="utf-8")[-2_000:]
    return tmp_path, int((out / "stdout").read_text(encoding="utf-8").split()[-1])


def test_a_day_leaves_no_word_of_a_person_behind(day: tuple[Path, int], survived: Survived) -> None:
    place, carried = day
    files = [path for path in place.rglob("*") if path.is_file()]
    assert {"workspace.db", "everything.log", "stderr"} <= {path.name for path in files}
    assert any(path.suffix == ".pdf" for path in files)
    assert (place / "out" / "stderr").stat().st_size > 1_000, "the reports were written"
    assert carried >= 8
    found = find_needles([place], [NEEDLE])
    assert not found, found[:9]
    (place / "home" / "planted.log").write_bytes(NEEDLE.encode("utf-16-le"))
    control = len(find_needles([place], [NEEDLE]))
    assert control == 1
    survived(
        carried - len(found), of=carried,
        control=f"{len(files)} files read; a needle planted as UTF-16 was found {control} time",
    )  # fmt: skip
