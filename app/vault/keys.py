"""The two keys of one open workspace, for everything and for what is sealed, and what is derived from them.

A key never leaves as text: no repr, no pickle, and after `wipe()` every use is a bug that says so.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import WorkspaceBusy
from app.i18n import _
from app.vault.kdf import KEY_BYTES, expand, wipe

NONCE_BYTES = 12


@dataclass(frozen=True)
class Sealed:
    """AES-256-GCM: a fresh nonce, and the ciphertext with its tag."""

    nonce: bytes
    box: bytes


def seal(key: bytearray, plain: bytes | bytearray, *, aad: bytes) -> Sealed:
    """Encrypt under a fresh random nonce, bound to `aad`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return Sealed(nonce, AESGCM(key).encrypt(nonce, plain, aad))


def unseal(key: bytearray, sealed: Sealed, *, aad: bytes) -> bytearray | None:
    """The plaintext, to be wiped by the caller; None when key, box or `aad` is not the one it was sealed with."""
    plain = bytearray(len(sealed.box) - 16)
    try:
        AESGCM(key).decrypt_into(sealed.nonce, sealed.box, aad, plain)
    except InvalidTag:
        return None
    return plain


class Keys:
    """A key of a workspace, DEK or DEK_R: derives, seals and signs for a purpose, never shows itself."""

    __slots__ = ("_aside", "_dek", "vault_id")

    def __init__(self, dek: bytearray, *, vault_id: str) -> None:
        self._dek: bytearray | None = dek
        self._aside = False
        self.vault_id = vault_id

    @classmethod
    def generate(cls, vault_id: str) -> Keys:
        """A new random data key."""
        return cls(bytearray(secrets.token_bytes(KEY_BYTES)), vault_id=vault_id)

    def __repr__(self) -> str:
        return "Keys(wiped)" if self._dek is None else "Keys(hidden)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never copied out of the process")

    @contextmanager
    def derived(self, purpose: str) -> Iterator[bytearray]:
        """The key for one purpose, wiped when the block ends."""
        key = bytearray(KEY_BYTES)
        try:
            salt = bytes.fromhex(self.vault_id)
            expand(self._live(), context=b"naungan/1/" + purpose.encode(), salt=salt, into=key)
            yield key
        finally:
            wipe(key)

    def seal(self, purpose: str, plain: bytes | bytearray, *, aad: bytes) -> Sealed:
        """Encrypt under the key of this purpose."""
        with self.derived(purpose) as key:
            return seal(key, plain, aad=aad)

    def unseal(self, purpose: str, sealed: Sealed, *, aad: bytes) -> bytearray | None:
        """The inverse of `seal`; None when anything is not as it was."""
        with self.derived(purpose) as key:
            return unseal(key, sealed, aad=aad)

    def mac(self, purpose: str, message: bytes) -> bytes:
        """HMAC-SHA-256 under the key of this purpose."""
        with self.derived(purpose) as key:
            return hmac.digest(key, message, "sha256")

    def seal_into_slot(self, slot_key: bytearray, *, aad: bytes) -> Sealed:
        """The data key itself, wrapped under a user's own key."""
        return seal(slot_key, self._live(), aad=aad)

    def bare(self) -> bytes:
        """The key itself, for the escrow and for nothing else."""
        return bytes(self._live())

    def same_as(self, other: Keys) -> bool:
        """Whether both hold one data key, compared in constant time."""
        return hmac.compare_digest(self._live(), other._live())

    @contextmanager
    def set_aside(self) -> Iterator[Keys]:
        """Inside the block only the copy it gives opens anything: who asks elsewhere is told that others are busy."""
        copy = Keys(bytearray(self._live()), vault_id=self.vault_id)
        self._aside = True
        try:
            yield copy
        finally:
            self._aside = False
            copy.wipe()

    def become(self, other: Keys) -> None:
        """Hold the data key of `other`, which is empty afterwards; whoever was given these keys goes on with it."""
        self.wipe()
        self._dek, other._dek = other._dek, None

    @property
    def wiped(self) -> bool:
        """Whether the data key is gone."""
        return self._dek is None

    def wipe(self) -> None:
        """Overwrite the data key; harmless when repeated."""
        if self._dek is not None:
            wipe(self._dek)
        self._dek = None

    def _live(self) -> bytearray:
        if self._dek is None:
            raise RuntimeError("the workspace is closed and its keys are wiped")
        if self._aside:
            raise WorkspaceBusy(_("This workspace is being encrypted anew. Wait a moment and try again."))
        return self._dek


@dataclass(frozen=True)
class KeySet:
    """What one person holds: the data key (DEK), and the restricted key (DEK_R) if they are cleared."""

    keys: Keys
    restricted: Keys | None = None

    @classmethod
    def generate(cls, vault_id: str) -> KeySet:
        """Two new random keys."""
        return cls(Keys.generate(vault_id), Keys.generate(vault_id))

    @property
    def each(self) -> tuple[Keys, ...]:
        """The keys that are held."""
        return (self.keys,) if self.restricted is None else (self.keys, self.restricted)

    def same_as(self, other: KeySet) -> bool:
        """Whether both hold the same: one key or two."""
        pairs = zip(self.each, other.each, strict=False)
        return len(self.each) == len(other.each) and all(mine.same_as(theirs) for mine, theirs in pairs)

    @contextmanager
    def set_aside(self) -> Iterator[KeySet]:
        """`Keys.set_aside` for whatever is held."""
        with ExitStack() as stack:
            yield KeySet(*(stack.enter_context(each.set_aside()) for each in self.each))

    def become(self, other: KeySet) -> None:
        """`Keys.become`; a restricted key that `other` does not have stays."""
        for mine, theirs in zip(self.each, other.each, strict=False):
            mine.become(theirs)

    def wipe(self) -> None:
        """Overwrite what is held; harmless when repeated."""
        for each in self.each:
            each.wipe()
