"""A TCP link that breaks where a test wants it: real sockets between a laptop and the centre."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_PIECE = 2_048
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER 0: the other side sees a broken link, not an end


@dataclass
class Link:
    """What a link does, and what went over it.

    `cut_at`: after so many bytes, both ways together, everything breaks and stays broken until `mend`.
    `cut_every`: each connection breaks after so many bytes; a new one can be made.
    `swallow`: a request that begins with this reaches the centre; the link breaks instead of bringing the reply.
    `silent_at`: after so many bytes nothing goes over any more, and nobody is told that the link is dead.
    """

    target: tuple[str, int]
    cut_at: int | None = None
    cut_every: int | None = None
    swallow: bytes = b""
    silent_at: int | None = None
    up: int = 0
    down: int = 0
    cuts: int = 0
    broken: bool = False
    url: str = ""
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def mend(self, cut_at: int | None = None) -> None:
        """Carry again, until the next cut."""
        self.up = self.down = 0
        self.broken, self.cut_at, self.silent_at = False, cut_at, None

    @property
    def is_silent(self) -> bool:
        """Whether it is dead without anybody being told."""
        return self.silent_at is not None and self.up + self.down >= self.silent_at

    def passes(self, count: int, *, up: bool) -> int:
        """How many of these bytes go over before the link breaks."""
        with self._guard:
            room = count if self.cut_at is None else max(0, self.cut_at - self.up - self.down)
            going = min(count, room)
            if up:
                self.up += going
            else:
                self.down += going
            if going < count:
                self._break()
            return going

    def _break(self) -> None:
        if not self.broken:
            self.cuts += 1
        self.broken = True


@contextmanager
def link_to(url: str, **behaviour: object) -> Iterator[Link]:
    """A link to the server at `url`; speak to `link.url` instead."""
    address = urlsplit(url)
    link = Link((str(address.hostname), int(address.port or 80)), **behaviour)  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        link.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        threads: list[threading.Thread] = []
        stop = threading.Event()
        listener.settimeout(0.05)
        accepting = threading.Thread(target=_accept, args=(listener, link, threads, stop))
        accepting.start()
        try:
            yield link
        finally:
            stop.set()
            accepting.join()
            for thread in threads:
                thread.join()


def _accept(listener: socket.socket, link: Link, threads: list[threading.Thread], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            here, _address = listener.accept()
        except TimeoutError:
            continue
        if link.broken:
            _tear(here)
            continue
        thread = threading.Thread(target=_carry, args=(here, link, stop))
        thread.start()
        threads.append(thread)


def _carry(here: socket.socket, link: Link, stop: threading.Event) -> None:
    """One connection, in one thread: whichever side speaks is heard."""
    there = socket.create_connection(link.target)
    for side in (here, there):  # as the real ends do: what is small is not kept waiting
        side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    carried, swallowing = 0, False
    with contextlib.suppress(OSError), selectors.DefaultSelector() as waiting:
        waiting.register(here, selectors.EVENT_READ, (here, there, True))
        waiting.register(there, selectors.EVENT_READ, (there, here, False))
        while not stop.is_set() and not link.broken:
            if link.is_silent:
                stop.wait(0.05)
                continue
            for key, _mask in waiting.select(0.05):
                source, sink, up = key.data
                piece = source.recv(_PIECE)
                if not piece:
                    raise ConnectionResetError
                if up and link.swallow and piece.startswith(link.swallow):
                    swallowing = True
                if not up and swallowing:
                    link.cuts += 1
                    raise ConnectionResetError
                room = len(piece) if link.cut_every is None else link.cut_every - carried
                going = link.passes(min(len(piece), room), up=up)
                sink.sendall(piece[:going])
                carried += going
                if going < len(piece):
                    link.cuts += link.cut_every is not None
                    raise ConnectionResetError
    _tear(here)
    there.close()  # to the centre it is a laptop that went away


def _tear(side: socket.socket) -> None:
    with contextlib.suppress(OSError):
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    side.close()
