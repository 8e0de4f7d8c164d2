"""The endpoints of the protocol, apart from batches: each decodes, asks one part of the centre, and answers."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response

from app.central import enrolment, sessions
from app.central.answers import packed, raw
from app.central.config import today
from app.central.desk import Desk
from app.central.feeds import Reader
from app.central.greeting import let_go
from app.central.refusal import Refused, not_found
from app.central.sessions import Device
from app.wire import REFERENCE, SCHEMA
from app.wire.codecs import CODECS, ROW
from app.wire.messages import (
    Authority,
    ChallengeRequest,
    EnrolRequest,
    Hello,
    RangeRequest,
    ReceiptRequest,
    RowsRequest,
    SessionRequest,
)
from app.wire.short import pack_receipts, pack_reply, unpack_hello, unpack_wanted


async def authority(request: Request, desk: Desk) -> Response:
    """GET /v1/authority: the certificate that a new laptop holds against the pin it was told; 404 without TLS."""
    desk.stranger(request)
    if not desk.centre.authority:
        raise not_found()
    return packed(Authority(desk.centre.authority))


async def enrol(request: Request, desk: Desk) -> Response:
    """POST /v1/enrol: EnrolRequest -> EnrolReply."""
    desk.stranger(request)
    message = await desk.message(request, EnrolRequest)
    centre = desk.centre
    reply = await desk.work(
        enrolment.enrol, centre.store, message, key=centre.key, epoch=centre.epoch, clock=centre.config.now
    )
    return packed(structs.replace(reply, bundle=centre.greeting.bundle))


async def session_challenge(request: Request, desk: Desk) -> Response:
    """POST /v1/session/challenge: ChallengeRequest -> Challenge."""
    desk.stranger(request)
    message = await desk.message(request, ChallengeRequest)
    return packed(await desk.work(sessions.challenge, desk.centre.store, message, clock=desk.centre.config.now))


async def session(request: Request, desk: Desk) -> Response:
    """POST /v1/session: SessionRequest -> Session."""
    desk.stranger(request)
    message = await desk.message(request, SessionRequest)
    return packed(await desk.work(sessions.open_session, desk.centre.store, message, clock=desk.centre.config.now))


async def hello(request: Request, desk: Desk) -> Response:
    """POST /v1/hello: Hello -> HelloReply, or 204 if both sides hold the same."""
    device = await desk.device(request)
    message = await desk.message(request, Hello)
    device = await desk.lanes.settle(device)
    reply = await desk.work(desk.centre.greeting.answer, device, message)
    return Response(status_code=204) if reply is None else packed(reply)


async def short_hello(request: Request, desk: Desk) -> Response:
    """POST /v2/hello: the same in the short form of both."""
    device = await desk.device(request)
    office = bytes.fromhex(device.office)
    message = unpack_hello(await desk.body(request), office=office)
    device = await desk.lanes.settle(device)
    reply = await desk.work(desk.centre.greeting.answer, device, message, schema=SCHEMA)
    return Response(status_code=204) if reply is None else raw(pack_reply(reply, office=office))


async def get_feed(request: Request, desk: Desk) -> Response:
    """GET /v1/feeds/{scope}?cursor=&offset=: the bytes of a segment from an offset on, or 204."""
    device = await desk.device(request)
    scope = request.path_params["scope"]
    if scope not in (device.office, REFERENCE):
        raise not_found()
    return await _segment(request, desk, device=device, reader=Reader(device.id, scope))


async def get_short_feed(request: Request, desk: Desk) -> Response:
    """GET /v2/feeds/{own|shared}?cursor=&offset=&codec=&own=&slow=: own=1: what the reader knows need not be told."""
    device = await desk.device(request)
    return await _segment(request, desk, device=device, reader=_reader(request, device, request.path_params["scope"]))


async def _segment(request: Request, desk: Desk, *, device: Device, reader: Reader) -> Response:
    offset = request.query_params.get("offset", "0")
    match = request.headers.get("if-match", "").strip('"')
    if not (offset.isascii() and offset.isdigit() and len(offset) < 12) or (int(offset) and not match):
        raise Refused(400, "format", message="an offset needs the hash of its segment in If-Match")
    await desk.work(let_go, desk.centre.store, device.office, today=today(desk.centre.config.now()))
    cursor = request.query_params.get("cursor", "")
    data = await desk.work(desk.centre.feeds.segment, reader, cursor=cursor, match=match)
    if data is None:
        return Response(status_code=204)
    if int(offset) > len(data):
        raise Refused(409, "offset", message="beyond the end", headers={"Naungan-Length": str(len(data))})
    headers = {"Naungan-Segment": data[-32:].hex(), "Naungan-Length": str(len(data))}
    return raw(data[int(offset) :], headers=headers)


async def receipt(request: Request, desk: Desk) -> Response:
    """POST /v1/receipts: ReceiptRequest -> Signed Receipt, or 409 'behind' or 'digest'."""
    device = await desk.device(request)
    message = await desk.message(request, ReceiptRequest)
    if message.point.scope.hex() not in (device.office, REFERENCE):
        raise not_found()
    return packed(await desk.work(desk.centre.receipts.confirm, device, message))


async def all_receipts(request: Request, desk: Desk) -> Response:
    """POST /v2/receipts: requests for both scopes and the answers to them, in order, in the short form of both."""
    device = await desk.device(request)
    messages = unpack_wanted(await desk.body(request), office=bytes.fromhex(device.office))
    if len(messages) > 2 or not {m.point.scope.hex() for m in messages} <= {device.office, REFERENCE}:
        raise not_found()
    answers = await desk.work(desk.centre.receipts.confirm_all, device, messages)
    return raw(pack_receipts(answers, requests=messages))


async def ranges(request: Request, desk: Desk) -> Response:
    """POST /v2/ranges: RangeRequest -> RangeReply, or 409 'behind'."""
    device = await desk.device(request)
    message = await desk.message(request, RangeRequest)
    scope = _SCOPES[bool(message.scope)](device)
    return packed(await desk.work(desk.centre.comparison.differing, scope, message))


async def rows(request: Request, desk: Desk) -> Response:
    """POST /v2/rows?codec=: RowsRequest -> a segment of whole rows that moves no cursor."""
    device = await desk.device(request)
    message = await desk.message(request, RowsRequest)
    reader = _reader(request, device, _WORDS[bool(message.scope)])
    await desk.work(let_go, desk.centre.store, device.office, today=today(desk.centre.config.now()))
    return raw(await desk.work(desk.centre.comparison.rows, reader, message.ids))


_SLOW, _FAST = 19, 3  # levels of compression: the link is the narrow place, or the processor is
_WORDS = ("own", "shared")
_SCOPES: tuple[Callable[[Device], str], ...] = (lambda device: device.office, lambda _device: REFERENCE)


def _reader(request: Request, device: Device, word: str) -> Reader:
    """Who reads by schema 2. A codec that the centre does not know is answered in the one everybody knows."""
    if word not in _WORDS:
        raise not_found()
    asked = request.query_params
    codec = asked.get("codec", ROW) if asked.get("codec") in CODECS else ROW
    level = _SLOW if asked.get("slow") == "1" else _FAST
    scope = _SCOPES[_WORDS.index(word)](device)
    return Reader(device.id, scope, SCHEMA, codec, asked.get("own") == "1", level)
