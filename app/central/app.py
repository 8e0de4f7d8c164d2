"""The centre as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import anyio
import anyio.to_thread
import psycopg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.central.answers import Frame, answer_to, problem
from app.central.batches import head_batch, put_batch
from app.central.centre import Centre
from app.central.desk import Desk
from app.central.exchange import (
    all_receipts,
    authority,
    enrol,
    get_feed,
    get_short_feed,
    hello,
    ranges,
    receipt,
    rows,
    session,
    session_challenge,
    short_hello,
)
from app.central.files import get_blob, head_blob, put_blob
from app.central.lanes import Lanes
from app.central.laptops import announce_all
from app.central.mark import Mark
from app.central.refusal import Refused
from app.central.store import Store
from app.central.watch import health, metrics

_AGAIN_SECONDS = 0.1  # between two tries to stop what computes, and will ask the database again
Endpoint = Callable[[Request, Desk], Awaitable[Response]]
_ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/v1/authority", authority),
    ("POST", "/v1/enrol", enrol),
    ("POST", "/v1/session/challenge", session_challenge),
    ("POST", "/v1/session", session),
    ("POST", "/v1/hello", hello),
    ("HEAD", "/v1/batches/{device}/{n}", head_batch),
    ("PUT", "/v1/batches/{device}/{n}", put_batch),
    ("GET", "/v1/feeds/{scope}", get_feed),
    ("HEAD", "/v1/blobs/{sha256}", head_blob),
    ("PUT", "/v1/blobs/{sha256}", put_blob),
    ("GET", "/v1/blobs/{sha256}", get_blob),
    ("POST", "/v1/receipts", receipt),
    ("POST", "/v2/hello", short_hello),
    ("HEAD", "/v2/batches/{device}/{n}", head_batch),
    ("PUT", "/v2/batches/{device}/{n}", put_batch),
    ("GET", "/v2/feeds/{scope}", get_short_feed),
    ("POST", "/v2/receipts", all_receipts),
    ("POST", "/v2/ranges", ranges),
    ("POST", "/v2/rows", rows),
    ("GET", "/healthz", health),
    ("GET", "/metrics", metrics),
)


def create_app(centre: Centre, *, recovers: bool = True) -> Frame:
    """The application for one open centre; it closes the store when it shuts down.

    `recovers`: beside its own work it applies what a crash left stored.
    """
    limits = centre.config.limits
    lanes = Lanes(centre.intake, centre.admission, centre.metrics)
    desk = Desk(centre, anyio.CapacityLimiter(max(1, limits.connections - limits.applies)), lanes)
    mark = Mark(centre.store, centre.config.data_dir, centre.epoch)

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        ended = anyio.Event()
        centre.admission.opened()
        async with anyio.create_task_group() as group:
            group.start_soon(lanes.run)
            if recovers:
                group.start_soon(_recover, lanes, centre.store)
            group.start_soon(partial(mark.keep_noting, ended, taken=centre.metrics.batches))
            yield
            ended.set()
            lanes.close()
            await _ended(centre.store, within=lanes.grace())
        await anyio.to_thread.run_sync(mark.note)
        centre.store.close()

    routes = [_route(path, endpoint, desk=desk, methods=[method]) for method, path, endpoint in _ROUTES]
    app = Starlette(routes=routes, lifespan=life, exception_handlers={404: _nothing, 405: _wrong_method})
    app.router.redirect_slashes = False
    return Frame(app, metrics=centre.metrics, close=lanes.close)


async def _recover(lanes: Lanes, store: Store) -> None:
    """What a crash left undone, while everybody else is served: it may wait for an office that works."""
    await lanes.recover()
    with suppress(psycopg.OperationalError):  # the database ended, or the centre does: it is done at the next start
        await anyio.to_thread.run_sync(announce_all, store)


async def _ended(store: Store, *, within: float) -> None:
    """Wait until nobody works with the database; what takes too long is interrupted, and so rolled back."""
    while not await anyio.to_thread.run_sync(partial(store.idle, within=within)):
        await anyio.to_thread.run_sync(store.interrupt)
        within = _AGAIN_SECONDS


def _route(path: str, endpoint: Endpoint, *, desk: Desk, methods: list[str]) -> Route:
    async def handle(request: Request) -> Response:
        request.scope["route_name"] = endpoint.__name__
        try:
            return await endpoint(request, desk)
        except Exception as error:
            return answer_to(error)

    return Route(path, handle, methods=methods)


async def _nothing(_request: Request, _error: Exception) -> Response:
    return problem(Refused(404, "not_found", message="not found"))


async def _wrong_method(_request: Request, _error: Exception) -> Response:
    return problem(Refused(405, "method", message="not that way"))
