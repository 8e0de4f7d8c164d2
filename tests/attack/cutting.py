"""A link that is cut at one byte of an exchange, inside the process: the laptop's own sockets count what goes over.

No proxy and no thread stands between: a cut costs what a sync costs, so that every byte of a large exchange can be
tried. To the centre it is a laptop whose connection was reset; to the laptop, a network that went away.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpcore2

from app.sync.http import HttpTransport

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER 0: the other side sees a broken link, not an end


@dataclass
class Wire:
    """What goes over before the link breaks (None: everything), and what went over, both ways together.

    `drip`: so many bytes at a time, and no more.
    """

    cut_at: int | None = None
    drip: int = 0
    up: int = 0
    down: int = 0
    broken: bool = False

    def room(self, wanted: int) -> int:
        """How many of these bytes still go over."""
        left = wanted if self.cut_at is None else max(0, self.cut_at - self.up - self.down)
        self.broken = self.broken or left < wanted
        return min(left, wanted)


def cut_into(transport: HttpTransport, wire: Wire) -> HttpTransport:
    """Let a transport speak over this wire."""
    pool = transport._client._transport._pool  # type: ignore[attr-defined]
    pool._network_backend = _Backend(pool._network_backend, wire)
    return transport


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, real: httpcore2.NetworkBackend, wire: Wire) -> None:
        self._real, self._wire = real, wire

    def connect_tcp(self, host: str, port: int, *rest: Any, **more: Any) -> httpcore2.NetworkStream:
        """A connection, while there is a network."""
        if self._wire.broken:
            raise httpcore2.ConnectError("no network")
        return _Stream(self._real.connect_tcp(host, port, *rest, **more), self._wire)

    def sleep(self, seconds: float) -> None:
        """Nobody waits here."""


class _Stream(httpcore2.NetworkStream):
    def __init__(self, real: httpcore2.NetworkStream, wire: Wire) -> None:
        self._real, self._wire = real, wire

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What comes, up to the cut."""
        came = b"" if self._wire.broken else self._real.read(self._wire.drip or max_bytes, timeout)
        going = self._wire.room(len(came))
        self._wire.down += going
        if self._wire.broken and not going:
            self._tear()
            raise httpcore2.ReadError("cut")
        return came[:going]

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """What goes, up to the cut."""
        going = 0 if self._wire.broken else self._wire.room(len(buffer))
        self._wire.up += going
        step = self._wire.drip or max(going, 1)
        for start in range(0, going, step):
            self._real.write(buffer[start : min(start + step, going)], timeout)
        if going < len(buffer):
            self._tear()
            raise httpcore2.WriteError("cut")

    def _tear(self) -> None:
        with suppress(OSError):
            plain: socket.socket = self._real.get_extra_info("socket")
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._real.close()

    def close(self) -> None:
        """The end."""
        self._real.close()

    def get_extra_info(self, info: str) -> Any:
        """The socket and the like."""
        return self._real.get_extra_info(info)
