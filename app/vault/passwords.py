"""What a password must be: long, not a pattern, not one that everybody knows."""

from __future__ import annotations

import re

from app.errors import Invalid
from app.i18n import _
from app.vault.kdf import normal

SHORTEST = 15
LONGEST = 1024
FEWEST_WORDS = 4
FEWEST_DIFFERENT = 6
# Long enough to pass by length alone, and the first things a thief would try (Indonesian and international lists).
KNOWN = frozenset(
    {
        "passwordpassword", "passwordpassword1", "mypasswordpassword", "thisismypassword", "correcthorsebatterystaple",
        "qwertyuiopasdfghjkl", "qwertyuiopasdfgh", "qwertyuiop123456", "1qaz2wsx3edc4rfv", "zaq12wsxcde34rfv",
        "abcdefghijklmnop", "abcdefghijklmno", "abcdefghijklmnopqrstuvwxyz", "katasandikatasandi", "katasandi123456",
        "rahasiarahasia", "rahasiarahasiarahasia", "passwordrahasia", "indonesiamerdeka", "indonesiaraya1945",
        "indonesia17081945", "bismillahirrahmanirrahim", "bhinnekatunggalika", "akucintaindonesia", "iloveyouforever",
        "sayangkamuselamanya", "aadminadminadmin", "administrator123", "administratoradmin", "letmeinletmeinletmein",
        "satuduatigaempat", "satuduatigaempatlima", "onetwothreefour", "naungannaungan", "naungannaungannaungan",
    }
)  # fmt: skip
RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def check_password(password: str, *, login: str) -> None:
    """Raise Invalid with the reason, in words, unless the password may protect a workspace."""
    reason = _objection(normal(password), login=login)
    if reason:
        raise Invalid(reason, [("password", reason)])


def _objection(password: str, *, login: str) -> str:
    words = {word for word in re.split(r"[\s\-_.]+", password.casefold()) if len(word) > 2}
    if len(password) < SHORTEST and len(words) < FEWEST_WORDS:
        return _("Use at least {n} characters, or four unrelated words.").format(n=SHORTEST)
    if len(password) > LONGEST:
        return _("Use at most {n} characters.").format(n=LONGEST)
    bare = "".join(letter for letter in password.casefold() if letter.isalnum())
    if bare in KNOWN or len(set(password.casefold())) < FEWEST_DIFFERENT or _is_pattern(bare):
        return _("This password is too easy to guess. Use four unrelated words.")
    if login and len(bare.replace(login.casefold(), "")) < SHORTEST // 2:
        return _("The password may not be made of the sign-in name. Use four unrelated words.")
    return ""


def _is_pattern(bare: str) -> bool:
    """A short piece over and over ('abc123abc123abc123'), or mostly one run along the keyboard."""
    repeats = re.fullmatch(r"(.{1,8}?)\1+.{0,3}", bare) is not None
    longest = max(
        (size for run in RUNS for size in range(len(bare) + 1) if _has_run(bare, run=run, size=size)), default=0
    )
    return repeats or longest * 3 >= len(bare) * 2


def _has_run(bare: str, *, run: str, size: int) -> bool:
    return any(bare[start : start + size] in run for start in range(len(bare) - size + 1))
