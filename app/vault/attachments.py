"""Sealed files beside the database: encrypted in chunks, named by the hash of what lies on the disk, never half there.

magic (8), nonce (7), then chunks of 64 KiB under AES-256-GCM, each with its number and whether it is the last
in the nonce: chunks can be neither cut off, repeated, nor put in another order.
"""

from __future__ import annotations

import hashlib
import io
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import KnownError
from app.i18n import _
from app.vault.faults import translated
from app.vault.files import NEW, private_folder, write_whole

ATTACHMENTS = "attachments"
PART = ".part"  # behind the name of a file that is not whole yet
LIMIT = 20 * 1024 * 1024
CHUNK = 64 * 1024
_MAGIC, _SALT, _TAG = b"NGNFILE1", 7, 16
_NAME = re.compile(r"[0-9a-f]{64}")


class FileMissing(KnownError):
    """The sealed bytes are not on this laptop."""


class FileAltered(KnownError):
    """The sealed bytes are not what was put there."""


def sealed_bytes(plain: bytes, *, key: bytes) -> bytes:
    """The file as it lies on the disk. Each call uses a fresh nonce."""
    front = _MAGIC + secrets.token_bytes(_SALT)
    cipher, out = AESGCM(key), io.BytesIO()
    out.write(front)
    starts = range(0, max(len(plain), 1), CHUNK)
    for n, start in enumerate(starts):
        last = n == len(starts) - 1
        out.write(cipher.encrypt(_nonce(front, n, last), plain[start : start + CHUNK], front))
    return out.getvalue()


def opened_bytes(told: bytes, *, key: bytes) -> bytes:
    """The inverse; FileAltered for anything that was cut, altered, lengthened or sealed with another key."""
    front, rest = told[: len(_MAGIC) + _SALT], told[len(_MAGIC) + _SALT :]
    if not front.startswith(_MAGIC) or len(rest) < _TAG:
        raise altered()
    cipher, out, step = AESGCM(key), io.BytesIO(), CHUNK + _TAG
    starts = range(0, len(rest), step)
    try:
        for n, start in enumerate(starts):
            last = n == len(starts) - 1
            out.write(cipher.decrypt(_nonce(front, n, last), rest[start : start + step], front))
    except InvalidTag:
        raise altered() from None
    return out.getvalue()


def keep(directory: Path, plain: bytes, *, key: bytes) -> str:
    """Seal a file into the folder of a workspace; the name it has there. On the disk before this returns."""
    told = sealed_bytes(plain, key=key)
    return keep_sealed(directory, told)


def keep_sealed(directory: Path, told: bytes) -> str:
    """Put bytes that are sealed already in their place, as when they came from elsewhere; their name."""
    name = hashlib.sha256(told).hexdigest()
    write_whole(private_folder(directory / ATTACHMENTS) / name, told)
    return name


def read(directory: Path, name: str, *, key: bytes) -> bytes:
    """The plain bytes, in memory only. FileMissing, FileAltered; a file larger than any of ours is never read whole."""
    told = read_sealed(directory, name)
    if hashlib.sha256(told).hexdigest() != name:
        raise altered()
    return opened_bytes(told, key=key)


def read_sealed(directory: Path, name: str) -> bytes:
    """The bytes as they lie there, at most as many as the largest of ours has."""
    path = _path(directory, name)
    most = LIMIT + (LIMIT // CHUNK + 2) * _TAG + len(_MAGIC) + _SALT
    try:
        with translated(), path.open("rb") as source:
            told = source.read(most + 1)
    except FileNotFoundError:
        raise missing() from None
    if len(told) > most:
        raise altered()
    return told


def is_here(directory: Path, name: str | None) -> bool:
    """Whether the sealed bytes are on this laptop."""
    return bool(name) and _NAME.fullmatch(name or "") is not None and _path(directory, name or "").is_file()


def forget(directory: Path, names: Iterable[str]) -> None:
    """Remove sealed files, also what is here of one that is not whole; what is gone already is no matter."""
    for name in names:
        if _NAME.fullmatch(name):
            with translated():
                _path(directory, name).unlink(missing_ok=True)
                _path(directory, name).with_name(name + PART).unlink(missing_ok=True)


def lying(directory: Path) -> set[str]:
    """The names of all files of which something lies here."""
    folder = directory / ATTACHMENTS
    return {file.name.removesuffix(PART) for file in folder.iterdir()} if folder.is_dir() else set()


def sweep(directory: Path) -> None:
    """Remove what a kill in the middle of `keep` left."""
    with translated():
        for left in (directory / ATTACHMENTS).glob(f"*{NEW}"):
            left.unlink(missing_ok=True)


def missing() -> FileMissing:
    """The sentence for bytes that are not here."""
    return FileMissing(_("The file is not on this laptop. Synchronise, or ask the office that attached it."))


def altered() -> FileAltered:
    """The sentence for bytes that are not ours."""
    return FileAltered(_("The file was cut or altered and cannot be opened. Attach it again, or restore a backup."))


def _path(directory: Path, name: str) -> Path:
    """Only a hash is a name: what came from elsewhere never walks out of the folder."""
    if not _NAME.fullmatch(name):
        raise missing()
    return directory / ATTACHMENTS / name


def _nonce(front: bytes, n: int, last: bool) -> bytes:
    return front[len(_MAGIC) :] + n.to_bytes(4, "big") + bytes([last])
