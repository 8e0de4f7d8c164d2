"""The proof: the digest of a scope, computed anew from the rows of this laptop, and the centre's signed word on it."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec.structs import replace
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import CentreRefused
from app.models.contact import prove_contact
from app.models.field import to_ms
from app.models.local import AuditEntry, Batch, Feed
from app.sync.course import Course
from app.sync.device import SyncSetup
from app.sync.http import not_the_centre
from app.sync.restored import arrived
from app.sync.tables import served
from app.sync.words import refusal
from app.wire import OLDEST
from app.wire.digest import ScopeDigest, item_digest
from app.wire.messages import (
    RECEIPT_DOMAIN,
    AuditHead,
    FeedPoint,
    Problem,
    Receipt,
    ReceiptRequest,
    Signed,
    WireError,
    audit_proof,
    decode,
    encode,
)

_MENDED = ("behind", "digest")  # by reading on, and by comparing
_RENEWED_EVERY = 24 * 3600 * 1000  # ms between two signed words, though nothing changed


def point_of(session: Session, scope: str) -> FeedPoint:
    """How far this laptop has come in a scope, and what it holds there."""
    feed = session.get(Feed, scope)
    digest = digest_of_scope(session, scope)
    cursor, seq = (feed.cursor, feed.seq) if feed else ("", 0)
    return FeedPoint(bytes.fromhex(scope), cursor, seq, digest.value(), digest.count)


def digest_of_scope(session: Session, scope: str) -> ScopeDigest:
    """The digest of all that came through this scope: what the centre served, never local work on top of it."""
    digest = ScopeDigest()
    for stored in served(session, scope):
        digest.add(item_digest(stored.kind, bytes.fromhex(stored.record), stored.rev, stored.content))
    return digest


def prove(course: Course, scopes: Sequence[str]) -> dict[str, CentreRefused]:
    """Get the centre's signed receipts for what this laptop holds, and keep them; returns what was refused and why.

    'behind': the centre has more; 'digest': it holds something else. All scopes in one exchange, if the centre can.
    """
    with course.setup.read() as session:
        points = [point_of(session, scope) for scope in scopes]
        audit = audit_head(session, course.setup)
    requests = [ReceiptRequest(point, audit) for point in points]
    refused: dict[str, CentreRefused] = {}
    for scope, request, answer in zip(scopes, requests, _answers(course, requests), strict=True):
        if isinstance(answer, CentreRefused):
            if answer.code not in _MENDED:
                raise answer  # no other scope says anything that would make it good
            refused[scope] = answer
        else:
            _keep(course, scope, request, signed=answer)
    return refused


def _answers(course: Course, requests: Sequence[ReceiptRequest]) -> list[Signed | CentreRefused]:
    if course.transport.dialect > OLDEST:
        told = course.transport.receipts([requests[0], *(replace(one, audit=None) for one in requests[1:])])
        if len(told) != len(requests):
            raise not_the_centre()
        return [one.signed or _refusal(one.problem) for one in told]
    answers: list[Signed | CentreRefused] = []
    for request in requests:
        try:
            answers.append(course.transport.receipt(request))
        except CentreRefused as refused:
            answers.append(refused)
    return answers


def _refusal(problem: Problem | None) -> CentreRefused:
    if problem is None:
        raise not_the_centre()
    return CentreRefused(refusal(409, problem.code), status=409, code=problem.code)


def _keep(course: Course, scope: str, request: ReceiptRequest, *, signed: Signed) -> None:
    setup, point, audit = course.setup, request.point, request.audit
    receipt = opened_receipt(signed, centre_key=course.member.centre_key)
    said = (receipt.device, receipt.scope, receipt.seq, receipt.digest, receipt.count)
    if said != (setup.device, point.scope, point.seq, point.digest, point.count):
        raise not_the_centre()
    if audit is not None and receipt.audit_seq and (receipt.audit_seq, receipt.audit_head) != (audit.seq, audit.h):
        raise not_the_centre()  # a centre of an earlier version countersigns nothing
    with setup.write() as session:
        feed = session.get(Feed, scope)
        if feed is None:
            feed = Feed(scope=scope, epoch=receipt.epoch)
            session.add(feed)
        feed.receipt, feed.proven_at = encode(signed), setup.now()
        prove_contact(session, receipt.at)
    course.report.proven[scope] = True


def audit_head(session: Session, setup: SyncSetup) -> AuditHead | None:
    """Where the audit chain of this laptop ends now, signed; the centre will not hear of an earlier end again."""
    last = session.execute(select(AuditEntry.seq, AuditEntry.h).order_by(AuditEntry.seq.desc()).limit(1)).one_or_none()
    if last is None:
        return None
    seq, h = last
    return AuditHead(seq, h, setup.signer.sign(audit_proof(setup.device, seq, h)))


def confirm(course: Course) -> bool:
    """After the centre's short "nothing to do": whether a receipt kept for every scope still says the same.

    Once a day it asks for new ones all the same: only a signed word renews the lease.
    """
    setup = course.setup
    with setup.write() as session:
        feeds = [session.get(Feed, scope) for scope in course.member.scopes]
        if not all(feed is not None and still_holds(session, feed, course=course) for feed in feeds):
            return False
        for feed in feeds:
            if feed is not None:
                feed.proven_at = setup.now()
        course.report.proven |= dict.fromkeys(course.member.scopes, True)
        arrived(session, course.member.scopes, proven=course.report.proven)
    return True


def still_holds(session: Session, feed: Feed, *, course: Course) -> bool:
    """Whether the receipt kept with this feed is the centre's and describes what the laptop holds now."""
    if feed.receipt is None:
        return False
    receipt = opened_receipt(decode(feed.receipt, Signed), centre_key=course.member.centre_key)
    point = point_of(session, feed.scope)
    unproven = session.scalar(select(Batch.n).where(Batch.n > receipt.last_batch).limit(1))
    same = (receipt.scope, receipt.seq, receipt.digest) == (point.scope, point.seq, point.digest)
    return same and unproven is None and abs(to_ms(course.setup.now()) - receipt.at) < _RENEWED_EVERY


def mark_proven(session: Session, scopes: tuple[str, ...], *, centre_key: bytes) -> None:
    """Batches that every scope's receipt covers have arrived for good: the screen may be green."""
    covered = []
    for scope in scopes:
        feed = session.get(Feed, scope)
        if feed is None or feed.receipt is None:
            return
        covered.append(opened_receipt(decode(feed.receipt, Signed), centre_key=centre_key).last_batch)
    session.execute(update(Batch).where(Batch.state == "ACKED", Batch.n <= min(covered)).values(state="PROVEN"))


def opened_receipt(signed: Signed, *, centre_key: bytes) -> Receipt:
    """The receipt, if the centre signed it; NotTheCentre otherwise."""
    try:
        Ed25519PublicKey.from_public_bytes(centre_key).verify(signed.signature, RECEIPT_DOMAIN + signed.body)
        return decode(signed.body, Receipt)
    except (InvalidSignature, ValueError, WireError):
        raise not_the_centre() from None
