"""The endpoints of files: sealed bytes in pieces, only to whoever the record of the attachment is shown."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from app.central.blobs import Name, Piece, give, standing, take
from app.central.config import today
from app.central.desk import MAX_MESSAGE, Desk
from app.central.greeting import let_go
from app.central.refusal import Refused
from app.central.sessions import Device
from app.wire import MAX_BLOB, MEDIA_TYPE, PIECE

_RANGE = re.compile(r"bytes (\d{1,9})-(\d{1,9})/(\d{1,9})")
_FROM = re.compile(r"bytes=(\d{1,9})-")


async def put_blob(request: Request, desk: Desk) -> Response:
    """PUT /v1/blobs/{sha256}?record=, Content-Range: one piece of at most 64 KiB; how many bytes are here."""
    device = await desk.device(request)
    match = _RANGE.fullmatch(request.headers.get("content-range", ""))
    if match is None:
        raise Refused(400, "format", message="a piece says where it belongs")
    first, last, total = (int(number) for number in match.groups())
    if total > MAX_BLOB or not 0 <= first <= last < total or first % PIECE:
        raise Refused(413, "size", message="no piece of a file that may be taken")
    with desk.centre.admission.upload(last - first + 1):
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MAX_MESSAGE:
                raise Refused(413, "size", message="longer than a piece may be")
        if len(body) != last - first + 1 or (len(body) < PIECE and last + 1 != total):
            raise Refused(400, "format", message="the piece is not as long as it says")
        name, piece = await _named(request, desk, device), Piece(first, total, bytes(body))
        offset = await desk.work(take, desk.centre.store, device, name, piece=piece, now=desk.centre.config.now())
    return Response(media_type=MEDIA_TYPE, headers={"Naungan-Offset": str(offset)})


async def head_blob(request: Request, desk: Desk) -> Response:
    """HEAD /v1/blobs/{sha256}?record=: how many bytes are here, and of how many (0: nobody sent any)."""
    device = await desk.device(request)
    name = await _named(request, desk, device)
    offset, total = await desk.work(standing, desk.centre.store, device, name)
    return Response(media_type=MEDIA_TYPE, headers={"Naungan-Offset": str(offset), "Naungan-Length": str(total)})


async def get_blob(request: Request, desk: Desk) -> Response:
    """GET /v1/blobs/{sha256}?record=, Range: one piece from there on; 404 until all of it was sent."""
    device = await desk.device(request)
    match = _FROM.fullmatch(request.headers.get("range", "bytes=0-"))
    if match is None or int(match[1]) % PIECE:
        raise Refused(400, "format", message="a piece begins where a piece begins")
    name = await _named(request, desk, device)
    piece = await desk.work(give, desk.centre.store, device, name, start=int(match[1]))
    last = piece.start + len(piece.data) - 1
    headers = {"Content-Range": f"bytes {piece.start}-{last}/{piece.total}"}
    return Response(piece.data, status_code=206, media_type=MEDIA_TYPE, headers=headers)


async def _named(request: Request, desk: Desk, device: Device) -> Name:
    """What is asked for, after views whose consent ran out have left: whoever never says hello waits for nothing."""
    await desk.work(let_go, desk.centre.store, device.office, today=today(desk.centre.config.now()))
    return Name(request.query_params.get("record", ""), request.path_params["sha256"])
