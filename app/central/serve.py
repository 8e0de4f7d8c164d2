"""Serving the centre over HTTP: as a program that ends on a signal, or beside a test or the demo."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from anyio.from_thread import start_blocking_portal

from app.central.app import create_app
from app.central.authority import server_context
from app.central.centre import open_centre
from app.central.config import Config
from app.central.workers import POSSIBLE, Crew, Place, allow_connections, listeners
from app.errors import Invalid
from app.i18n import _

_BACKLOG = 2_048
_KEPT = 90  # seconds an idle connection is kept: most who are told to come later come back within them
_LATEST_SECONDS = 5  # after the time of grace: then a worker is killed


class _Server(uvicorn.Server):
    """uvicorn, telling when it listens, and the application when it ends."""

    def __init__(self, config: uvicorn.Config, *, listening: Callable[[], None], closing: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening
        self._closing = closing
        self.line: int | None = None  # of whoever started this process: once it breaks there is nobody to serve for

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End gracefully on SIGINT and SIGTERM, and return then: uvicorn's own would kill the process after all."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.line is not None:
            asyncio.get_running_loop().add_reader(self.line, self._alone)
        self._listening()

    def _alone(self) -> None:
        assert self.line is not None
        asyncio.get_running_loop().remove_reader(self.line)
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell, then end."""
        self._closing()
        await super().shutdown(sockets)


@dataclass(slots=True)
class Running:
    """A centre that serves beside the caller, until `stop`."""

    base_url: str
    _server: _Server
    _done: Future[Any]
    _stack: ExitStack

    def stop(self) -> None:
        """Take no new requests, finish those at work, close the store."""
        self._server.should_exit = True
        try:
            self._done.result()
        finally:
            self._stack.close()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()


def run(
    config: Config, *, host: str = "127.0.0.1", port: int = 0, workers: int = 1, ready: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM, with so many processes. `ready` gets the base URL once it listens.

    Invalid for an address that others reach, without TLS.
    """
    allow_connections()
    gc.collect()
    gc.freeze()  # what is loaded stays, and need not be looked through again for what nobody holds any more
    found = _listen(host, port, config=config, count=workers if POSSIBLE else 1)
    url = _url(found[0], config=config)
    try:
        if len(found) == 1:
            _server(config, lambda: ready(url)).run(sockets=found)
        else:
            _run_crew(config, found, lambda: ready(url))
    finally:
        for listener in found:
            listener.close()


def _run_crew(config: Config, found: list[socket.socket], ready: Callable[[], None]) -> None:
    """One look at the database and one clean-up for all; what cannot work is said before there is any worker."""
    open_centre(config).store.close()

    def serve(at: Place, listening: Callable[[], None]) -> None:
        server = _server(config, listening, place=at)
        server.line = at.line
        server.run(sockets=[at.listener])

    Crew(found, serve, grace=config.limits.grace_seconds + _LATEST_SECONDS).run(ready)


def start(config: Config, *, host: str = "127.0.0.1", port: int = 0) -> Running:
    """Serve in an event loop of its own; returns once it listens. Port 0 takes a free one."""
    [listener] = _listen(host, port, config=config)
    listening = threading.Event()
    with ExitStack() as stack:
        stack.callback(listener.close)
        server = _server(config, listening.set)
        portal = stack.enter_context(start_blocking_portal())
        done = portal.start_task_soon(server.serve, [listener])
        done.add_done_callback(lambda _done: listening.set())
        listening.wait()
        if done.done():
            done.result()
            raise RuntimeError("the server ended while it started")
        return Running(_url(listener, config=config), server, done, stack.pop_all())


def _server(config: Config, listening: Callable[[], None], *, place: Place | None = None) -> _Server:
    tls = server_context(config.tls) if config.tls else None
    centre = open_centre(config, seat=place.seat if place else None)
    app = create_app(centre, recovers=place is None or place.first or place.again)
    settings = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, lifespan="on", http="h11",
        ws="none", timeout_graceful_shutdown=int(config.limits.grace_seconds), timeout_keep_alive=_KEPT,
        backlog=_BACKLOG, ssl_context_factory=(lambda _config, _default: tls) if tls else None,
    )  # fmt: skip
    return _Server(settings, listening=listening, closing=app.close)


def _listen(host: str, port: int, *, config: Config, count: int = 1) -> list[socket.socket]:
    if config.tls is None and not _is_this_machine(host):
        raise Invalid(
            _(
                "Outside this machine the centre serves only with TLS. Make a certificate with "
                "`naungan central ca init` and `ca issue`, or name one: --tls-cert and --tls-key."
            )
        )
    found = listeners((host, port), count=count, backlog=_BACKLOG)
    # What it accepts inherits this. asyncio sees no TCP in such a socket and leaves the small second half of every
    # reply waiting for the peer's acknowledgement of the first: 40 ms for each request.
    for listener in found:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _url(listener: socket.socket, *, config: Config) -> str:
    host, port = listener.getsockname()[:2]
    scheme = "https" if config.tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
