"""The growing delay after wrong passwords, kept in a file so that it outlives the program.

It slows whoever sits at the keyboard, whichever name they try. It does not stop a thief who copies the
files (the cost of Argon2id does), so a missing or unreadable file simply means no delay.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.errors import DiskFull, WrongPassword
from app.i18n import _, ngettext
from app.vault.files import ATTEMPTS, write_whole

Clock = Callable[[], datetime]
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
DELAYS = (0, 0, 0, 5, 15, 30, 60, 300, 900)


@dataclass(frozen=True)
class Attempts:
    """How many tries failed in a row, and when the last of them was."""

    failures: int = 0
    last: datetime = NEVER

    @classmethod
    def read(cls, directory: Path) -> Attempts:
        """What the file says; no failures when it says nothing usable."""
        try:
            told = json.loads((directory / ATTEMPTS).read_bytes())
            return cls(min(max(int(told["failures"]), 0), 10_000), datetime.fromisoformat(told["last"]).astimezone(UTC))
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return cls()

    def wait_seconds(self, moment: datetime) -> int:
        """Whole seconds until the next try; a clock set back cannot make it longer than the step itself."""
        if self.failures == 0:
            return 0
        delay = DELAYS[min(self.failures, len(DELAYS)) - 1]
        left = timedelta(seconds=delay) - (moment - self.last)
        return max(0, min(delay, -(-left // timedelta(seconds=1))))


def count_try(directory: Path, *, now: Clock) -> int:
    """Record a try as failed BEFORE it is made, so that killing the program wins no free guess; returns the next wait.

    Raises WrongPassword while the delay of the earlier tries still runs.
    """
    before, moment = Attempts.read(directory), now()
    left = before.wait_seconds(moment)
    if left:
        raise _too_soon(left)
    after = Attempts(before.failures + 1, moment)
    told = json.dumps({"failures": after.failures, "last": moment.astimezone(UTC).isoformat()})
    with suppress(DiskFull):  # a full disk may not keep anybody from their records
        write_whole(directory / ATTEMPTS, told.encode())
    return after.wait_seconds(moment)


def forget_tries(directory: Path) -> None:
    """The password was right: the next person starts without a delay."""
    (directory / ATTEMPTS).unlink(missing_ok=True)


def wrong_password(wait: int) -> WrongPassword:
    """The sentence with the wait in it."""
    if wait == 0:
        return WrongPassword(_("The password is not right. Check the name and the keyboard and try again."))
    told = ngettext(
        "The password is not right. The next try is possible in {n} second.",
        "The password is not right. The next try is possible in {n} seconds.",
        wait,
    )
    return WrongPassword(told.format(n=wait), wait)


def _too_soon(wait: int) -> WrongPassword:
    told = ngettext(
        "There were several wrong tries, so this one was not made. The next is possible in {n} second.",
        "There were several wrong tries, so this one was not made. The next is possible in {n} seconds.",
        wait,
    )
    return WrongPassword(told.format(n=wait), wait)
