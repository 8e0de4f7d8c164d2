"""What lies beside the database of a backup: of which workspace and when it is, what it holds, and its key, sealed."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.errors import WorkspaceDamaged
from app.i18n import _
from app.vault.faults import translated
from app.vault.files import write_whole
from app.vault.keys import Keys, Sealed

SIDECAR = "backup.json"
LARGEST = 1 << 20


@dataclass(frozen=True)
class Told:
    """What a backup says of itself without any key: to be shown, and believed once it was opened."""

    vault: str
    at: datetime
    rows: dict[str, int]


def write_sidecar(folder: Path, told: Told, *, backup_id: str, keys: Keys, key: bytearray) -> None:
    """Seal the backup's own key to the workspace's, bound to all that is told beside it."""
    plain = {
        "version": 1, "vault": told.vault, "backup": backup_id, "at": told.at.isoformat(), "rows": told.rows,
    }  # fmt: skip
    sealed = keys.seal(f"backup {backup_id}", key, aad=_canonical(plain))
    wrap = {"nonce": b64encode(sealed.nonce).decode(), "sealed": b64encode(sealed.box).decode()}
    write_whole(folder / SIDECAR, _canonical(plain | wrap))


def open_sidecar(folder: Path, *, keys: Keys) -> tuple[bytearray, Told]:
    """The backup's key, and what it tells, now proved; WorkspaceDamaged unless these keys sealed just this."""
    try:
        plain = json.loads(_read(folder))
        sealed = Sealed(b64decode(plain.pop("nonce"), validate=True), b64decode(plain.pop("sealed"), validate=True))
        key = keys.unseal(f"backup {plain['backup']}", sealed, aad=_canonical(plain))
        told = _told(plain)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise not_whole() from error
    if key is None:
        raise not_whole()
    return key, told


def told_by(folder: Path) -> Told | None:
    """What the backup in this folder tells, without proof; None when it tells nothing."""
    try:
        return _told(json.loads(_read(folder)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def not_whole() -> WorkspaceDamaged:
    """The one sentence for a backup that is not what was written."""
    return WorkspaceDamaged(_("This backup is not whole or was altered. Choose another backup."))


def _read(folder: Path) -> bytes:
    with translated(), (folder / SIDECAR).open("rb") as source:
        return source.read(LARGEST)


def _told(plain: dict[str, Any]) -> Told:
    at = datetime.fromisoformat(plain["at"])
    if at.tzinfo is None:
        raise ValueError("a moment without a zone")
    return Told(str(plain["vault"]), at, {str(name): int(count) for name, count in plain["rows"].items()})


def _canonical(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
