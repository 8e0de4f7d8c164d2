"""The endpoints of batches: an upload that can be cut anywhere and goes on at the byte where it was cut."""

from __future__ import annotations

from dataclasses import dataclass

import anyio
from starlette.requests import Request
from starlette.responses import Response

from app.central.answers import raw
from app.central.desk import Desk
from app.central.pump import Pump, while_it_comes
from app.central.refusal import Refused, not_found
from app.central.sessions import Device
from app.central.uploads import Upload
from app.wire import FSYNC_EVERY, MAX_BATCH, MEDIA_TYPE, URGENT_BATCH
from app.wire.messages import BatchResult, decode
from app.wire.short import pack_result


@dataclass(frozen=True, slots=True)
class _Parcel:
    """Batch `n`, of `total` bytes, of which this request carries those from `offset` on."""

    n: int
    total: int
    offset: int
    urgent: bool


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
    return await while_it_comes(request, lambda pump: _put(request, desk, pump=pump))


async def _put(request: Request, desk: Desk, *, pump: Pump) -> Response:
    device, n = await _whose(request, desk)
    parcel = _announced(request, n)
    if parcel.offset == parcel.total and n <= device.stored:
        result = await _asked_again(desk, device, parcel=parcel, pump=pump)
        if result is not None:
            return raw(_told(request, result))
    with desk.centre.admission.upload(parcel.total - parcel.offset, urgent=parcel.urgent):
        data = await _whole(desk, device, parcel=parcel, pump=pump)
    if isinstance(data, int):
        return Response(status_code=202, headers={"Naungan-Offset": str(data)})
    return raw(_told(request, await _take(desk, device, parcel=parcel, data=data)))


def _told(request: Request, result: bytes) -> bytes:
    """A saved result as its reader takes it: whole, or since schema 2 in columns."""
    return pack_result(decode(result, BatchResult)) if request.url.path.startswith("/v2/") else result


async def _asked_again(desk: Desk, device: Device, *, parcel: _Parcel, pump: Pump) -> bytes | None:
    """The result of a batch that is here, for whoever sends nothing of it any more: it was proven when it came.

    None if no batch of that length is here.
    """
    n, length = parcel.n, parcel.total
    async for _piece in pump.pieces():
        raise Refused(413, "size", message="more bytes than announced")
    if desk.lanes.has(device, n, length=length):
        return await desk.lanes.again(device, n, length=length, urgent=parcel.urgent)
    known = await desk.work(desk.centre.intake.stored, device, n)
    if known is None or len(known.data) != length:
        return None
    if desk.centre.uploads.size(device.id, n):  # what a crash left of its upload is worth nothing beside it
        await desk.work(desk.centre.uploads.discard, device.id, n)
    if known.result is not None:
        return known.result
    return await desk.lanes.again(device, n, length=length, urgent=parcel.urgent)


async def _whole(desk: Desk, device: Device, *, parcel: _Parcel, pump: Pump) -> bytes | int:
    """All bytes of a batch; or how many are here, if the link ended before."""
    uploads, n = desk.centre.uploads, parcel.n
    stored = await desk.work(desk.centre.intake.stored, device, n) if n <= device.stored else None
    if stored is not None:  # what a crash left of its upload is worth nothing beside the batch itself
        await desk.work(uploads.discard, device.id, n)
        if len(stored.data) == parcel.total:
            return await _compared(pump, stored.data[: parcel.offset], total=parcel.total)
    if parcel.offset or uploads.size(device.id, n):
        upload = await desk.work(uploads.begin, device.id, n, offset=parcel.offset)
    else:
        upload = uploads.begin(device.id, n, offset=0)
    try:
        return await _receive(pump, desk, upload=upload, total=parcel.total)
    finally:
        if upload.token:
            with anyio.CancelScope(shield=True):
                await desk.work(uploads.end, upload)


async def _compared(pump: Pump, known: bytes, *, total: int) -> bytes | int:
    """A batch that is stored and comes again, in part or whole: there is nothing to be written."""
    data = bytearray(known)
    async for piece in pump.pieces():
        data += piece
        if len(data) > total:
            raise Refused(413, "size", message="more bytes than announced")
    return bytes(data) if len(data) == total else len(known)


async def _receive(pump: Pump, desk: Desk, *, upload: Upload, total: int) -> bytes | int:
    """Write what comes, durably as soon as it is 16 KiB; a cut link keeps everything that came before the cut.

    What comes while the disk is at work goes there together. The end of a batch needs no file: with it the whole goes
    into the store at once.
    """
    uploads, pending = desk.centre.uploads, bytearray()
    async for piece in pump.pieces():
        pending += piece
        here = upload.offset + len(pending)
        if here > total:
            raise Refused(413, "size", message="more bytes than announced")
        whole = len(pending) // FSYNC_EVERY * FSYNC_EVERY
        if whole and here < total:
            await desk.work(uploads.append, upload, bytes(pending[:whole]))
            del pending[:whole]
    if upload.offset + len(pending) == total:
        before = await desk.work(uploads.bytes_of, upload) if upload.offset else b""
        return before + bytes(pending)
    if pending:
        await desk.work(uploads.append, upload, bytes(pending))
    return upload.offset


async def _take(desk: Desk, device: Device, *, parcel: _Parcel, data: bytes) -> bytes:
    """Into the store, then into the queue. What can never become a batch is forgotten."""
    centre = desk.centre
    try:
        batch = await desk.work(centre.intake.keep, device, parcel.n, data=data)
    finally:
        if len(data) >= FSYNC_EVERY or parcel.offset:
            await desk.work(centre.uploads.discard, device.id, parcel.n)
    return await desk.lanes.apply(device, batch, length=len(data), urgent=parcel.urgent)


async def _whose(request: Request, desk: Desk) -> tuple[Device, int]:
    device = await desk.device(request)
    n = request.path_params["n"]
    if request.path_params["device"] != device.id or not (n.isascii() and n.isdigit() and 0 < len(n) < 10 and int(n)):
        raise not_found()
    return device, int(n)


def _announced(request: Request, n: int) -> _Parcel:
    """What the client says of a batch."""
    length, offset = request.headers.get("naungan-length", ""), request.query_params.get("offset", "0")
    if not all(text.isascii() and text.isdigit() and len(text) < 12 for text in (length, offset)):
        raise Refused(400, "format", message="Naungan-Length and offset are numbers")
    if int(length) > MAX_BATCH:
        raise Refused(413, "size", message="longer than a batch may be")
    if int(offset) > int(length):
        raise Refused(400, "format", message="the offset lies beyond the end")
    urgent = request.headers.get("naungan-urgent") == "1" and int(length) <= URGENT_BATCH
    return _Parcel(n, int(length), int(offset), urgent)
