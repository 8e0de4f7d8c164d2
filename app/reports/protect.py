"""A password on a PDF: AES-256 (revision 6), with generated words that can be read out over the telephone."""

from __future__ import annotations

import io
import secrets
from functools import lru_cache

import pikepdf

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
