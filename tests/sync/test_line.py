"""A line that is cut: whoever waits on a dead link is free at once, however patient they meant to be."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from app.sync.http import HttpTransport
from app.sync.report import Cancelled
from app.wire.messages import Hello
from tests.sync.laptops import Laptop

PATIENCE = 60.0  # far beyond what a test run would bear
HELLO = Hello(1, "", [], 1)


class Deaf:
    """A server that takes connections and never says a word."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.heard = threading.Event()
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def url(self, scheme: str) -> str:
        return f"{scheme}://127.0.0.1:{self.listener.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            here, _address = self.listener.accept()
            self._held.append(here)
            if not here.recv(16):  # only the one that ends us says nothing
                return
            self.heard.set()

    def close(self) -> None:
        with socket.create_connection(self.listener.getsockname()) as last:
            last.shutdown(socket.SHUT_WR)
            self._thread.join()
        for each in (self.listener, *self._held):
            each.close()


@pytest.fixture
def deaf() -> Iterator[Deaf]:
    with closing(Deaf()) as made:
        yield made


def outcome_of(transport: HttpTransport, deaf: Deaf, then: Callable[[], None]) -> list[BaseException]:
    """What a thread that says hello gets when `then` happens while it waits."""
    got: list[BaseException] = []

    def say() -> None:
        try:
            transport.hello(HELLO)
        except BaseException as error:
            got.append(error)

    thread = threading.Thread(target=say)
    thread.start()
    assert deaf.heard.wait(10)
    then()
    thread.join(10)
    assert not thread.is_alive(), "the cut did not free it"
    return got


def test_who_waits_for_an_answer_is_freed(deaf: Deaf, laptop: Laptop) -> None:
    with HttpTransport(deaf.url("http"), laptop.workspace.device, timeout=PATIENCE) as transport:
        (error,) = outcome_of(transport, deaf, transport.line.cut)
    assert isinstance(error, Cancelled)


def test_who_waits_for_a_handshake_is_freed(deaf: Deaf, laptop: Laptop) -> None:
    context = ssl.create_default_context()
    with HttpTransport(deaf.url("https"), laptop.workspace.device, timeout=PATIENCE, context=context) as transport:
        (error,) = outcome_of(transport, deaf, transport.line.cut)
    assert isinstance(error, Cancelled)


def test_after_the_cut_nobody_begins_anything(deaf: Deaf, laptop: Laptop) -> None:
    with HttpTransport(deaf.url("http"), laptop.workspace.device, timeout=PATIENCE) as transport:
        transport.line.cut()
        transport.line.cut()
        with pytest.raises(Cancelled):
            transport.hello(HELLO)
    assert not deaf.heard.is_set()
