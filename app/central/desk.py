"""What every endpoint does first: read a bounded body, decode it, find out who asks, and work off the event loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
from starlette.requests import Request

from app.central.centre import Centre
from app.central.lanes import Lanes
from app.central.refusal import Refused
from app.central.sessions import Device, authenticate
from app.wire.messages import decode

MAX_MESSAGE = 64 * 1024

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Desk:
    """One open centre, how many threads may work on its database at once, and where batches wait to be applied."""

    centre: Centre
    limiter: anyio.CapacityLimiter
    lanes: Lanes

    async def work(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking work in a thread. It runs to its end also when the client has gone."""
        return await anyio.to_thread.run_sync(lambda: call(*args, **kwargs), limiter=self.limiter)

    async def message(self, request: Request, kind: type[T]) -> T:
        """The message in the body, at most 64 KiB."""
        return decode(await self.body(request), kind)

    async def body(self, request: Request) -> bytes:
        """The bytes of the body, at most 64 KiB."""
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_MESSAGE:
                raise Refused(413, "size", message="longer than a message may be")
        return bytes(body)

    async def device(self, request: Request) -> Device:
        """Who asks, by its session. Counts the request: of a device, or of the address that has no session."""
        limits = self.centre.config.limits
        header = request.headers.get("authorization", "")
        try:
            device = await self.work(authenticate, self.centre.store, header, clock=self.centre.config.now)
        except Refused:
            self.stranger(request)
            raise
        self.centre.admission.count(device.id, per_minute=limits.requests_per_minute)
        return device

    def stranger(self, request: Request) -> None:
        """Count a request without a session, by its address."""
        address = request.client.host if request.client else ""
        limits = self.centre.config.limits
        self.centre.admission.count(f"address {address}", per_minute=limits.strangers_per_minute)
