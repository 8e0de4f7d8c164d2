"""Replies as bytes: messages, problems, and the headers every one of them carries."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Any

import psycopg
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.central.metrics import Metrics
from app.central.refusal import Refused
from app.wire import MEDIA_TYPE
from app.wire.codecs import CODECS
from app.wire.messages import Problem, Signed, WireError, decode, encode

_LOG = logging.getLogger(__name__)
_UNREADABLE = ("codec", "dictionary")  # the laptop is told what it may send instead
_STORED_NOWHERE = (b"cache-control", b"no-store")  # the answer to POST and PUT is stored by nobody without a word
_FOR_BROWSERS = [  # no laptop reads them, and a hello is shorter than they are: not with the newer messages
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),
]


def packed(message: Any, *, status: int = 200) -> Response:
    """A message as a reply."""
    return raw(encode(message), status=status)


def raw(data: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Bytes that are a message already."""
    return Response(data, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def problem(refused: Refused) -> Response:
    """A refusal as a reply."""
    order = decode(refused.order, Signed) if refused.order else None
    codecs = list(CODECS) if refused.code in _UNREADABLE else []
    said = Problem(refused.code, refused.message, order=order, codecs=codecs)
    return raw(encode(said), status=refused.status, headers=refused.headers)


def answer_to(error: Exception) -> Response:
    """The reply to any exception. What is unexpected is logged by its place alone: a message may hold a value."""
    if isinstance(error, Refused):
        return problem(error)
    if isinstance(error, ClientDisconnect):  # a link broke: ordinary, and nobody is there to read the reply
        return problem(Refused(400, "format", message="the request ended early"))
    if isinstance(error, WireError):
        return problem(Refused(400, "format", message="not the message that belongs here"))
    if isinstance(error, psycopg.OperationalError):
        _LOG.error("database not reachable: %s", type(error).__name__)
        later = {"Retry-After": str(random.randint(2, 15))}  # not everybody at the same moment
        return problem(Refused(503, "database", message="the store cannot be reached", headers=later))
    _LOG.error("internal error %s at %s", type(error).__name__, _place(error))
    return problem(Refused(500, "internal", message="internal error"))


def _place(error: Exception) -> str:
    frames, step = [], error.__traceback__
    while step is not None:
        frames.append(f"{step.tb_frame.f_code.co_name}:{step.tb_lineno}")
        step = step.tb_next
    return " > ".join(frames[-6:])


class Frame:
    """Around the whole application: counts bytes and seconds, adds the headers, turns every exception into a reply."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, close: Callable[[], None]) -> None:
        self._app = app
        self._metrics = metrics
        self.close = close  # nothing more is begun; what was, is finished

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = {"status": 0, "in": 0, "out": 0}
        began = time.perf_counter()
        always = _always(scope["method"], scope["path"])

        async def counted() -> Message:
            message = await receive()
            seen["in"] += len(message.get("body", b""))
            return message

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                message = {**message, "headers": [*message.get("headers", []), *always]}
            seen["out"] += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, counted, framed)
        except Exception as error:
            if not seen["status"]:
                await answer_to(error)(scope, counted, framed)
        finally:
            self._metrics.request(
                _route(scope), status=seen["status"], seconds=time.perf_counter() - began,
                received=seen["in"], sent=seen["out"],
            )  # fmt: skip


def _always(method: str, path: str) -> list[tuple[bytes, bytes]]:
    """The headers of every answer to such a request."""
    if path.startswith("/v2/"):
        return [_STORED_NOWHERE] if method == "GET" else []
    return [_STORED_NOWHERE, *_FOR_BROWSERS]


def _route(scope: Scope) -> str:
    """The route a request went to, never its path: that holds ids."""
    return str(scope.get("route_name", "other"))
