"""A password on what leaves, with generated words that can be read out over the telephone.

A PDF carries its own lock: AES-256, revision 6. Sheets and data have none worth the name, so they travel inside an age
file (docs/adr/0011).
"""

from __future__ import annotations

import io
import secrets
from functools import lru_cache

import pikepdf
import pyrage

from app.errors import Invalid
from app.i18n import _
from app.paths import resource

WORDS = 6  # of a list of at least 2,048: at least 66 bits
_PERMISSIONS = pikepdf.Permissions(
    accessibility=True, extract=False, modify_annotation=False, modify_assembly=False, modify_form=False,
    modify_other=False, print_lowres=True, print_highres=True,
)  # fmt: skip


@lru_cache
def word_list() -> tuple[str, ...]:
    """Short common Indonesian words without doubles, sorted."""
    return tuple(resource("wordlist.txt").read_text(encoding="ascii").split())


def passphrase() -> str:
    """Six random words: 'kayu-lampu-...'. Each is drawn evenly from the whole list."""
    return "-".join(secrets.choice(word_list()) for _n in range(WORDS))


def protect(pdf: bytes, password: str) -> bytes:
    """The file encrypted so that it opens with this password only. ValueError for an empty one.

    The owner's password is random and kept nowhere: nobody lifts the permissions without breaking the file.
    """
    if not password:
        raise ValueError("a protected file needs a password")
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        lock = pikepdf.Encryption(
            user=password, owner=secrets.token_hex(32), R=6, aes=True, metadata=True, allow=_PERMISSIONS
        )
        file.save(target, encryption=lock)
    return target.getvalue()


def enclose(data: bytes, password: str) -> bytes:
    """The bytes inside a standard age file that opens with this passphrase only. ValueError for an empty one."""
    if not password:
        raise ValueError("a protected file needs a password")
    return bytes(pyrage.passphrase.encrypt(data, password))


def disclose(data: bytes, password: str) -> bytes:
    """What an age file holds. Invalid if the words are wrong, or it is none."""
    try:
        return bytes(pyrage.passphrase.decrypt(data, password))
    except (pyrage.DecryptError, ValueError, OSError):
        message = _("These words do not open the file, or it is no age file.")
        raise Invalid(message, [("passphrase", message)]) from None
