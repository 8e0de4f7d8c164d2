"""Somebody who stands before the centre: lets requests through, or answers in its place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2

from app.wire import MEDIA_TYPE
from app.wire.messages import Problem, encode


@dataclass(frozen=True)
class Answer:
    """What is answered instead."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def problem(status: int, code: str, **headers: str) -> Answer:
    """A refusal as the centre words it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, encode(Problem(code, "said by a test")), {"content-type": MEDIA_TYPE, **named})


def page(text: str = "<html>Selamat datang di WiFi Gratis</html>", status: int = 200, **headers: str) -> Answer:
    """A web page."""
    return Answer(status, text.encode(), {"content-type": "text/html", **headers})


Choose = Callable[[str, str], Answer | None]  # (method, path) -> what to answer, None: let it through


Rewrite = Callable[[str, str], str]  # (method, path) -> the path that is asked for instead


@contextmanager
def doorman(centre: str, choose: Choose, *, rewrite: Rewrite = lambda _method, path: path) -> Iterator[str]:
    """Stands before the centre at this URL; gives its own URL."""

    class Handler(_Handler):
        """Knows where the centre is."""

    Handler.centre, Handler.choose, Handler.rewrite = centre, staticmethod(choose), staticmethod(rewrite)
    Handler.client = httpx2.Client(trust_env=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
        Handler.client.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    centre: str
    choose: Choose
    rewrite: Rewrite
    client: httpx2.Client

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        answer = self.choose(self.command, self.path)
        if answer is None:
            passed = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
            asked = self.centre + self.rewrite(self.command, self.path)
            reply = self.client.request(self.command, asked, content=body, headers=passed)
            kept = {k: v for k, v in reply.headers.items() if k.lower() not in ("connection", "content-length", "date")}
            answer = Answer(reply.status_code, reply.content, kept)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("content-length", str(len(answer.body)))
        self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_PUT = do_POST = do_HEAD = _serve  # noqa: N815 - the names http.server looks for

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
