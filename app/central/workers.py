"""Several workers behind one port: started, watched, started again when one dies, and ended together.

Each worker has a listener of its own on the same port, and the kernel spreads the connections over them. The process
that starts the workers keeps every listener open: who connects while a worker is dead waits for its successor. Workers
are forked, so they share the board, and need nothing that could not be sent to another program.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.central.board import Board, Seat
from app.errors import KnownError
from app.i18n import _

if sys.platform != "win32":
    import resource

_LOG = logging.getLogger(__name__)
POSSIBLE = sys.platform == "linux"  # elsewhere a port is not shared, or not evenly
_STOP = (signal.SIGTERM, signal.SIGINT)
_EVENTS = {*_STOP, signal.SIGCHLD} if POSSIBLE else set()
_PAUSE_SECONDS = 1.0  # between two starts of a worker that dies at once


@dataclass(frozen=True, slots=True)
class Place:
    """Where a worker works: its part of the board, its listener, and whether it follows one that died."""

    seat: Seat
    listener: socket.socket
    line: int  # to be read from once the process is gone that started it: then this one ends, too
    again: bool

    @property
    def first(self) -> bool:
        """Whether it does what is done once for all."""
        return self.seat.number == 0


Serve = Callable[[Place, Callable[[], None]], None]


@dataclass(slots=True)
class _Worker:
    """One process, and the pipe by which it says that it listens."""

    pid: int
    told: int
    began: float = field(default_factory=time.monotonic)


class Crew:
    """The workers of one centre. `serve(place, listening)` is what each of them does."""

    def __init__(self, found: Sequence[socket.socket], serve: Serve, *, grace: float) -> None:
        self._listeners, self._serve, self._grace = found, serve, grace
        self._board = Board(len(found))
        self._alive: dict[int, _Worker] = {}  # by seat
        self._line, self._end_of_line = os.pipe()  # breaks when this process ends, however it ends

    def run(self, ready: Callable[[], None]) -> None:
        """Start them, say when all listen, and return once all have ended after SIGTERM or SIGINT.

        KnownError if they cannot even start.
        """
        with _only_waited_for():
            try:
                for number in range(len(self._listeners)):
                    self._start(number, restarted=False)
                self._await_all()
                ready()
                while signal.sigwait(_EVENTS) not in _STOP:
                    self._replace_the_dead()
            finally:
                self._end()

    def _start(self, number: int, *, restarted: bool) -> None:
        told, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._work(number, tell, restarted=restarted)
        os.close(tell)
        self._alive[number] = _Worker(pid, told)

    def _work(self, number: int, tell: int, *, restarted: bool) -> None:
        """The life of a worker; it never returns."""
        code = 1
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _EVENTS)
            os.close(self._end_of_line)
            for other in self._listeners:
                if other is not self._listeners[number]:
                    other.close()
            self._board.tally(number).reset()
            place = Place(Seat(self._board, number), self._listeners[number], self._line, restarted)
            self._serve(place, lambda: _say(tell))
            code = 0
        except BaseException as error:
            _LOG.error("a worker ended: %s", type(error).__name__)
        finally:
            os._exit(code)

    def _await_all(self) -> None:
        for worker in self._alive.values():
            if not os.read(worker.told, 1):
                raise KnownError(_("The centre could not start. Look at the messages above."))

    def _replace_the_dead(self) -> None:
        for number, worker in list(self._alive.items()):
            if _is_over(worker.pid):
                os.close(worker.told)
                self._board.tally(number).reset()
                if time.monotonic() - worker.began < _PAUSE_SECONDS:
                    signal.sigtimedwait(set(), _PAUSE_SECONDS)
                self._start(number, restarted=True)

    def _end(self) -> None:
        """Ask every worker to end; whoever does not is killed, and its transactions are rolled back."""
        for listener in self._listeners:
            listener.close()
        for worker in self._alive.values():
            _send(worker.pid, signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        while self._alive:
            for number, worker in list(self._alive.items()):
                if time.monotonic() > deadline:
                    _send(worker.pid, signal.SIGKILL)
                if _is_over(worker.pid):
                    os.close(worker.told)
                    del self._alive[number]
            if self._alive:
                signal.sigtimedwait({signal.SIGCHLD}, 0.5)
        os.close(self._line)
        os.close(self._end_of_line)


def allow_connections() -> None:
    """As many open files as this process may have: a connection is one, and a system begins with few (1,024)."""
    if sys.platform != "win32":
        _few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        with contextlib.suppress(ValueError, OSError):  # some systems name a limit that they do not give
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def listeners(address: tuple[str, int], *, count: int, backlog: int) -> list[socket.socket]:
    """So many listeners on one port. OSError if somebody else has it, also if they would share it with us."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    first = socket.create_server(address, family=family, backlog=backlog)
    if count == 1:
        return [first]
    taken = first.getsockname()[:2]
    first.close()
    found: list[socket.socket] = []
    try:
        for _worker in range(count):
            found.append(socket.create_server(taken, family=family, backlog=backlog, reuse_port=True))
    except OSError:
        for listener in found:
            listener.close()
        raise
    return found


@contextmanager
def _only_waited_for() -> Iterator[None]:
    """Inside the block the signals interrupt nothing: they are waited for."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _EVENTS)
    try:
        yield
    finally:
        while signal.sigtimedwait(_EVENTS, 0):  # what came meanwhile was obeyed
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _is_over(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _say(pipe: int) -> None:
    with contextlib.suppress(OSError):
        os.write(pipe, b"1")


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
