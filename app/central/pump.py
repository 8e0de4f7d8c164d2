"""Taking bytes off a connection as they come, also while the request that carries them is still being looked at.

A server forgets what it has received and nobody has asked for yet when the client hangs up. On a link that is cut
every few kilobytes that would be everything, and an upload would never get on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.central.answers import answer_to
from app.wire import MAX_BATCH


class Pump:
    """Buffers the body of one request, at most as much as a batch may have."""

    def __init__(self, request: Request) -> None:
        self._stream = request.stream()
        self._buffer = bytearray()
        self._came = anyio.Event()
        self._room = anyio.Event()
        self._ended = False

    async def step(self) -> None:
        """Take the next piece. To be called before anything else is awaited, then `run` goes on."""
        try:
            self._buffer += await anext(self._stream, b"")
        except ClientDisconnect:
            self._ended = True

    async def run(self) -> None:
        """Take everything that comes, until the end or until the client hangs up."""
        try:
            async for piece in self._stream:
                self._buffer += piece
                self._came.set()
                if len(self._buffer) > MAX_BATCH:
                    self._room = anyio.Event()
                    await self._room.wait()
        except ClientDisconnect:
            pass
        finally:
            self._ended = True
            self._came.set()

    async def pieces(self) -> AsyncIterator[bytes]:
        """What has come, and what comes, until there is no more."""
        while True:
            if self._buffer:
                piece = bytes(self._buffer)
                self._buffer.clear()
                self._room.set()
                yield piece
            elif self._ended:
                return
            else:
                self._came = anyio.Event()
                await self._came.wait()


async def while_it_comes(request: Request, answer: Callable[[Pump], Awaitable[Response]]) -> Response:
    """The reply to a request whose body is taken off the line while `answer` is at work; an error is a reply, too.

    Raised inside the task group it would come out wrapped.
    """
    pump = Pump(request)
    await pump.step()
    async with anyio.create_task_group() as group:
        group.start_soon(pump.run)
        try:
            reply = await answer(pump)
        except Exception as error:
            reply = answer_to(error)
        group.cancel_scope.cancel()
    return reply
