"""Health and metrics, for whoever watches the centre."""

from __future__ import annotations

import msgspec
import psycopg
from starlette.requests import Request
from starlette.responses import Response

from app.central.desk import Desk
from app.central.store import connections_of, epoch_of


async def health(_request: Request, desk: Desk) -> Response:
    """GET /healthz: 200 if the database answers; 503 otherwise."""
    epoch = await desk.work(epoch_of, desk.centre.store)
    return Response(msgspec.json.encode({"status": "ok", "epoch": epoch}), media_type="application/json")


async def metrics(_request: Request, desk: Desk) -> Response:
    """GET /metrics: counters of all workers since the start, in Prometheus' text form; also without a database."""
    try:
        connections = await desk.work(connections_of, desk.centre.store)
    except psycopg.OperationalError:
        connections = None
    text = desk.centre.metrics.text(connections=connections)
    return Response(text, media_type="text/plain; version=0.0.4")
