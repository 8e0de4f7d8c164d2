"""The endpoints of batches: an upload that can be cut anywhere and goes on at the byte where it was cut."""

from __future__ import annotations

import anyio
from starlette.requests import Request
from starlette.responses import Response

from app.central.answers import answer_to, raw
from app.central.desk import Desk
from app.central.pump import Pump
from app.central.refusal import Refused, not_found
from app.central.sessions import Device
from app.central.uploads import Upload
from app.wire import FSYNC_EVERY, MAX_BATCH, MEDIA_TYPE
from app.wire.messages import BatchResult, decode


async def head_batch(request: Request, desk: Desk) -> Response:
    """HEAD /v1/batches/{device}/{n}: how many bytes are here, and whether the batch was applied."""
    device, n = await _whose(request, desk)
    stored = await desk.work(desk.centre.intake.stored, device, n)
    if stored is not None:
        state = "stored" if stored.result is None else "applied"
        headers = {"Naungan-Offset": str(len(stored.data)), "Naungan-Digest": stored.digest.hex()}
    else:
        size = await desk.work(desk.centre.uploads.size, device.id, n)
        state = "partial" if size else "none"
        headers = {"Naungan-Offset": str(size)}
    return Response(status_code=200, media_type=MEDIA_TYPE, headers={**headers, "Naungan-State": state})


async def put_batch(request: Request, desk: Desk) -> Response:
    """PUT /v1/batches/{device}/{n}?offset=K: the rest of a batch; its result once the last byte is here, else 202."""
    pump = Pump(request)
    await pump.step()
    async with anyio.create_task_group() as group:
        group.start_soon(pump.run)
        reply = await _answered(request, desk, pump=pump)
        group.cancel_scope.cancel()
    return reply


async def _answered(request: Request, desk: Desk, *, pump: Pump) -> Response:
    """The reply, also to an error: raised inside the task group it would come out wrapped."""
    try:
        device, n = await _whose(request, desk)
        total, offset = _announced(request)
        with desk.centre.admission.upload(total - offset):
            return await _put(desk, device, n=n, pump=pump, announced=(total, offset))
    except Exception as error:
        return answer_to(error)


async def _put(desk: Desk, device: Device, *, n: int, pump: Pump, announced: tuple[int, int]) -> Response:
    total, offset = announced
    stored = await desk.work(desk.centre.intake.stored, device, n)
    if stored is not None:  # what a crash left of its upload is worth nothing beside the batch itself
        await desk.work(desk.centre.uploads.discard, device.id, n)
    known = stored.data if stored is not None and len(stored.data) == total else b""
    with desk.centre.uploads.receive(device.id, n, offset=offset, known=known) as upload:
        await _receive(pump, desk, upload=upload, total=total)
    if upload.offset < total:
        return Response(status_code=202, headers={"Naungan-Offset": str(upload.offset)})
    data = await desk.work(desk.centre.uploads.read, device.id, n)
    return raw(await _take(desk, device, n=n, data=data))


async def _take(desk: Desk, device: Device, *, n: int, data: bytes) -> bytes:
    """Into the store. What can never become a batch is forgotten; what may be sent again later is kept."""
    try:
        result = await desk.work(desk.centre.intake.take, device, n, data=data)
    except Refused:
        await desk.work(desk.centre.uploads.discard, device.id, n)
        raise
    await desk.work(desk.centre.uploads.discard, device.id, n)
    outcomes = decode(result, BatchResult).outcomes
    desk.centre.metrics.batch([outcome.status.value for outcome in outcomes])
    return result


async def _receive(pump: Pump, desk: Desk, *, upload: Upload, total: int) -> None:
    """Write what comes, every 16 KiB durably; a cut link keeps everything that came before the cut."""
    pending = bytearray()
    async for piece in pump.pieces():
        pending += piece
        if upload.offset + len(pending) > total:
            raise Refused(413, "size", message="more bytes than announced")
        while len(pending) >= FSYNC_EVERY:
            await desk.work(desk.centre.uploads.append, upload, bytes(pending[:FSYNC_EVERY]))
            del pending[:FSYNC_EVERY]
    if pending:
        await desk.work(desk.centre.uploads.append, upload, bytes(pending))


async def _whose(request: Request, desk: Desk) -> tuple[Device, int]:
    device = await desk.device(request)
    n = request.path_params["n"]
    if request.path_params["device"] != device.id or not (n.isascii() and n.isdigit() and 0 < len(n) < 10 and int(n)):
        raise not_found()
    return device, int(n)


def _announced(request: Request) -> tuple[int, int]:
    """(total length, offset) as the client says."""
    length, offset = request.headers.get("naungan-length", ""), request.query_params.get("offset", "0")
    if not all(text.isascii() and text.isdigit() and len(text) < 12 for text in (length, offset)):
        raise Refused(400, "format", message="Naungan-Length and offset are numbers")
    if int(length) > MAX_BATCH:
        raise Refused(413, "size", message="longer than a batch may be")
    if int(offset) > int(length):
        raise Refused(400, "format", message="the offset lies beyond the end")
    return int(length), int(offset)
