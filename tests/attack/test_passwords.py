"""No password but the right one, at any door of the vault, and the wait after wrong ones grows."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.errors import WrongPassword
from app.vault import restoring
from app.vault.attempts import DELAYS
from app.vault.backup import back_up
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault, Workspace
from tests.attack.near_misses import near_misses
from tests.attacks import Survived, Tries
from tests.conftest import Clock

RIGHT, SECOND = "rumah Kak\u00e9k di D\u00e9sa 7", "empat kata acak sekali"
FORMS = [unicodedata.normalize(form, RIGHT) for form in ("NFC", "NFD", "NFKC", "NFKD")] + [RIGHT.replace(" ", "\u00a0")]
VAULT = Vault(cost=CHEAPEST)


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Path:
    """A closed workspace of two people."""
    who = {"login": "sari", "name": "Sari Dewi", "role": "SUPERVISOR"}
    with VAULT.create(tmp_path / "ws", **who, password=RIGHT, now=clock) as made:
        made.add_user(login="budi", name="Budi", role="SOCIAL_WORKER", password=SECOND)
    return tmp_path / "ws"


def test_no_near_miss_opens_any_door_and_the_wait_grows(
    office: Path, clock: Clock, tries: Tries, survived: Survived
) -> None:
    wrong = near_misses(RIGHT, SECOND, "sari", "Sari Dewi", "budi", "naungan", "password", CHEAPEST.__repr__())
    chosen = list(dict.fromkeys([*wrong[:: tries(ci=24, full=1)], RIGHT + "\x00", RIGHT + "\ud800"]))
    tried, held = 0, 0
    with VAULT.unlock(office, login="sari", password=RIGHT, now=clock) as workspace:
        for door in _inside(workspace):
            tried += len(chosen)
            held += sum(_refused(door, password) for password in chosen)
        backup = back_up(workspace, now=clock).path
    for login in ("sari", "SARI ", "budi", "nobody"):
        few = chosen if login == "sari" else [RIGHT.upper(), *chosen[::9]]
        few = [one for one in few if (login, one) != ("budi", SECOND)]
        waits = [_at_the_door(office, login, password, clock) for password in few]
        tried, held = tried + len(waits), held + sum(wait is not None for wait in waits)
    new = office.with_name("restored")
    for password in chosen:
        tried += 1
        held += _refused(lambda p: restoring.restore(backup, into=new, login="sari", password=p, now=clock), password)
    assert not new.exists()
    opened = sum(_opens(office, form, clock) for form in FORMS)
    assert opened == len(FORMS)
    control = f"the right one opened in {opened} of {len(FORMS)} forms that Unicode calls the same"
    survived(held, of=tried, control=control)


def _inside(workspace: Workspace) -> Iterator[Callable[[str], object]]:
    """What asks for the password again once somebody is in."""
    yield lambda password: workspace.change_password(old=password, new="lautan tenang di sore hari")
    yield lambda password: workspace.set_peppered(password, wanted=False)


def _refused(door: Callable[[str], object], password: str) -> bool:
    try:
        door(password)
    except WrongPassword:
        return True
    return False


def _at_the_door(office: Path, login: str, password: str, clock: Clock) -> int | None:
    """The wait that was told; None if it opened. Comes again when the wait is over."""
    try:
        VAULT.unlock(office, login=login, password=password, now=clock).close()
    except WrongPassword as refused:
        clock.forward(seconds=refused.wait_seconds)
        return refused.wait_seconds
    return None


def _opens(office: Path, password: str, clock: Clock) -> bool:
    VAULT.unlock(office, login="sari", password=password, now=clock).close()
    return True


def test_the_wait_grows_whoever_is_tried_and_no_try_comes_before_its_time(
    office: Path, clock: Clock, tries: Tries, survived: Survived
) -> None:
    wrong = near_misses(RIGHT)[: tries(ci=12, full=120)]
    logins = ("sari", "budi", "nobody")
    waits, early = [], 0
    for n, password in enumerate(wrong):
        with pytest.raises(WrongPassword) as refused:
            VAULT.unlock(office, login=logins[n % 3], password=password, now=clock)
        waits.append(refused.value.wait_seconds)
        if waits[-1]:
            clock.forward(seconds=waits[-1] - 1)
            with pytest.raises(WrongPassword) as sooner:  # even the right one
                VAULT.unlock(office, login="sari", password=RIGHT, now=clock)
            early += sooner.value.wait_seconds == 1
            clock.forward(seconds=1)
    due = [DELAYS[min(n, len(DELAYS) - 1)] for n in range(len(wrong))]
    assert waits == sorted(waits) and waits[-1] == DELAYS[-1]
    hours = sum(waits) / 3600
    assert _opens(office, RIGHT, clock), "after the wait the right one opens"
    held = sum(told == wait for told, wait in zip(waits, due, strict=True)) + early
    asked = len(wrong) + sum(wait > 0 for wait in due)
    survived(held, of=asked, control=f"{len(wrong)} tries took {hours:.1f} hours; then the right one opened at once")
