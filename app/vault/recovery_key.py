"""A recovery key on paper: an age identity in groups of four letters, each line with a check group of its own.

    AGE-SECRET-KEY-1    GRVE QWK9 VJDC PEDC    7X2M
                        ...

The prefix stands on the sheet and need not be typed; capital and small letters, spaces and dashes do not matter. What
is typed with its check groups says in which line a mistake is; without them age's own checksum says that there is one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import UserError
from app.i18n import _
from app.lazy import lazy

if TYPE_CHECKING:
    import pyrage
else:
    pyrage = lazy("pyrage")

PREFIX = "AGE-SECRET-KEY-1"
LETTERS = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"
LENGTH, LINE, GROUP = 58, 16, 4
LINES = -(-LENGTH // LINE)


@dataclass(frozen=True)
class RecoveryKey:
    """A fresh pair. `secret` is for the sheet alone and is kept nowhere."""

    public: str
    secret: str

    def __repr__(self) -> str:
        return f"RecoveryKey({self.public})"


def new_key() -> RecoveryKey:
    """A new recovery key."""
    identity = pyrage.x25519.Identity.generate()
    return RecoveryKey(str(identity.to_public()), str(identity))


def lines_of(secret: str) -> tuple[tuple[str, str], ...]:
    """The key as it stands on the sheet: (groups of four, check group) per line, without the prefix."""
    letters = secret.removeprefix(PREFIX)
    parts = [letters[start : start + LINE] for start in range(0, len(letters), LINE)]
    return tuple((" ".join(_groups(part)), _check(part, n)) for n, part in enumerate(parts, 1))


def from_typed(typed: str) -> str:
    """The key behind what was typed, with or without prefix and check groups. UserError says what is wrong."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    letters = letters.removeprefix(PREFIX.replace("-", ""))
    if len(letters) == LENGTH + LINES * GROUP:
        letters = _checked(letters)
    if len(letters) != LENGTH or set(letters) - set(LETTERS):
        raise UserError(_("This is not a recovery key. Type it as it stands on the sheet."))
    secret = PREFIX + letters
    public_of(secret)
    return secret


def public_of(secret: str) -> str:
    """The public half. UserError when age's own checksum does not fit."""
    try:
        return str(pyrage.x25519.Identity.from_str(secret).to_public())
    except pyrage.IdentityError as error:
        raise UserError(_("There is a mistake in the recovery key. Compare it with the sheet.")) from error


def _checked(letters: str) -> str:
    found, place, n = "", 0, 1
    while len(found) < LENGTH:
        size = min(LINE, LENGTH - len(found))
        part, check = letters[place : place + size], letters[place + size : place + size + GROUP]
        if check != _check(part, n):
            raise UserError(_("There is a mistake in line {n} of the recovery key.").format(n=n))
        found, place, n = found + part, place + size + GROUP, n + 1
    return found


def _groups(part: str) -> list[str]:
    return [part[start : start + GROUP] for start in range(0, len(part), GROUP)]


def _check(part: str, n: int) -> str:
    digest = hashlib.sha256(f"naungan recovery line {n} {part}".encode()).digest()
    return "".join(LETTERS[byte % 32] for byte in digest[:GROUP])
