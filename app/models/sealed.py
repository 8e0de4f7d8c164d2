"""Sealed values: what a SENSITIVE field holds everywhere but in front of a person who is cleared.

A token is text: 'sealed:1:' and base64url of the key's name (8 bytes) and the ciphertext. A set of codes is a set of
tokens. Here is only the form; the cryptography is the vault's, the keys are the services'.
"""

import base64
import binascii
import re
from typing import Any, Final, Protocol

PREFIX = "sealed:1:"
KID_BYTES = 8
MAX_TOKEN = 1_200_000  # 100,000 characters of four bytes, padded, in base64
_FORM = re.compile(r"sealed:1:[A-Za-z0-9_-]+={0,2}")


class Hidden:
    """Stands in a read value for a sealed one that this person, or this laptop, has no key to."""

    def __repr__(self) -> str:
        return "HIDDEN"

    def __bool__(self) -> bool:
        return True  # a value is there


HIDDEN: Final = Hidden()


class Sealer(Protocol):
    """Seals a wire value of one field of one record: (kind, id, key) say where it stands and it opens nowhere else."""

    def seal(self, place: tuple[str, str, str], value: Any, *, subject: tuple[str, str], held: Any = None) -> Any:
        """A token, or a sorted list of tokens for a list. `subject` is ('case' | 'person', id): whose key it is.

        `held` is what the field holds now: what stays the same keeps its token. Nothing, and what is a token already,
        comes back as it is. Forbidden for who may not change sealed values.
        """


def is_token(value: object) -> bool:
    """Whether this text has the form of a sealed value."""
    return isinstance(value, str) and len(value) <= MAX_TOKEN and _FORM.fullmatch(value) is not None


def is_sealed(value: object) -> bool:
    """The same for a single value or a list of them; nothing at all counts as sealed."""
    if isinstance(value, list | tuple):
        return all(is_token(one) for one in value)
    return value is None or is_token(value)


def token(kid: bytes, box: bytes) -> str:
    """The token of a ciphertext under the key of this name."""
    return PREFIX + base64.urlsafe_b64encode(kid + box).decode()


def parts(told: str) -> tuple[bytes, bytes]:
    """(name of the key, ciphertext) of a token. ValueError if it is none."""
    try:
        raw = base64.b64decode(told.removeprefix(PREFIX), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not a sealed value") from None
    if not told.startswith(PREFIX) or len(raw) <= KID_BYTES:
        raise ValueError("not a sealed value")
    return raw[:KID_BYTES], raw[KID_BYTES:]
