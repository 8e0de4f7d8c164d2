"""The sync without a link: what waits leaves as one sealed file for the centre, whose answer comes back as another.

A bundle changes nothing here: its batches stay frozen and waiting, and may go online meanwhile. Only the centre's
answer, by either way, acknowledges them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Conflicted
from app.i18n import _
from app.models import settings
from app.models.agefile import name_of, seal
from app.models.field import to_ms
from app.models.journal import audit
from app.models.local import Batch, BundleSent, Feed
from app.models.stick import put_whole
from app.sync.bundle_files import lacking, outgoing
from app.sync.bundle_key import KEY
from app.sync.bundle_read import BundleRead, read_answers
from app.sync.device import Membership, SyncSetup, membership
from app.sync.outbox import freeze
from app.sync.proof import audit_head, point_of
from app.sync.push import WAITING
from app.wire import SCHEMA
from app.wire.messages import Hello, Signed, decode, encode
from app.wire.parcel import MAX_WORK, PARCEL_DOMAIN, SUFFIX, Parcel

__all__ = ["BundleMade", "BundleRead", "BundleState", "bundles_open", "pack", "read_answers"]

_SEQUENCE = "bundle_sequence"


@dataclass(frozen=True, slots=True)
class BundleMade:
    """A bundle that lies on the stick. `left`: batches that did not fit; they go with the next one."""

    path: Path
    batches: int
    operations: int
    bytes: int
    files: int
    left: int


@dataclass(frozen=True, slots=True)
class BundleState:
    """A bundle whose arrival nobody has confirmed yet. No operations: it only asks for news."""

    made_at: datetime
    batches: int
    operations: int
    bytes: int


def pack(setup: SyncSetup, place: Path) -> BundleMade:
    """Write all that waits into one file that only the centre opens, in this folder or under this new name.

    Conflicted before enrolment, or before the centre's key for bundles is known; DiskFull, ReadOnly or KnownError if
    the stick does not take it, which then holds nothing new.
    """
    setup.require_fresh()
    freeze(setup)
    with setup.write() as session:
        member = membership(session)
        recipient = settings.get(session, KEY)
        if not recipient:
            said = _("This laptop does not know yet for whom to close a bundle. Synchronise once over a link.")
            raise Conflicted(said)
        sequence = settings.get(session, _SEQUENCE, 0) + 1
        settings.put(session, _SEQUENCE, sequence)  # before the file: no two files of this laptop have the same
        tag = settings.get(session, "device_tag", "")
        audit(session, "export", "bundle", str(sequence))
    with setup.read() as session:
        taken, left = _waiting(session)
        parcel = _parcel(session, setup, member, sequence=sequence, batches=[batch.data for batch in taken])
        sealed = seal(_signed(parcel, setup), recipient=recipient)
        path = _free(session, place, tag=tag, day=f"{setup.now():%Y%m%d}")
    put_whole(path, sealed)
    made = BundleMade(path, len(taken), sum(b.operations for b in taken), len(sealed), len(parcel.files), left)
    _remember(setup, sealed, batches=taken)
    return made


def bundles_open(setup: SyncSetup) -> tuple[BundleState, ...]:
    """The bundles that nothing has confirmed yet, newest first: neither an answer to them nor a sync since."""
    with setup.read() as session:
        proven = _proven_at(session)
        sent = session.scalars(select(BundleSent).where(BundleSent.answered_at.is_(None)).order_by(BundleSent.made_at))
        states = [_state(session, each) for each in sent.all() if not _settled(session, each, proven=proven)]
    return tuple(reversed(states))


def _state(session: Session, sent: BundleSent) -> BundleState:
    inside = Batch.n.between(sent.first, sent.last) & (Batch.n > 0)
    batches, operations = session.execute(select(func.count(), func.sum(Batch.operations)).where(inside)).one()
    return BundleState(sent.made_at, batches, operations or 0, sent.size)


def _settled(session: Session, sent: BundleSent, *, proven: datetime | None) -> bool:
    if not sent.first:
        return proven is not None and proven >= sent.made_at
    waits = select(Batch.n).where(Batch.state.in_(WAITING), Batch.n.between(sent.first, sent.last))
    return session.scalar(waits.limit(1)) is None


def _proven_at(session: Session) -> datetime | None:
    moments = list(session.scalars(select(Feed.proven_at)))
    return None if not moments or None in moments else min(moment for moment in moments if moment)


def _waiting(session: Session) -> tuple[list[Batch], int]:
    """(the batches to take along, in order and as many as fit; how many stay)."""
    taken: list[Batch] = []
    room, left = MAX_WORK, 0
    for batch in session.scalars(select(Batch).where(Batch.state.in_(WAITING), Batch.n > 0).order_by(Batch.n)):
        room -= len(batch.data)
        if left or room < 0:
            left += 1  # nothing overtakes: the chain would break
        else:
            taken.append(batch)
    return taken, left


def _parcel(
    session: Session, setup: SyncSetup, member: Membership, *, sequence: int, batches: Sequence[bytes]
) -> Parcel:
    points = [point_of(session, scope) for scope in member.scopes]
    first = session.scalar(select(func.min(Batch.n)).where(Batch.state.in_(WAITING), Batch.n > 0))
    last = session.scalar(select(func.max(Batch.n)).where(Batch.n > 0))
    feeds = [session.get(Feed, scope) for scope in member.scopes]
    return Parcel(
        device=setup.device,
        centre=member.centre_key,
        certificate=decode(settings.get(session, "certificate"), Signed),
        sequence=sequence,
        made_at=to_ms(setup.now()),
        hello=Hello(SCHEMA, member.epoch, points, first or (last or 0) + 1),
        batches=list(batches),
        audit=audit_head(session, setup),
        receipts=[decode(feed.receipt, Signed) for feed in feeds if feed is not None and feed.receipt],
        files=outgoing(session, setup.files),
        wanted=lacking(session, setup.files),
    )


def _signed(parcel: Parcel, setup: SyncSetup) -> bytes:
    body = encode(parcel)
    return encode(Signed(body, setup.signer.sign(PARCEL_DOMAIN + body)))


def _free(session: Session, place: Path, *, tag: str, day: str) -> Path:
    """A name that nobody has on this stick; it says which laptop and which day, and nothing else."""
    if not place.is_dir():
        named = place if place.suffix == SUFFIX else place.with_name(place.name + SUFFIX)
        if named.exists() and not _ours(session, named):
            said = _("{file} is there already and is not a bundle of this laptop. Choose another name.")
            raise Conflicted(said.format(file=named.name))
        return named
    return next(path for n in range(1, 10**6) if not (path := place / f"{tag}-{day}-{n}{SUFFIX}").exists())


def _ours(session: Session, path: Path) -> bool:
    return session.get(BundleSent, name_of(path.read_bytes()).hex()) is not None


def _remember(setup: SyncSetup, sealed: bytes, *, batches: Sequence[Batch]) -> None:
    first, last = (batches[0].n, batches[-1].n) if batches else (0, 0)
    with setup.write() as session:
        proven = _proven_at(session)
        for old in session.scalars(select(BundleSent)).all():
            if old.answered_at is not None or _settled(session, old, proven=proven):
                session.delete(old)
        name = name_of(sealed).hex()
        session.add(BundleSent(id=name, made_at=setup.now(), first=first, last=last, size=len(sealed)))
