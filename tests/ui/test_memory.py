"""After the lock nothing of a case stands in memory: the process's own is read, byte by byte."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.context import Context
from app.services.intake import take
from tests.attacks import Survived
from tests.conftest import Clock
from tests.worlds import GIRL, PASSWORD, intake

PASSPHRASE = "layang biru menunggu hujan reda"  # in no file of the program, unlike the words of the other tests
VICTIM = "Rukmini Handayaningsih"
NEEDLES = tuple(words.encode(code) for words in (PASSPHRASE, VICTIM) for code in ("utf-8", "utf-16-le", "utf-32-le"))
ROOT = Path(__file__).resolve().parents[2]


def memory_of(process: subprocess.Popen[str]) -> Iterator[bytes]:
    """Every readable stretch of a process's memory."""
    maps = Path(f"/proc/{process.pid}/maps").read_text().splitlines()
    with open(f"/proc/{process.pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, may = line.split()[:2]
            begin, end = (int(number, 16) for number in span.split("-"))
            if may.startswith("r") and not line.endswith("[vvar]") and begin < 1 << 63:
                with suppress(OSError):  # a stretch of the kernel's, or one that went away meanwhile
                    memory.seek(begin)
                    yield memory.read(end - begin)


def found_in(process: subprocess.Popen[str]) -> set[bytes]:
    """Which of the needles stand in it."""
    return {needle for part in memory_of(process) for needle in NEEDLES if needle in part}


@pytest.fixture
def case_of_a_victim(context: Context) -> tuple[Path, str]:
    """A locked workspace that opens with the passphrase of this test, and its case."""
    context.workspace.change_password(old=PASSWORD, new=PASSPHRASE)
    case_id = take(context.desk, intake(victim={**GIRL, "name": VICTIM})).id
    context.close()
    return context.workspace.directory, case_id


@pytest.fixture
def program(case_of_a_victim: tuple[Path, str], clock: Clock) -> Iterator[subprocess.Popen[str]]:
    """The program, showing that case."""
    folder, case_id = case_of_a_victim
    words = [sys.executable, "-m", "tests.ui.locking_child", str(folder), case_id, clock().isoformat()]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None
        process.stdin.write(PASSPHRASE + "\n")
        process.stdin.flush()
        yield process
        process.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read through /proc")
def test_neither_a_victims_name_nor_the_password_outlives_the_lock(
    program: subprocess.Popen[str], survived: Survived
) -> None:
    assert program.stdin is not None and program.stdout is not None
    assert program.stdout.readline() == "open\n"
    try:
        before = found_in(program)
    except PermissionError:
        pytest.skip("the kernel forbids reading another process's memory")
    assert VICTIM.encode() in before and PASSPHRASE.encode() in before, "the search finds what is there"
    program.stdin.write("lock\n")
    program.stdin.flush()
    assert program.stdout.readline() == "door\n"
    assert found_in(program) == set()
    assert program.poll() is None, "the same process, begun anew"
    control = f"before the lock {len(before)} of {len(NEEDLES)} dresses of name and password stand in memory"
    survived(len(NEEDLES), of=len(NEEDLES), control=control)
