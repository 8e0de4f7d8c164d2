"""Files for one reader: age, to an X25519 key. A device needs no key besides its own: age writes it its own way."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from app.lazy import lazy

if TYPE_CHECKING:
    import pyrage
else:
    pyrage = lazy("pyrage")

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_TURNS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_NAME = 16


def new_identity() -> str:
    """A fresh secret key, as age writes it."""
    return str(pyrage.x25519.Identity.generate())


def public_of(identity: str) -> str:
    """The recipient that belongs to a secret key. ValueError if it is none."""
    try:
        return str(pyrage.x25519.Identity.from_str(identity).to_public())
    except pyrage.IdentityError as error:
        raise ValueError("no age identity") from error


def recipient_of(box_public: bytes) -> str:
    """An X25519 public key as age writes it."""
    return _bech32("age", box_public)


def identity_of(box_private: bytes) -> str:
    """An X25519 private key as age writes it."""
    return _bech32("age-secret-key-", box_private).upper()


def seal(data: bytes, *, recipient: str) -> bytes:
    """What only this recipient opens. ValueError if it is none."""
    try:
        return bytes(pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(recipient)]))
    except (pyrage.RecipientError, pyrage.EncryptError) as error:
        raise ValueError("no age recipient") from error


def unseal(sealed: bytes, *, identities: tuple[str, ...]) -> bytes | None:
    """The content; None when it is for somebody else. ValueError when the bytes are not whole or not an age file."""
    try:
        return bytes(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(each) for each in identities]))
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            return None
        raise ValueError("not a whole age file") from error


def name_of(sealed: bytes) -> bytes:
    """How a sealed file is called in what is said about it: 16 bytes of its hash."""
    return hashlib.blake2b(sealed, digest_size=_NAME).digest()


def _bech32(prefix: str, data: bytes) -> str:
    """BIP 173, as age writes keys."""
    bits = int.from_bytes(data, "big") << (-len(data) * 8 % 5)
    count = -(-len(data) * 8 // 5)
    values = [bits >> 5 * (count - 1 - place) & 31 for place in range(count)]
    head = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    check = _polymod([*head, *values, 0, 0, 0, 0, 0, 0]) ^ 1
    tail = [check >> 5 * (5 - place) & 31 for place in range(6)]
    return prefix + "1" + "".join(_LETTERS[value] for value in (*values, *tail))


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, turn in enumerate(_TURNS):
            check ^= turn if top >> place & 1 else 0
    return check
