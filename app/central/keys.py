"""The centre's own key: signs certificates and receipts, and seals cursors. Only the centre reads its file."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.errors import KnownError
from app.i18n import _
from app.wire.messages import Signed, encode

KEY_FILE = "centre.key"
_SEQ, _MAC = 8, 16


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """How far a feed was read; and up to where it had been read to its end, when this read began.

    Between the two a reader lacks the lines that were overtaken by later ones.
    """

    seq: int
    since: int


class CentreKey:
    """An Ed25519 key, and a cursor seal derived from it."""

    def __init__(self, private: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        self._cursor = hashlib.sha256(b"naungan cursor 1\n" + private).digest()
        self.public = self._key.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return f"CentreKey({self.public.hex()[:8]})"

    def signed(self, message: object, *, domain: bytes) -> Signed:
        """The message with this key's signature over domain + body."""
        body = encode(message)
        return Signed(body, self._key.sign(domain + body))

    def cursor(self, place: FeedPlace, *, device: str, epoch: str, scope: str) -> str:
        """An opaque cursor that only this device can use, only in this scope and epoch. '' is the beginning."""
        front = place.seq.to_bytes(_SEQ, "big") + place.since.to_bytes(_SEQ, "big")
        return base64.urlsafe_b64encode(front + self._mac(front, device, epoch, scope)).decode()

    def read_cursor(self, cursor: str, *, device: str, epoch: str, scope: str) -> FeedPlace | None:
        """The place a cursor stands for; None if it is altered, foreign or of another epoch."""
        if cursor == "":
            return FeedPlace(0, 0)
        try:
            data = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        except (ValueError, UnicodeEncodeError):
            return None
        front, mac = data[:-_MAC], data[-_MAC:]
        if not hmac.compare_digest(mac, self._mac(front, device, epoch, scope)):
            return None
        # a cursor of before there was a `since` is half as long: where its read began, nobody knows
        return FeedPlace(int.from_bytes(front[:_SEQ], "big"), int.from_bytes(front[_SEQ:], "big"))

    def _mac(self, front: bytes, *bound: str) -> bytes:
        message = front + "\n".join(bound).encode()
        return hmac.digest(self._cursor, message, "sha256")[:_MAC]


def verified(
    public: bytes, message: bytes, signature: bytes
) -> bool:  # signature: app.wire.batch.Verify after a partial
    """Whether this is an Ed25519 signature of the message by this key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def create_key(data_dir: Path) -> CentreKey:
    """The key in this directory; made at the first call, mode 0600, never overwritten."""
    path = data_dir / KEY_FILE
    if path.exists():
        return load_key(data_dir)
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = Ed25519PrivateKey.generate().private_bytes_raw()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, private)
        os.fsync(handle)
    finally:
        os.close(handle)
    return CentreKey(private)


def load_key(data_dir: Path) -> CentreKey:
    """The key in this directory. KnownError if it is missing, damaged or readable by others."""
    path = data_dir / KEY_FILE
    try:
        private = path.read_bytes()
        open_to_others = os.name == "posix" and path.stat().st_mode & 0o077
    except OSError:
        raise KnownError(
            _("The centre's key is missing. Run `naungan central init`, or put the key back from its copy.")
        ) from None
    if len(private) != 32:
        raise KnownError(_("The centre's key is damaged. Put it back from its copy."))
    if open_to_others:
        raise KnownError(_("Others may read the centre's key. Restrict the file to its owner (mode 600)."))
    return CentreKey(private)
