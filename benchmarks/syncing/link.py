"""The link between a laptop and a server: counted, and if wanted slow, far and breaking. Real sockets on loopback.

It runs as a process of its own, so that what it costs is not taken from either side. Counted is what a TCP connection
carries, the headers of HTTP included; not the headers of TCP and IP, which are alike for everybody.

- `rate`: bytes a second each way, shared by all connections, without bursts.
- `delay`: seconds one way. A new connection carries nothing before a round trip is over.
- `cut`: after so many bytes, both ways and all connections together, every connection breaks; what is on the way is
  lost. New ones can be made at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

_PIECE, _SLOW_PIECE = 65_536, 512
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER 0: the other side sees a broken link, not an end
_REQUEST = re.compile(rb"(?:GET|HEAD|PUT|POST|PATCH|DELETE|OPTIONS) /[^ \r\n]* HTTP/1\.[01]\r\n")
_LONGEST_REQUEST_LINE = 2_048
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Shape:
    """What the link is like; 0 is no limit."""

    rate: int = 0
    delay: float = 0.0
    cut: int = 0


GOOD = Shape()
FAR = Shape(rate=16_000, delay=0.15)  # 128 kbit/s, 300 ms


def cut_every(size: int) -> Shape:
    """The far link that breaks."""
    return replace(FAR, cut=size)


@dataclass(slots=True)
class Tally:
    """What went over the link."""

    up: int = 0
    down: int = 0
    requests: int = 0
    connections: int = 0
    cuts: int = 0

    @property
    def total(self) -> int:
        """Bytes, both ways."""
        return self.up + self.down


class Link:
    """The end of the link's process that the measurement holds: `url` stands for the server."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.url = url
        self._process = process

    def begin(self, shape: Shape) -> None:
        """From now on like this, counted from nothing."""
        self._ask({"shape": asdict(shape)})

    def tally(self) -> Tally:
        """What was carried since `begin`."""
        return Tally(**self._ask({}))

    def _ask(self, words: dict[str, object]) -> dict[str, int]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def link_to(url: str) -> Iterator[Link]:
    """A link to the server at `url`, good until told otherwise."""
    address = urlsplit(url)
    command = [sys.executable, "-m", "benchmarks.syncing.link", str(address.hostname), str(address.port or 80)]
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="ascii"
    ) as process:
        assert process.stdin and process.stdout
        try:
            yield Link(process, f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.stdin.close()  # it ends with its input
            process.wait(10)


class _Way:
    """One direction: bytes leave one after the other, whoever sends them."""

    def __init__(self) -> None:
        self._free_at = 0.0

    async def leave(self, count: int, rate: int) -> None:
        """Wait until so many bytes are on the way."""
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now) + count / rate
        await asyncio.sleep(self._free_at - now)


@dataclass(eq=False, slots=True)
class _Connection:
    here: asyncio.StreamWriter
    there: asyncio.StreamWriter
    made: float
    tail: bytes = b""
    broken: bool = False

    def is_broken(self) -> bool:
        """Whether it was torn."""
        return self.broken

    def tear(self) -> None:
        """Break it on both sides."""
        self.broken = True
        for side in (self.here, self.there):
            with contextlib.suppress(OSError):
                side.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            side.transport.abort()


@dataclass(slots=True)
class _Carrier:
    target: tuple[str, int]
    shape: Shape = GOOD
    tally: Tally = field(default_factory=Tally)
    open: set[_Connection] = field(default_factory=set)
    ways: tuple[_Way, _Way] = field(default_factory=lambda: (_Way(), _Way()))
    since_cut: int = 0

    def begin(self, shape: Shape) -> None:
        """Forget what was; connections of before are torn, nothing of theirs may be counted."""
        for connection in list(self.open):
            connection.tear()
        self.shape, self.tally, self.since_cut, self.ways = shape, Tally(), 0, (_Way(), _Way())

    async def carry(self, reader: asyncio.StreamReader, here: asyncio.StreamWriter) -> None:
        """One connection, from its beginning to its end or a cut."""
        made, shaped = asyncio.get_running_loop().time(), bool(self.shape.rate or self.shape.cut)
        self.tally.connections += 1
        try:
            answers, there = await asyncio.open_connection(*self.target, limit=_SLOW_PIECE if shaped else _PIECE)
        except (OSError, asyncio.CancelledError):
            here.transport.abort()
            return
        connection = _Connection(here, there, made)
        self.open.add(connection)
        try:
            await asyncio.gather(self._pump(connection, reader, up=True), self._pump(connection, answers, up=False))
        except asyncio.CancelledError:
            pass  # the link ends, and this connection with it
        finally:
            self.open.discard(connection)
            here.close()
            there.close()

    async def _pump(self, connection: _Connection, reader: asyncio.StreamReader, *, up: bool) -> None:
        loop, sink = asyncio.get_running_loop(), connection.there if up else connection.here
        arrives = connection.made + (2 * self.shape.delay if up else 0)
        while not connection.broken:
            try:
                piece = await reader.read(_SLOW_PIECE if self.shape.rate or self.shape.cut else _PIECE)
            except OSError:
                break
            if not piece:
                break
            if wait := max(0.0, arrives - loop.time()) if up and self.shape.delay else 0.0:
                await asyncio.sleep(wait)  # the connection is not made yet
                arrives = 0.0
            if self.shape.rate:
                await self.ways[0 if up else 1].leave(len(piece), self.shape.rate)
            if connection.is_broken():  # meanwhile
                return
            self._count(connection, piece, up=up)
            if self.shape.delay:
                loop.call_later(self.shape.delay, _deliver, connection, sink, piece)
            else:
                _deliver(connection, sink, piece)
                with contextlib.suppress(OSError):
                    await sink.drain()
        if self.shape.delay and not connection.broken:
            await asyncio.sleep(self.shape.delay)
        if not connection.broken and sink.can_write_eof():
            with contextlib.suppress(OSError, RuntimeError):
                sink.write_eof()

    def _count(self, connection: _Connection, piece: bytes, *, up: bool) -> None:
        if up:
            self.tally.up += len(piece)
            text = connection.tail + piece
            found = list(_REQUEST.finditer(text))
            self.tally.requests += len(found)
            connection.tail = text[found[-1].end() if found else 0 :][-_LONGEST_REQUEST_LINE:]
        else:
            self.tally.down += len(piece)
        self.since_cut += len(piece)
        if self.shape.cut and self.since_cut >= self.shape.cut:
            self.since_cut = 0
            self.tally.cuts += 1
            for torn in list(self.open):
                torn.tear()


def _deliver(connection: _Connection, sink: asyncio.StreamWriter, piece: bytes) -> None:
    if not connection.broken and not sink.is_closing():
        sink.write(piece)


async def _serve(host: str, port: int) -> None:
    carrier = _Carrier((host, port))
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does not know it for TCP: it stays with us
    server = await asyncio.start_server(carrier.carry, sock=listener, limit=_SLOW_PIECE)
    print(listener.getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    async with server:
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            words = json.loads(line)
            if "shape" in words:
                carrier.begin(Shape(**words["shape"]))
            print(json.dumps(asdict(carrier.tally)), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))
