"""Links, clocks, sticks and windows that fail at the worst moment: old or new, never neither, nothing is lost."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from app.errors import Invalid, KnownError, NetworkDown, WorkspaceBusy
from app.services import cases
from app.services.audit_check import verify
from app.vault import restoring
from app.vault.backup import back_up
from app.vault.instance_lock import InstanceLock
from tests.attacks import Survived, Tries
from tests.sync.country import Country, new_case, of_scope
from tests.sync.laptops import Laptop
from tests.sync.proxy import Link, link_to
from tests.sync.test_broken_links import agree
from tests.vault import arena
from tests.vault.arena import founded, now, whole
from tests.vault.offices import PASSWORD, Office

linux = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks, as the arena does")


def exchange(country: Country, laptop: Laptop, case_id: str, *, turn: int, link: Link) -> bool:
    """One small change carried over the link; whether the link broke. What stops a sync is always a known error."""
    country.clock.forward(seconds=30)
    cases.change_case(laptop.desk, case_id, {"risk": ("LOW", "MEDIUM", "HIGH")[turn % 3]})
    report = country.sync(laptop, url=link.url)
    assert report.problem is None or isinstance(report.problem, NetworkDown)
    assert report.green == (report.problem is None)
    return link.broken


@pytest.mark.parametrize("first", [0, 1], ids=["even bytes", "odd bytes"])
def test_a_sync_cut_at_every_byte_of_the_exchange_loses_nothing_and_doubles_nothing(
    country: Country, first: int, tries: Tries, survived: Survived
) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    country.settle(one, two)
    every, cut, broken, turn = tries(ci=128, full=2), first, True, 0
    with link_to(country.centre.base_url) as link:
        while broken:
            link.mend(cut_at=cut)
            broken = exchange(country, one, case_id, turn=turn, link=link)
            if broken:  # another link: what waits goes over, once
                assert country.sync(one).green, f"after a cut at byte {cut}"
                assert one.operations()[-1].result == "accepted"
                cut, turn = cut + every, turn + 1
        carried = link.up + link.down
    assert cut >= carried > 2_000, "the last exchange was not cut, so every byte of it was tried"
    agree(country, one, two)
    assert of_scope(one, one.actor.office) == of_scope(two, two.actor.office)
    survived(turn, of=turn, control=f"not cut, the same exchange is green after {carried:,} bytes")


def test_clock_jumps_lose_nothing_and_break_no_chain(country: Country, tries: Tries, survived: Survived) -> None:
    """Back a year, ahead a month, between any two steps: what was saved stays, is sent once, and follows."""
    one, two = country.laptop("a1"), country.laptop("a2")
    country.settle(one, two)
    chance, count, held = random.Random(3), tries(ci=12, full=120), 0
    for turn in range(count):
        country.clock.forward(seconds=chance.choice((-3600, -86_400, -1, 0, 59, 3600, 7 * 86_400)))
        laptop = (one, two)[turn % 2]
        case_id = new_case(laptop)
        country.clock.forward(hours=chance.choice((-30, 0, 30)))
        cases.change_case(laptop.desk, case_id, {"risk": "LOW"})
        country.sync(laptop)
        held += laptop.get(cases.Case, case_id).risk == "LOW"  # type: ignore[union-attr]
    agree(country, one, two)
    assert verify(one.desk) == () and verify(two.desk) == ()
    assert one.count(cases.Case) == two.count(cases.Case) == count
    survived(held, of=count, control="every case is on both laptops and at the centre, and both chains follow")


@contextmanager
def at_call(step: int, deed: Callable[[], object]) -> Iterator[list[int]]:
    """Do this right before the step-th call into the system or the database; the list counts how far it came."""
    made = [0]

    def count(_frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and arena._is_call_out(called):
            if made[0] == step:
                sys.setprofile(None)
                deed()
            made[0] += 1

    sys.setprofile(count)
    try:
        yield made
    finally:
        sys.setprofile(None)


@linux
@pytest.mark.parametrize("action", ["copying", "restoring"])
def test_a_stick_pulled_at_any_moment(tmp_path: Path, action: str, tries: Tries, survived: Survived) -> None:
    office, stick, pocket = founded(tmp_path), tmp_path / "stick", tmp_path / "pocket"
    with office.unlock() as workspace:
        made = back_up(workspace, now=now)
    stick.mkdir()
    carried = restoring.save_copy(made.path, folder=stick)
    target = tmp_path / "target"

    def act() -> None:
        if action == "copying":
            restoring.save_copy(made.path, folder=stick)
        else:
            restoring.restore(carried, into=target, login="sari", password=PASSWORD, now=now)

    step, told = 0, 0
    for step in range(0, 10_000, tries(ci=7, full=1)):
        with suppress(FileNotFoundError):
            shutil.rmtree(target)
        failed = _pulled(act, step, stick=stick, pocket=pocket)
        told += failed is not None
        pulled = pocket.exists()
        if pulled:
            pocket.rename(stick)
        _is_whole_after(office, stick, target=target, done=failed is None)
        if not pulled:
            break
    assert told, "else it was never pulled while something was under way"
    act_again = replace(office, directory=target)
    if action == "restoring":
        with act_again.unlock() as workspace:
            whole(workspace)
    survived(step, of=step, control=f"{told} times it failed, each time in words; in place it goes through")


def _pulled(act: Callable[[], None], step: int, *, stick: Path, pocket: Path) -> KnownError | None:
    """What the program says when the stick goes at this step; anything but a known error breaks the test."""
    with at_call(step, lambda: stick.rename(pocket)):
        try:
            act()
        except (KnownError, Invalid) as error:
            return error  # type: ignore[return-value]
    return None


def _is_whole_after(office: Office, stick: Path, *, target: Path, done: bool) -> None:
    with office.unlock() as workspace:
        whole(workspace)
    for copy in stick.iterdir():
        if "unfinished" not in copy.name:
            assert {each.name for each in copy.iterdir()} >= {"naungan.keys"}, "what is named a copy is a whole one"
    assert target.exists() or not done or any(stick.iterdir())
    assert not list(target.parent.glob("*.restoring"))


@linux
def test_of_many_windows_at_once_one_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tries: Tries, survived: Survived
) -> None:
    office, rounds = founded(tmp_path), tries(ci=4, full=100)
    single = sum(_windows_at_once(office) == 1 for _round in range(rounds))
    office.unlock().close()
    monkeypatch.setattr(InstanceLock, "take", classmethod(lambda cls, _directory: cls(os.dup(0))))
    unguarded = _windows_at_once(office, in_turn=True)
    assert unguarded > 1
    survived(single, of=rounds, control=f"without the lock {unguarded} of 4 are in at the same time")


def _windows_at_once(office: Office, count: int = 4, *, in_turn: bool = False) -> int:
    """How many of these processes have it open at the same moment."""
    go, told, leave = os.pipe(), os.pipe(), os.pipe()
    children = [_window(office, go, told=told, leave=leave) for _n in range(count)]
    answers = b""
    while len(answers) < count:
        if in_turn or not answers:
            os.write(go[1], b"g" if in_turn else b"g" * count)
        answers += os.read(told[0], count)
    os.write(leave[1], b"l" * count)
    for child in children:
        os.waitpid(child, 0)
    for each in (*go, *told, *leave):
        os.close(each)
    return answers.count(b"i")


def _window(office: Office, go: tuple[int, int], *, told: tuple[int, int], leave: tuple[int, int]) -> int:
    child = os.fork()
    if child == 0:
        answer = b"x"
        try:
            os.read(go[0], 1)
            workspace = office.unlock()
            answer = b"i"
        except WorkspaceBusy:
            answer = b"b"
        finally:
            os.write(told[1], answer)
            os.read(leave[0], 1)
            if answer == b"i":
                with suppress(Exception):  # unguarded, four of them close one file
                    workspace.close()
            os._exit(0)
    return child
