"""The messages that every sync sends, as short as they can be: arrays, raw bytes, what both sides know left out."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.wire import MAX_OPERATIONS, MAX_PLAIN, REFERENCE
from app.wire.frames import Packer, Unpacker
from app.wire.lines import Table
from app.wire.messages import (
    AuditHead,
    BatchResult,
    FeedPoint,
    Hello,
    HelloReply,
    Outcome,
    Problem,
    Receipt,
    ReceiptAnswer,
    ReceiptRequest,
    ScopeHead,
    Signed,
    Status,
    WireError,
    decode,
    encode,
)
from app.wire.streams import BROKEN, Reader, Writer

_OWN, _SHARED = 0, 1  # the two scopes of every device
_Scope = int | bytes
_Point = tuple[_Scope, int, bytes, int]
_Head = tuple[_Scope, int, int]
_LEVEL = 3
_RAW = (0, 8, 16)  # bytes an epoch may have; a centre makes eight
_ZEROS = bytes(max(_RAW))


class _Hello(msgspec.Struct, frozen=True, array_like=True):
    schema: int
    epoch: bytes
    next_batch: int
    points: list[_Point]
    stale: str = ""


class _Reply(msgspec.Struct, frozen=True, array_like=True):
    epoch: bytes
    last_batch: int
    heads: list[_Head]
    codecs: list[str] = []
    slot: int = 0
    bundle: tuple[bytes, bytes] | None = None


class _Wanted(msgspec.Struct, frozen=True, array_like=True):
    points: list[_Point]
    audit: tuple[int, bytes, bytes] | None = None


class _Given(msgspec.Struct, frozen=True, array_like=True):
    """A receipt without what the device has said itself."""

    epoch: bytes
    at: int
    last_batch: int
    audit_seq: int
    audit_head: bytes | None  # None: as it was told
    signature: bytes


class _Told(msgspec.Struct, frozen=True, array_like=True):
    given: _Given | None = None
    problem: Problem | None = None


def pack_hello(hello: Hello, *, office: bytes) -> bytes:
    """The first word of a sync. Cursors stay behind: the number says the same."""
    points = [(_scope(point.scope, office), point.seq, point.digest, point.count) for point in hello.feeds]
    return encode(_Hello(hello.schema, _epoch(hello.epoch), hello.next_batch, points, hello.stale))


def unpack_hello(data: bytes, *, office: bytes) -> Hello:
    """The same as it was said, without cursors."""
    said = decode(data, _Hello)
    feeds = [FeedPoint(_named(scope, office), "", seq, digest, count) for scope, seq, digest, count in said.points]
    return Hello(said.schema, _text(said.epoch), feeds, said.next_batch, said.stale)


def pack_reply(reply: HelloReply, *, office: bytes) -> bytes:
    """The centre's answer."""
    heads = [(_scope(head.scope, office), head.seq, head.rows) for head in reply.heads]
    bundle = (reply.bundle.body, reply.bundle.signature) if reply.bundle else None
    return encode(_Reply(_epoch(reply.epoch), reply.last_batch, heads, reply.codecs, reply.slot, bundle))


def unpack_reply(data: bytes, *, office: bytes) -> HelloReply:
    """The same as it was said."""
    said = decode(data, _Reply)
    heads = [ScopeHead(_named(scope, office), seq, rows) for scope, seq, rows in said.heads]
    bundle = Signed(*said.bundle) if said.bundle else None
    return HelloReply(_text(said.epoch), said.last_batch, heads, said.codecs, said.slot, bundle)


def pack_wanted(requests: Sequence[ReceiptRequest], *, office: bytes) -> bytes:
    """Requests for receipts; one end of the audit for all of them."""
    points = [(_scope(one.point.scope, office), one.point.seq, one.point.digest, one.point.count) for one in requests]
    audit = next((one.audit for one in requests if one.audit), None)
    return encode(_Wanted(points, (audit.seq, audit.h, audit.signature) if audit else None))


def unpack_wanted(data: bytes, *, office: bytes) -> list[ReceiptRequest]:
    """The same as it was said: the audit with the first."""
    said = decode(data, _Wanted)
    points = [FeedPoint(_named(scope, office), "", seq, digest, count) for scope, seq, digest, count in said.points]
    audits = [AuditHead(*said.audit) if said.audit else None] + [None] * len(points)
    return [ReceiptRequest(point, audit) for point, audit in zip(points, audits, strict=False)]


def pack_receipts(answers: Sequence[ReceiptAnswer], *, requests: Sequence[ReceiptRequest]) -> bytes:
    """The answers without what whoever asked has said; who verifies a signature puts it together again."""
    told = next((one.audit.h for one in requests if one.audit), b"")
    return encode([_given(answer, told=told) for answer in answers])


def unpack_receipts(data: bytes, *, requests: Sequence[ReceiptRequest], device: bytes) -> list[ReceiptAnswer]:
    """The answers to these requests of this device. WireError unless there is one for each."""
    told = next((one.audit.h for one in requests if one.audit), b"")
    found = decode(data, list[_Told])
    if len(found) != len(requests):
        raise WireError("format", "not an answer to each")
    return [
        _receipt(one.given, request.point, device=device, told=told) if one.given else ReceiptAnswer(None, one.problem)
        for one, request in zip(found, requests, strict=True)
    ]


def pack_result(result: BatchResult) -> bytes:
    """What became of a batch, in columns: what is the same for all operations is said once."""
    writer = Writer(Packer(level=_LEVEL, prefix=b""), limit=MAX_PLAIN, words={})
    said = Table((one.status.value, one.code, one.field) for one in result.outcomes)
    revs, lines = [one.rev for one in result.outcomes], range(len(result.outcomes))
    table = [
        result.device, result.n, result.digest, len(result.outcomes), [list(one) for one in said.things],
        writer.numbers(said.places), writer.numbers(revs, against=lines),
    ]  # fmt: skip
    return writer.body(table)


def unpack_result(data: bytes) -> BatchResult:
    """The same as it was said. WireError for anything else."""
    try:
        return _read_result(Reader(data, unpacker=Unpacker(prefix=b""), limit=MAX_PLAIN, words=()))
    except BROKEN as error:
        raise WireError("format", str(error)) from None


def _read_result(reader: Reader) -> BatchResult:
    device, n, digest, count, things, places, revs = reader.table
    if type(count) is not int or not 0 <= count <= MAX_OPERATIONS:
        raise ValueError("not so many outcomes")
    said = [(Status(status), code, field) for status, code, field in things]
    which = reader.numbers(places, count=count)
    if which and min(which) < 0:
        raise ValueError("not an outcome")
    known = zip(which, reader.numbers(revs, count=count, against=range(count)), strict=True)
    outcomes = [Outcome(*said[place], rev) for place, rev in known]
    reader.end()
    reader.spend(sum(len(one.code) + len(one.field) for one in outcomes))
    return decode(encode(BatchResult(device, n, digest, outcomes)), BatchResult)  # every type, once more


def _given(answer: ReceiptAnswer, *, told: bytes) -> _Told:
    if answer.signed is None:
        return _Told(problem=answer.problem)
    receipt = decode(answer.signed.body, Receipt)
    head = None if receipt.audit_head == told else receipt.audit_head
    epoch, signature = _epoch(receipt.epoch), answer.signed.signature
    return _Told(_Given(epoch, receipt.at, receipt.last_batch, receipt.audit_seq, head, signature))


def _receipt(given: _Given, point: FeedPoint, *, device: bytes, told: bytes) -> ReceiptAnswer:
    head = told if given.audit_head is None else given.audit_head
    receipt = Receipt(
        device, point.scope, _text(given.epoch), point.seq, point.digest, point.count, given.last_batch, given.at,
        given.audit_seq, head,
    )  # fmt: skip
    return ReceiptAnswer(Signed(encode(receipt), given.signature))


def _scope(scope: bytes, office: bytes) -> _Scope:
    if scope == office:
        return _OWN
    return _SHARED if scope == bytes.fromhex(REFERENCE) else scope


def _named(scope: _Scope, office: bytes) -> bytes:
    if isinstance(scope, bytes):
        return scope
    return bytes.fromhex(REFERENCE) if scope == _SHARED else office


def _epoch(epoch: str) -> bytes:
    """As raw bytes where that says the same, which is always; anything else stands behind 16 zeros."""
    try:
        raw = bytes.fromhex(epoch)
    except ValueError:
        raw = b""
    if raw.hex() == epoch and len(raw) in _RAW:
        return raw
    return _ZEROS + epoch.encode()


def _text(epoch: bytes) -> str:
    if len(epoch) in _RAW:
        return epoch.hex()
    return epoch[len(_ZEROS) :].decode(errors="replace")
