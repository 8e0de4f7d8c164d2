"""A centre that stands elsewhere than this laptop left it: it was restored, or it has met a copy of this laptop."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.errors import CentreRefused
from app.models import settings
from app.models.local import Batch, Feed, Operation
from app.sync.blobs import AT_CENTRE
from app.sync.device import NUMBERS
from app.sync.erasing import freeze_anew, is_emptied
from app.sync.words import refusal
from app.wire.batch import header_of
from app.wire.messages import HelloReply


def heed(session: Session, reply: HelloReply) -> bool:
    """Take in where the centre stands; whether work was taken out of its batches and has to be frozen anew.

    A centre that was restored has another epoch, or knows fewer batches than it acknowledged: they are offered again,
    and its feeds are read from the beginning.
    """
    refuse_fork(session, reply)
    if is_emptied(session, after=reply.last_batch):
        stand_at(session, reply.last_batch + 1)
    anew = freeze_anew(session, after=reply.last_batch)
    lost = update(Batch).where(Batch.n > reply.last_batch, Batch.state.in_(("ACKED", "PROVEN")))
    session.execute(lost.values(state="FROZEN", offset=0))
    if reply.epoch != settings.get(session, "epoch", ""):
        move_to(session, reply.epoch)
        settings.put(session, AT_CENTRE, None)
        session.execute(update(Feed).values(cursor="", seq=0, receipt=None, proven_at=None, epoch=reply.epoch))
    return anew


def is_where_left(session: Session, reply: HelloReply) -> bool:
    """Whether there is nothing to heed: it has all that it ever answered for, in the epoch known here."""
    behind = select(Batch.n).where(Batch.n > reply.last_batch, Batch.state.in_(("ACKED", "PROVEN"))).limit(1)
    same = reply.epoch == settings.get(session, "epoch", "")
    return same and session.scalar(behind) is None and not is_emptied(session, after=reply.last_batch)


def move_to(session: Session, epoch: str) -> None:
    """The centre is in this epoch now; the numbers of the records here are still those of an earlier one.

    Work on them is sealed as of that one: what its author saw in the history that is gone does not count as seen.
    """
    before = settings.get(session, "epoch")
    if before and settings.get(session, NUMBERS) is None:
        settings.put(session, NUMBERS, before)
    settings.put(session, "epoch", epoch)


def arrived(session: Session, scopes: Sequence[str], *, proven: dict[str, bool]) -> None:
    """Every scope is proven: the numbers here are those of the present epoch, unless unsent work is older."""
    waits = (Operation.batch.is_(None), Operation.result.is_(None), Operation.settled.is_(False))
    if all(proven.get(scope) for scope in scopes) and session.scalar(select(Operation.seq).where(*waits)) is None:
        settings.put(session, NUMBERS, None)


def stand_at(session: Session, n: int) -> None:
    """Batches from this one on are sealed again: as of its epoch, or of an earlier one if its bytes are gone."""
    kept = select(Batch.data).where(Batch.n.between(1, n), Batch.data != b"").order_by(Batch.n.desc()).limit(1)
    data = session.scalar(kept)
    settings.put(session, NUMBERS, header_of(data)[0].epoch if data is not None else "")


def refuse_fork(session: Session, reply: HelloReply) -> None:
    """CentreRefused 'fork' if the centre knows more batches than were ever frozen here: it has met a copy of us."""
    last = session.scalar(select(func.max(Batch.n)).where(Batch.n > 0)) or 0
    if reply.last_batch > last:
        raise CentreRefused(refusal(409, "fork"), status=409, code="fork")
