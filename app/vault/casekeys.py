"""The key of a case or a person: seals single values (AES-SIV) and hands itself over, sealed to an office's key.

AES-SIV is deterministic: equal values in one place give equal tokens, so that the merge works on what it cannot read.
A value is bound to its place (kind, record, field) and padded, so that a token neither moves nor tells its length.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.models.sealed import KID_BYTES, parts, token
from app.vault.boxes import seal_box
from app.vault.kdf import KEY_BYTES, wipe

Place = tuple[str, str, str]  # kind, record id, field key
Subject = tuple[str, str]  # 'case' | 'person', id
Sign = Callable[[bytes], bytes]

GRANT_DOMAIN: Final = b"naungan/1/key grant\x00"
_NAME: Final = b"naungan case key\x00"
_VALUES: Final = b"naungan/1/sealed values"
_SMALLEST = 32  # every code lands here
_TEXT = 64


class CaseKey:
    """Seals and opens the values of one subject; never shows itself but through `bare`."""

    __slots__ = ("_raw", "_siv", "kid")

    def __init__(self, raw: bytes | bytearray) -> None:
        if len(raw) != KEY_BYTES:
            raise ValueError("not a case key")
        self._raw = bytearray(raw)
        self._siv = AESSIV(self.derived(_VALUES, size=64))
        self.kid = hashlib.sha256(_NAME + bytes(raw)).digest()[:KID_BYTES]

    @classmethod
    def generate(cls) -> CaseKey:
        """A new random key."""
        return cls(secrets.token_bytes(KEY_BYTES))

    def __repr__(self) -> str:
        return f"CaseKey({self.kid.hex()})"

    def seal_value(self, place: Place, value: Any) -> str:
        """The token of one wire value in its place; the same value in the same place gives the same token."""
        return token(self.kid, self._siv.encrypt(_padded(value), _bound(place)))

    def open_value(self, place: Place, told: str) -> Any:
        """The wire value of a token: text, a number, yes or no. ValueError when anything is not as it was sealed.

        Whoever was given the key could seal anything else, and would stop whoever opens it.
        """
        kid, box = parts(told)
        if kid != self.kid:
            raise ValueError("sealed with another key")
        try:
            value = _unpadded(self._siv.decrypt(box, _bound(place)))
        except (InvalidTag, msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            raise ValueError("not sealed with this key for this place") from None
        if not isinstance(value, str | int | float):
            raise ValueError("no value of one field")
        return value

    def derived(self, purpose: bytes, *, size: int = KEY_BYTES) -> bytes:
        """A key of its own for one purpose."""
        return HKDF(SHA256(), length=size, salt=None, info=purpose).derive(bytes(self._raw))

    def bare(self) -> bytearray:
        """A copy of the key itself, to be sealed to somebody and wiped by the caller."""
        return bytearray(self._raw)

    def forget(self) -> None:
        """Overwrite the key."""
        wipe(self._raw)


@dataclass(frozen=True, slots=True)
class Given:
    """A key on its way: sealed to `to_key`, and signed by the laptop that gives it."""

    subject: Subject
    kid: bytes
    to_key: bytes
    box: bytes
    signature: bytes = b""

    @property
    def context(self) -> bytes:
        """What the box is bound to."""
        told = (self.subject[0].encode(), self.subject[1].encode(), self.kid.hex().encode(), self.to_key.hex().encode())
        return GRANT_DOMAIN + b"\x00".join(told)

    def signed_by(self, sign_public: bytes) -> bool:
        """Whether the laptop with this key gave it."""
        try:
            Ed25519PublicKey.from_public_bytes(sign_public).verify(self.signature, self._message())
        except (InvalidSignature, ValueError):
            return False
        return True

    def _message(self) -> bytes:
        return self.context + b"\x00" + hashlib.sha256(self.box).digest()


def make_grant(key: CaseKey, *, subject: Subject, to_key: bytes, sign: Sign) -> Given:
    """The key, sealed to an office's public key and signed. ValueError if `to_key` is none."""
    bare = key.bare()
    try:
        return handed_over(bare, subject=subject, kid=key.kid, to_key=to_key, sign=sign)
    finally:
        wipe(bare)


def handed_over(secret: bytes | bytearray, *, subject: Subject, kid: bytes, to_key: bytes, sign: Sign) -> Given:
    """Any secret of this name, sealed and signed the same way. ValueError if `to_key` is none."""
    unsealed = Given(subject, kid, to_key, b"")
    given = Given(subject, kid, to_key, seal_box(to_key, secret, context=unsealed.context))
    return Given(subject, kid, to_key, given.box, sign(given._message()))


def open_grant(given: Given, *, open_box: Callable[..., bytearray | None]) -> CaseKey | None:
    """The key in a grant; `open_box` is `Ring.open`. None if we may not open it, or it is not what it says."""
    raw = open_box(given.box, to_key=given.to_key, context=given.context)
    if raw is None:
        return None
    try:
        key = CaseKey(raw)
    except ValueError:
        return None
    finally:
        wipe(raw)
    return key if key.kid == given.kid else None


def _bound(place: Place) -> list[bytes]:
    return [part.encode() for part in place]


def _padded(value: Any) -> bytes:
    """The value in msgpack, a mark and zeros: at least 32 bytes, longer ones in steps of at most an eighth (Padmé)."""
    plain = msgspec.msgpack.encode(value) + b"\x80"
    return plain.ljust(_bucket(len(plain)), b"\x00")


def _bucket(size: int) -> int:
    if size <= _TEXT:
        return _SMALLEST if size <= _SMALLEST else _TEXT
    exponent = size.bit_length() - 1
    loose = exponent - exponent.bit_length()
    return (size + (1 << loose) - 1) >> loose << loose


def _unpadded(padded: bytes) -> Any:
    plain = padded.rstrip(b"\x00")
    if not plain.endswith(b"\x80"):
        raise ValueError("not padded as we pad")
    return msgspec.msgpack.decode(plain[:-1])
