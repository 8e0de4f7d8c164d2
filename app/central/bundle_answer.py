"""The centre's answer to the bundles of one device: what it would have said over a link, up to a head of each scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.central.bundle_files import Wanted, give_files, take_files
from app.central.centre import Centre
from app.central.config import today
from app.central.feeds import Reader, read_head
from app.central.greeting import let_go
from app.central.keys import verified
from app.central.refusal import Refused
from app.central.sessions import Device
from app.central.store import as_scope
from app.models.field import to_ms
from app.wire import REFERENCE
from app.wire.batch import digest_of, header_of
from app.wire.codecs import CODECS
from app.wire.messages import (
    RECEIPT_DOMAIN,
    BatchResult,
    FeedPoint,
    HelloReply,
    Problem,
    Receipt,
    Signed,
    WireError,
    decode,
)
from app.wire.parcel import MAX_WORK, Answer, Parcel, Sheet, Verdict
from app.wire.segment import unseal_segment

_ROUNDS = 5  # times a scope may move on while its segments are read
_UNREADABLE = ("codec", "dictionary")
_PARTS = 8  # files of one answer; the next round goes on where it ends

Named = Sequence[tuple[bytes, Parcel]]  # the names of the files, and what is in them


@dataclass(slots=True)
class Served:
    """What was done for one device. By the name of the file: the word for what went wrong; (batches, operations)."""

    answers: tuple[Answer, ...] = ()
    problems: dict[bytes, str] = field(default_factory=dict)
    counts: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    results: dict[int, BatchResult] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    anew: set[str] = field(default_factory=set)  # scopes of which the device holds something else than we do
    held: list[Sheet] = field(default_factory=list)  # files that it brought and we have whole


def refusal_of(centre: Centre, device: Device, parcels: Named, *, refused: Refused) -> Served:
    """Nothing is taken, and the device is told why: also its order to destroy its workspace, if there is one."""
    order = decode(refused.order, Signed) if refused.order else None
    verdict = Verdict(0, b"", Problem(refused.code, refused.message, order=order))
    names = [name for name, _parcel in parcels]
    epoch = parcels[-1][1].hello.epoch
    now = to_ms(centre.config.now())
    told = Answer(bytes.fromhex(device.id), names, epoch, now, 1, 1, verdicts=[verdict])
    return Served((told,), dict.fromkeys(names, refused.code))


def take_work(centre: Centre, device: Device, parcels: Iterable[tuple[bytes, Parcel]], *, newest: Parcel) -> Served:
    """Take the batches and files of all these parcels, in their order, holding one of them at a time."""
    served = Served(anew={p.scope.hex() for p in newest.hello.feeds if _differs(centre, device, p)})
    for name, parcel in parcels:
        _take_batches(centre, device, name=name, parcel=parcel, served=served)
        try:
            _take_word(centre, device, parcel)
        except Refused as refused:
            served.problems.setdefault(name, refused.code)
        served.held += take_files(centre, device, parcel.files)
    return served


def answer(centre: Centre, device: Device, parcels: Named, *, served: Served) -> None:
    """Say what became of them, and all that the device has not heard from where its newest parcel says that it stands.

    After the work of everybody on the stick was taken, so that they hear of each other at once.
    """
    newest = parcels[-1][1]
    let_go(centre.store, device.office, today=today(centre.config.now()))
    reply = centre.greeting.answer(device, newest.hello)
    if reply is None:  # over a link there would be nothing to say
        reply = HelloReply(
            centre.epoch, newest.hello.next_batch - 1, [], list(CODECS), bundle=centre.greeting.bundle
        )  # fmt: skip
    segments, receipts = [], []
    for scope in (device.office, REFERENCE):
        begin = _begin(centre, device, newest, scope=scope, anew=scope in served.anew)
        more, receipt = _read_on(centre, device, begin)
        segments += more
        receipts += [receipt] if receipt is not None else []
    first = Answer(
        bytes.fromhex(device.id), [name for name, _parcel in parcels], newest.hello.epoch, to_ms(centre.config.now()),
        1, 1, reply, list(served.results.values()), served.verdicts,
    )  # fmt: skip
    files = [*served.held, *give_files(centre, device, Wanted(newest, served.held, segments))]
    served.answers = _parts(first, segments, receipts=receipts, files=files)


def _take_batches(centre: Centre, device: Device, *, name: bytes, parcel: Parcel, served: Served) -> None:
    """Each as if it came over the link. What is behind one that is refused cannot be taken either."""
    batches = operations = 0
    for data in parcel.batches:
        n = 0
        try:
            n = header_of(data)[0].n
            result = decode(centre.intake.take(device, n, data=data), BatchResult)
        except (Refused, WireError) as error:
            codecs = list(CODECS) if error.code in _UNREADABLE else []
            problem = Problem(error.code, str(error), codecs=codecs)
            served.verdicts.append(Verdict(n, digest_of(data), problem))
            served.problems[name] = error.code
            break
        served.results[n] = result
        batches, operations = batches + 1, operations + len(result.outcomes)
    served.counts[name] = (batches, operations)


def _take_word(centre: Centre, device: Device, parcel: Parcel) -> None:
    """What the device signed about itself: where its audit ends, and which receipts it found to be true.

    A file may be older than what came over a link since: an audit that ends earlier is no contradiction here.
    """
    with centre.store.transaction() as connection:
        row = connection.execute("SELECT audit_seq FROM device WHERE id = %s", (device.id,)).fetchone()
    if parcel.audit is not None and row is not None and parcel.audit.seq > row[0]:
        centre.receipts.note_audit(device, parcel.audit)
    for signed in parcel.receipts:
        if not verified(centre.key.public, RECEIPT_DOMAIN + signed.body, signed.signature):
            continue
        receipt = decode(signed.body, Receipt)
        mine = (receipt.device.hex(), receipt.scope.hex(), receipt.epoch) == (device.id, device.office, centre.epoch)
        if mine:
            centre.receipts.delivered(device, seq=receipt.seq)


def _differs(centre: Centre, device: Device, point: FeedPoint) -> bool:
    """Whether the device, which read as far as we are, holds something else: then all of it is sent anew."""
    scope = point.scope.hex()
    if scope not in (device.office, REFERENCE):
        return False
    with centre.store.transaction() as connection, as_scope(connection, scope):
        head = read_head(connection, scope)
    return point.seq == head.seq and (point.digest, point.count) != (head.digest, head.count)


@dataclass(frozen=True, slots=True)
class _From:
    """Where a device goes on reading a scope. Whole rows: whatever the order of files, each says all by itself."""

    reader: Reader
    cursor: str = ""
    seq: int = 0


def _begin(centre: Centre, device: Device, parcel: Parcel, *, scope: str, anew: bool) -> _From:
    point = next((point for point in parcel.hello.feeds if point.scope.hex() == scope), None)
    reader = Reader(device.id, scope, schema=parcel.hello.schema)
    if point is None or anew or parcel.hello.epoch != centre.epoch or not point.cursor:
        return _From(reader)
    if centre.feeds.position(reader, point.cursor) is None:
        return _From(reader)
    return _From(reader, point.cursor, point.seq)


def _read_on(centre: Centre, device: Device, begin: _From) -> tuple[list[bytes], Signed | None]:
    """(segments up to the head, the receipt for it); without a receipt if they are too many for one answer."""
    segments: list[bytes] = []
    reader, cursor, last, room = begin.reader, begin.cursor, begin.seq, _PARTS * MAX_WORK // 2
    for _round in range(_ROUNDS):
        while room > 0 and (data := centre.feeds.segment(reader, cursor=cursor)) is not None:
            segments.append(data)
            room -= len(data)
            header = unseal_segment(data).header
            cursor, last = header.cursor, header.last
            if last >= header.head:
                break
        receipt = centre.receipts.foretell(device, reader.scope)
        if decode(receipt.body, Receipt).seq == last:
            return segments, receipt
        if room <= 0:
            break
    return segments, None


def _parts(
    first: Answer, segments: Iterable[bytes], *, receipts: list[Signed], files: list[Sheet]
) -> tuple[Answer, ...]:
    """As many files as the segments need. The receipts come last: they speak of all of it."""
    pages: list[list[bytes]] = [[]]
    room = MAX_WORK
    for segment in segments:
        room -= len(segment)
        if room < 0 and pages[-1]:
            pages.append([])
            room = MAX_WORK - len(segment)
        pages[-1].append(segment)
    common = (first.device, first.parcels, first.asked_epoch, first.at)
    return tuple(
        Answer(
            *common, part, len(pages), first.reply, first.results if part == 1 else [],
            first.verdicts if part == 1 else [], page,
            receipts if part == len(pages) else [], files if part == len(pages) else [],
        )
        for part, page in enumerate(pages, 1)
    )  # fmt: skip
