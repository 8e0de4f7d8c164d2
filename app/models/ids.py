"""Record identities: UUIDv7 (RFC 9562), made on the device, as 32 hexadecimal digits."""

import re
import secrets
import threading
import time
from collections.abc import Iterable, Sequence
from typing import TypeVar

Row = TypeVar("Row")
HANDFUL = 500  # in one IN (...)
_ID = re.compile("[0-9a-f]{32}")

_guard = threading.Lock()
_last_ms = 0
_counter = 0


def new_id() -> str:
    """A new UUIDv7: sorts by time of making, also within one millisecond of one process."""
    global _last_ms, _counter
    with _guard:
        now = time.time_ns() // 1_000_000
        if now > _last_ms:
            _last_ms, _counter = now, secrets.randbits(11)
        else:
            _counter += 1
            if _counter > 0xFFF:  # more than 4,096 in one millisecond: borrow the next one
                _last_ms, _counter = _last_ms + 1, 0
        value = _last_ms << 80 | 0x7 << 76 | _counter << 64 | 0b10 << 62 | secrets.randbits(62)
    return f"{value:032x}"


def is_id(text: object) -> bool:
    """Whether this is a record identity: 32 lower-case hexadecimal digits."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def chunks(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    """The rows in handfuls that fit one IN (...)."""
    for start in range(0, len(rows), HANDFUL):
        yield rows[start : start + HANDFUL]
