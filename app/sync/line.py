"""The line to the centre, which whoever is in a hurry may cut: a lock does not wait for a link that is dead."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from app.sync.report import Cancelled

_CONNECTED, _SECURED = "connection.connect_tcp.complete", "connection.start_tls.complete"


class Line:
    """Knows the socket one transport speaks through; `cut()` comes from any thread and ends whatever waits on it.

    Closing a socket does not wake a thread that waits on it; shutting it down does.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self._guard = threading.Lock()
        self._socket: socket.socket | None = None
        self._spare: socket.socket | None = None  # TLS takes the socket away for its handshake
        self._cut = False

    @property
    def is_cut(self) -> bool:
        """Whether somebody cut it."""
        return self._cut

    def check(self) -> None:
        """Raise Cancelled if somebody cut it."""
        if self._cut:
            raise Cancelled

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """What the HTTP client tells of its doings: its `trace` extension."""
        if event in (_CONNECTED, _SECURED):
            found: socket.socket = info["return_value"].get_extra_info("socket")
            with self._guard:
                self._drop_spare()
                if event == _CONNECTED and self._secure:
                    self._spare = found.dup()
                self._socket = found
                if self._cut:
                    self._shut()

    def cut(self) -> None:
        """End the exchange that is under way, and every one that would follow: they raise Cancelled."""
        with self._guard:
            self._cut = True
            self._shut()

    def close(self) -> None:
        """Forget the socket; whoever opened it closes it."""
        with self._guard:
            self._drop_spare()
            self._socket = None

    def _shut(self) -> None:
        for each in (self._socket, self._spare):
            if each is not None:
                with suppress(OSError):  # the other side was quicker
                    socket.socket.shutdown(each, socket.SHUT_RDWR)  # not TLS's own, which would alter what is read

    def _drop_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.close()
