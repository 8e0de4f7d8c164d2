"""One answer of the centre, taken in the order of a sync: results, segments of every scope, receipts, files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import CentreRefused, KnownError
from app.i18n import _
from app.models import settings
from app.models.contact import keep_seen, prove_contact, read_contact
from app.models.field import from_ms
from app.models.local import AuditEntry, Batch, BundleSent, Feed
from app.sync import bundle_key
from app.sync.acks import acknowledge
from app.sync.apply import PushFirst, apply_segment
from app.sync.bundle_files import left, take_files
from app.sync.course import Visit
from app.sync.device import Membership, SyncSetup
from app.sync.erasing import Returned, offer_again
from app.sync.http import not_the_centre
from app.sync.link import remember_codecs
from app.sync.outbox import freeze
from app.sync.pending import settle_shadows
from app.sync.proof import mark_proven, opened_receipt, point_of
from app.sync.pull import begin_again, remove_unlisted
from app.sync.push import WAITING
from app.sync.report import SyncReport
from app.sync.reseal import can_be_mended, seal_anew
from app.sync.restored import arrived, heed, refuse_fork
from app.sync.touched import refresh_touched
from app.sync.words import refusal
from app.wire.messages import BatchResult, HelloReply, Receipt, RowKind, Signed, WireError, encode
from app.wire.parcel import Answer, Verdict
from app.wire.segment import OpenedSegment, unseal_segment


@dataclass(slots=True)
class Reading:
    """What reading answers works on."""

    setup: SyncSetup
    report: SyncReport
    member: Membership


def take_answer(visit: Visit, parts: Sequence[Answer]) -> bool:
    """All parts of one answer; False if the centre was restored, or heard of, in between: it says nothing any more.

    CentreRefused for what the centre refused, with what came of the rest; KnownError if another round is needed first.
    """
    first = parts[0]
    if first.reply is None:
        raise _refused(visit, first.verdicts)
    if not _meet(visit, first, first.reply):
        return False
    _take_results(visit, [result for part in parts for result in part.results])
    problems = _take_verdicts(visit, first)
    receipts = [signed for part in parts for signed in part.receipts]
    segments = _opened([data for part in parts for data in part.segments])
    for scope in visit.member.scopes:
        visit.report.proven[scope] = False
        try:
            _Scope(visit, scope, _receipt_for(receipts, scope, visit=visit)).take(segments.get(scope, []))
        except KnownError as problem:
            problems.append(problem)
    _finish(visit, parts)
    if problems:
        raise problems[0]
    return True


def _meet(visit: Visit, answer: Answer, reply: HelloReply) -> bool:
    """Where the centre stood. An answer of another epoch counts only if nothing was heard since it was asked for."""
    with visit.setup.write() as session:
        epoch = settings.get(session, "epoch", "")
        if epoch not in (reply.epoch, answer.asked_epoch):
            return False
        bundle_key.keep(session, reply.bundle, centre_key=visit.member.centre_key)
        remember_codecs(session, reply.codecs)
        refuse_fork(session, reply)
        anew = reply.epoch != epoch and heed(session, reply)
    if anew:
        freeze(visit.setup)
    return True


def _take_results(visit: Visit, results: Iterable[BatchResult]) -> None:
    """Acknowledge what still waits. Another batch under the same number is the work of a copy of this laptop."""
    setup, report = visit.setup, visit.report
    for result in results:
        with setup.write() as session:
            batch = session.get(Batch, result.n)
            if result.device != setup.device or (batch is not None and batch.state not in WAITING):
                continue
            if batch is None or batch.digest != result.digest:
                raise CentreRefused(refusal(409, "fork"), status=409, code="fork")
            if len(result.outcomes) != batch.operations:
                raise not_the_centre()
            acknowledge(session, batch, result=result, now=setup.now)
        report.pushed_batches += 1
        report.pushed_operations += len(result.outcomes)
        for outcome in result.outcomes:
            report.outcomes[outcome.status.value] = report.outcomes.get(outcome.status.value, 0) + 1


def _take_verdicts(visit: Visit, answer: Answer) -> list[KnownError]:
    """Why batches that still wait were not taken. What the centre only could not read is sealed anew."""
    with visit.setup.read() as session:
        ours = [each for each in answer.verdicts if _is_ours(session, each)]
    problems: list[KnownError] = []
    for verdict in ours:
        refused = _refused(visit, [verdict])
        if refused.code == "fork":
            raise refused
        with visit.setup.read() as session:
            mend = can_be_mended(refused) and _is_nowhere_else(session, verdict, answer=answer)
        if mend:
            seal_anew(visit.setup, verdict.n, refused=refused)
            said = _("The centre could not read how it was packed. That is mended: make the bundle once more.")
            problems.append(KnownError(said))
        else:
            problems.append(refused)
    return problems


def _is_nowhere_else(session: Session, verdict: Verdict, *, answer: Answer) -> bool:
    """Whether no other copy of these bytes may yet arrive: beside other ones under the number it would be a fork.

    What names records by numbers of another epoch is refused whenever it comes.
    """
    if session.get_one(Batch, verdict.n).state != "FROZEN":
        return False
    under_way = select(BundleSent.id).where(
        BundleSent.answered_at.is_(None), BundleSent.first <= verdict.n, BundleSent.last >= verdict.n
    )  # fmt: skip
    others = set(session.scalars(under_way)) - {name.hex() for name in answer.parcels}
    return verdict.problem.code == "numbers" or not others


def _is_ours(session: Session, verdict: Verdict) -> bool:
    """Whether a refused batch is one that still waits here: a copy of this laptop has other ones."""
    batch = session.get(Batch, verdict.n)
    return batch is not None and batch.state in WAITING and batch.digest == verdict.digest


def _refused(visit: Visit, verdicts: Sequence[Verdict]) -> CentreRefused:
    if not verdicts:
        raise not_the_centre()
    problem = verdicts[0].problem
    order = encode(problem.order) if problem.order else b""
    status = 409 if verdicts[0].n else 401
    return CentreRefused(
        refusal(status, problem.code), status=status, code=problem.code, order=order, codecs=tuple(problem.codecs)
    )  # fmt: skip


def _opened(segments: Iterable[bytes]) -> dict[str, list[OpenedSegment]]:
    by_scope: dict[str, list[OpenedSegment]] = {}
    try:
        for data in segments:
            segment = unseal_segment(data)
            by_scope.setdefault(segment.header.scope.hex(), []).append(segment)
    except WireError:
        raise not_the_centre() from None
    return by_scope


def _receipt_for(receipts: Iterable[Signed], scope: str, *, visit: Visit) -> tuple[Signed, Receipt] | None:
    for signed in receipts:
        receipt = opened_receipt(signed, centre_key=visit.member.centre_key)
        if (receipt.device, receipt.scope.hex()) == (visit.setup.device, scope):
            return signed, receipt
    return None


class _Scope:
    """One scope of an answer."""

    def __init__(self, visit: Visit, scope: str, receipt: tuple[Signed, Receipt] | None) -> None:
        self._visit = visit
        self._scope = scope
        self._receipt = receipt
        self._served: set[str] = set()

    def take(self, segments: Sequence[OpenedSegment]) -> None:
        """Apply what is new here, then see whether the receipt is true. KnownError if it goes on from elsewhere."""
        with self._visit.setup.read() as session:
            point, epoch = point_of(session, self._scope), settings.get(session, "epoch", "")
        if any(segment.header.epoch != epoch for segment in segments):
            return
        whole = bool(segments) and segments[0].header.first == 0
        if segments and segments[-1].header.last >= point.seq and not self._holds():
            if segments[0].header.first > point.seq:
                said = _(
                    "The answer goes on from where this laptop has not read to. Make a new bundle and take it to the "
                    "centre; nothing was lost."
                )
                raise KnownError(said)
            self._apply([each for each in segments if whole or each.header.last > point.seq])
        if self._receipt is None:
            return
        if whole and not self._holds() and self._reached():
            remove_unlisted(self._visit, self._scope, served=self._served)
        if self._holds():
            self._keep()
        elif self._reached():
            begin_again(self._visit, self._scope)
            said = _(
                "This laptop and the centre do not hold the same. The next bundle asks for all of it anew; nothing was "
                "lost."
            )
            raise KnownError(said)

    def _apply(self, segments: Iterable[OpenedSegment]) -> None:
        report = self._visit.report
        for segment in segments:
            try:
                applied = apply_segment(self._visit.setup, segment, scope=self._scope)
            except (PushFirst, Returned) as first:
                if isinstance(first, Returned):
                    offer_again(self._visit.setup)
                said = _(
                    "A case leaves this laptop, and work on it waits to be sent first. Make a new bundle and take it "
                    "to the centre."
                )
                raise KnownError(said) from None
            report.pulled[self._scope] = report.pulled.get(self._scope, 0) + applied.rows
            report.unreadable += applied.unreadable
            report.changes |= applied.changes
            report.erased += applied.erased
            report.files_gone |= applied.files_gone
            self._served |= {row.record.hex() for row in segment.rows if row.row is RowKind.FULL}

    def _reached(self) -> bool:
        """Whether the receipt speaks of where this laptop stands now."""
        with self._visit.setup.read() as session:
            feed = session.get(Feed, self._scope)
            return self._receipt is not None and feed is not None and feed.seq == self._receipt[1].seq

    def _holds(self) -> bool:
        """Whether the rows of this laptop give the very digest that the centre signed."""
        if self._receipt is None:
            return False
        receipt = self._receipt[1]
        with self._visit.setup.read() as session:
            point = point_of(session, self._scope)
            return (point.seq, point.digest, point.count) == (receipt.seq, receipt.digest, receipt.count)

    def _keep(self) -> None:
        """The centre's word on this scope, unless there is a later one. CentreRefused if it saw another audit."""
        assert self._receipt is not None
        signed, receipt = self._receipt
        at = from_ms(receipt.at)
        with self._visit.setup.write() as session:
            if receipt.audit_seq:
                link = session.scalar(select(AuditEntry.h).where(AuditEntry.seq == receipt.audit_seq))
                if link != receipt.audit_head:
                    raise CentreRefused(refusal(409, "audit_rewound"), status=409, code="audit_rewound")
            feed = session.get(Feed, self._scope)
            if feed is None:
                feed = Feed(scope=self._scope, epoch=receipt.epoch)
                session.add(feed)
            if feed.proven_at is None or feed.proven_at < at:
                feed.receipt, feed.proven_at = encode(signed), at
            _renew(session, receipt)
            settle_shadows(session, self._scope)
        self._visit.report.proven[self._scope] = True


def _renew(session: Session, receipt: Receipt) -> None:
    """The lease runs from when the centre signed, never from an earlier moment than before; the clock is not its."""
    before = read_contact(session)
    at = from_ms(receipt.at)
    if before is None or before.proven < at:
        prove_contact(session, receipt.at)
        if before is not None:
            keep_seen(session, before.seen)


def _finish(visit: Visit, parts: Sequence[Answer]) -> None:
    setup, report = visit.setup, visit.report
    if setup.files is not None:
        setup.files.forget(sorted(report.files_gone))
    with setup.write() as session:
        take_files(session, setup.files, [sheet for part in parts for sheet in part.files])
        report.files_left = left(session, setup.files)
        mark_proven(session, visit.member.scopes, centre_key=visit.member.centre_key)
        arrived(session, visit.member.scopes, proven=report.proven)
        for name in parts[0].parcels:
            sent = session.get(BundleSent, name.hex())
            if sent is not None and sent.answered_at is None and parts[-1].part == parts[-1].parts:
                sent.answered_at = setup.now()
        report.changes |= refresh_touched(session)
