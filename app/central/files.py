"""The endpoints of files: sealed bytes in pieces, only to whoever the record of the attachment is shown."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from app.central.blobs import Name, Piece, give, standing, take
from app.central.config import today
from app.central.desk import Desk
from app.central.greeting import let_go
from app.central.moving import after_file
from app.central.pump import Pump, while_it_comes
from app.central.refusal import Refused
from app.central.sessions import Device
from app.wire import MAX_BLOB, MEDIA_TYPE, PIECE
from app.wire.pieces import PIECE_HASH, piece_hash

_RANGE = re.compile(r"bytes (\d{1,9})-(\d{1,9})/(\d{1,9})")
_FROM = re.compile(r"bytes=(\d{1,9})-")


async def put_blob(request: Request, desk: Desk) -> Response:
    """PUT /v1/blobs/{sha256}?record=, Content-Range: at most 64 KiB, up to where a piece ends; how many bytes are here.

    What came before a break of the link is kept: it goes on at the byte. With `Naungan-Piece`, bytes that do not give
    that hash are refused and nothing else is lost; without it only the whole file is held against its hash.
    """
    return await while_it_comes(request, lambda pump: _take(request, desk, pump=pump))


async def _take(request: Request, desk: Desk, *, pump: Pump) -> Response:
    device = await desk.device(request)
    first, length, total = _announced(request)
    with desk.centre.admission.upload(length):
        body = await _body(pump, length)
        told = request.headers.get(PIECE_HASH, "")
        if len(body) == length and told and told != piece_hash(body).hex():
            raise Refused(422, "piece", message="the bytes changed on the way")
        name, piece = await _named(request, desk, device), Piece(first, total, body)
        offset = await desk.work(take, desk.centre.store, device, name, piece=piece, now=desk.centre.config.now())
        if offset == total:
            clock = desk.centre.config.now
            await desk.work(after_file, desk.centre.store, device.office, name.record, clock=clock)
    return Response(media_type=MEDIA_TYPE, headers={"Naungan-Offset": str(offset)})


def _announced(request: Request) -> tuple[int, int, int]:
    """(where the bytes belong, how many they are, of how many)."""
    match = _RANGE.fullmatch(request.headers.get("content-range", ""))
    if match is None:
        raise Refused(400, "format", message="a piece says where it belongs")
    first, last, total = (int(number) for number in match.groups())
    length = last - first + 1
    if total > MAX_BLOB or not 0 <= first <= last < total or length > PIECE:
        raise Refused(413, "size", message="no piece of a file that may be taken")
    if length < PIECE and last + 1 != total and (last + 1) % PIECE:
        raise Refused(400, "format", message="only the end of a file or of a piece is short")
    return first, length, total


async def _body(pump: Pump, length: int) -> bytes:
    """What was announced; less, if the link broke on the way and some of it came."""
    body = bytearray()
    async for part in pump.pieces():
        body += part
        if len(body) > length:
            raise Refused(400, "format", message="the piece is longer than it says")
    if not body:
        raise Refused(400, "format", message="the piece is shorter than it says")
    return bytes(body)


async def head_blob(request: Request, desk: Desk) -> Response:
    """HEAD /v1/blobs/{sha256}?record=: how many bytes are here, and of how many (0: nobody sent any)."""
    device = await desk.device(request)
    name = await _named(request, desk, device)
    offset, total = await desk.work(standing, desk.centre.store, device, name)
    return Response(media_type=MEDIA_TYPE, headers={"Naungan-Offset": str(offset), "Naungan-Length": str(total)})


async def get_blob(request: Request, desk: Desk) -> Response:
    """GET /v1/blobs/{sha256}?record=, Range: from there to the end of its piece; 404 until all of it was sent.

    `Naungan-Piece` is the hash of that whole piece, so that a laptop need not wait for the last byte to notice.
    """
    device = await desk.device(request)
    match = _FROM.fullmatch(request.headers.get("range", "bytes=0-"))
    if match is None:
        raise Refused(400, "format", message="a range is bytes=N-")
    name = await _named(request, desk, device)
    piece, told = await desk.work(give, desk.centre.store, device, name, start=int(match[1]))
    last = piece.start + len(piece.data) - 1
    headers = {"Content-Range": f"bytes {piece.start}-{last}/{piece.total}", PIECE_HASH: told.hex()}
    return Response(piece.data, status_code=206, media_type=MEDIA_TYPE, headers=headers)


async def _named(request: Request, desk: Desk, device: Device) -> Name:
    """What is asked for, after views whose consent ran out have left: whoever never says hello waits for nothing."""
    await desk.work(let_go, desk.centre.store, device.office, today=today(desk.centre.config.now()))
    return Name(request.query_params.get("record", ""), request.path_params["sha256"])
