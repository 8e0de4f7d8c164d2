"""Refused: how any part of the centre says no to a device. The HTTP layer turns it into a Problem."""

from __future__ import annotations

from collections.abc import Mapping


class Refused(Exception):
    """A status, a machine word and a sentence for logs; never a value of a record. `order`: an encoded Signed one."""

    def __init__(
        self, status: int, code: str, *, message: str = "", headers: Mapping[str, str] | None = None, order: bytes = b""
    ) -> None:
        super().__init__(message or code)
        self.status = status
        self.code = code
        self.message = message or code
        self.headers = dict(headers or {})
        self.order = order


def not_found() -> Refused:
    """The one answer for what does not exist and for what is not yours: the two look the same on purpose."""
    return Refused(404, "not_found", message="not found")
