"""The anchor: how new the data of this workspace has to be, in a file beside it that only its keys can write.

A page proves that it is ours, not that it is the latest: an old file, an old page or a shortened log open silently.
The anchor names the last link of the audit chain that is known to be on the disk, and while the workspace is closed
also the very content of its file.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.vault.chain import NOTHING, Head
from app.vault.faults import translated
from app.vault.files import ANCHOR, write_whole
from app.vault.keys import Keys

PURPOSE = "anchor"
FORMAT = "naungan-anchor"
VERSION = 2
UNSIGNED = 1  # anchors of this version know nothing of the centre
LARGEST = 4096
DIGESTED = 256 << 20  # bytes: under half a second; a larger file is known by its audit chain alone


class Altered(ValueError):
    """This is no anchor of this workspace: altered, cut, another's, or of another time."""


@dataclass(frozen=True)
class Anchor:
    """What was known at a moment. `key_file` is its generation; `file` is empty while the workspace is in use.

    `signed` is the last link that the centre countersigned: its receipt lies in the database, which may be older.
    """

    key_file: int
    head: Head
    at: datetime
    file: str = ""
    signed: Head = NOTHING
    version: int = VERSION


def read_anchor(directory: Path, *, keys: Keys, name: str = ANCHOR) -> Anchor | None:
    """The anchor, None where there is none; Altered unless it is to the byte what these keys would have written."""
    try:
        with translated(), (directory / name).open("rb") as source:
            raw = source.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except IsADirectoryError as error:
        raise Altered from error
    try:
        told = json.loads(raw)
        head = Head(told["seq"], bytes.fromhex(told["h"]))
        signed = Head(told["signed_seq"], bytes.fromhex(told["signed_h"])) if "signed_seq" in told else Head()
        at = datetime.fromisoformat(told["at"])
        anchor = Anchor(told["keys"], head, at, told["file"], signed, told["version"])
        same = hmac.compare_digest(raw, _to_bytes(anchor, keys=keys))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise Altered from error
    if not same:
        raise Altered
    return anchor


def write_anchor(directory: Path, anchor: Anchor, *, keys: Keys, name: str = ANCHOR) -> None:
    """Replace the anchor, all or nothing."""
    write_whole(directory / name, _to_bytes(anchor, keys=keys))


def digest_of(database: Path) -> str:
    """SHA-256 of a settled database file; empty for one that is too large to be read at every start."""
    with translated(), database.open("rb") as source:
        if source.seek(0, 2) > DIGESTED:
            return ""
        source.seek(0)
        return hashlib.file_digest(source, "sha256").hexdigest()


def _to_bytes(anchor: Anchor, *, keys: Keys) -> bytes:
    told: dict[str, Any] = {
        "format": FORMAT, "version": anchor.version, "vault": keys.vault_id, "keys": anchor.key_file,
        "seq": anchor.head.seq, "h": anchor.head.h.hex(),
        "at": anchor.at.astimezone(UTC).isoformat(), "file": anchor.file,
    }  # fmt: skip
    if anchor.version != UNSIGNED:
        told |= {"signed_seq": anchor.signed.seq, "signed_h": anchor.signed.h.hex()}
    return _canonical({**told, "mac": keys.mac(PURPOSE, _canonical(told)).hex()})


def _canonical(told: dict[str, Any]) -> bytes:
    return json.dumps(told, sort_keys=True, indent=1).encode() + b"\n"
