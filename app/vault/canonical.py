"""The one form in which the vault writes JSON, so that a file that was written otherwise is not ours."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any


def to_json(told: dict[str, Any]) -> bytes:
    """Sorted, indented, a newline at the end: the same values always give the same bytes."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def to_text(raw: bytes) -> str:
    """Bytes as base64."""
    return b64encode(raw).decode()


def from_text(text: str) -> bytes:
    """The inverse; ValueError for anything else."""
    return b64decode(text, validate=True)
