"""The proof: the digest of a scope, computed anew from the rows of this laptop, and the centre's signed word on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import BigInteger, ColumnElement, Text, select, type_coerce, update
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.orm import Session

from app.models.base import KINDS, Record
from app.models.contact import prove_contact
from app.models.content import Content
from app.models.field import Field, Kind, fields_of, to_ms
from app.models.local import AuditEntry, Batch, Feed, Shadow
from app.sync.course import Course
from app.sync.device import SyncSetup
from app.sync.http import not_the_centre
from app.wire.digest import ScopeDigest, item_digest
from app.wire.messages import (
    RECEIPT_DOMAIN,
    AuditHead,
    FeedPoint,
    Receipt,
    ReceiptRequest,
    Signed,
    WireError,
    audit_proof,
    decode,
    encode,
)

_RENEWED_EVERY = 24 * 3600 * 1000  # ms between two signed words, though nothing changed
_RAW: dict[Kind, Any] = {Kind.DATETIME: BigInteger, Kind.CODES: Text}  # as they lie in the file, without detour


def point_of(session: Session, scope: str) -> FeedPoint:
    """How far this laptop has come in a scope, and what it holds there."""
    feed = session.get(Feed, scope)
    digest = digest_of_scope(session, scope)
    cursor, seq = (feed.cursor, feed.seq) if feed else ("", 0)
    return FeedPoint(bytes.fromhex(scope), cursor, seq, digest.value(), digest.count)


def digest_of_scope(session: Session, scope: str) -> ScopeDigest:
    """The digest of all that came through this scope: what the centre served, never local work on top of it."""
    digest = ScopeDigest()
    for kind, record, rev, content in (*_shadows(session, scope), *_records(session, scope)):
        digest.add(item_digest(kind, bytes.fromhex(record), rev, content))
    return digest


def _shadows(session: Session, scope: str) -> Iterator[tuple[str, str, int, Content]]:
    query = select(Shadow.kind, Shadow.record, Shadow.rev, Shadow.content).where(Shadow.scope == scope)
    for kind, record, rev, content in session.execute(query):
        yield kind, record, rev, msgspec.msgpack.decode(content)


def _records(session: Session, scope: str) -> Iterator[tuple[str, str, int, Content]]:
    for kind, record_class in KINDS.items():
        fields = fields_of(record_class)
        query = select(record_class.id, record_class.rev, record_class.extra, *map(_raw_column(record_class), fields))
        shadowed = select(Shadow.record).where(Shadow.record == record_class.id).exists()
        query = query.where(record_class.scope == scope, record_class.rev > 0, ~shadowed)
        wire = _wire_values(record_class)
        for record, rev, extra, *values in session.execute(query):
            content: Content = msgspec.msgpack.decode(extra) if extra else {}
            for (key, as_wire), value in zip(wire, values, strict=True):
                if value is not None and value != "":
                    content[key] = as_wire(value) if as_wire else value
            yield kind, record, rev, content


def _raw_column(record_class: type[Record]) -> Callable[[Field], ColumnElement[Any]]:
    columns = sa_inspect(record_class).columns

    def raw(declared: Field) -> ColumnElement[Any]:
        column = columns[declared.key]
        return type_coerce(column, _RAW[declared.kind]()) if declared.kind in _RAW else column

    return raw


@lru_cache
def _wire_values(record_class: type[Record]) -> list[tuple[str, Callable[[Any], Any] | None]]:
    """(key, from the raw column to the wire value) of every field."""
    return [(f.key, _codes if f.kind is Kind.CODES else None) for f in fields_of(record_class)]


def _codes(raw: str) -> list[str]:
    return raw.strip("|").split("|")


def prove(course: Course, scope: str) -> None:
    """Get the centre's signed receipt for what this laptop holds, and keep it. CentreRefused 'behind' or 'digest'."""
    setup = course.setup
    with setup.read() as session:
        point, audit = point_of(session, scope), audit_head(session, setup)
    signed = course.transport.receipt(ReceiptRequest(point, audit))
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
