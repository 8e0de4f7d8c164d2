"""A centre that stands elsewhere than this laptop left it: it was restored, or it has met a copy of this laptop."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.errors import CentreRefused
from app.models import settings
from app.models.local import Batch, Feed
from app.sync.blobs import AT_CENTRE
from app.sync.erasing import freeze_anew
from app.sync.words import refusal
from app.wire.messages import HelloReply


def heed(session: Session, reply: HelloReply) -> bool:
    """Take in where the centre stands; whether work was taken out of its batches and has to be frozen anew.

    A centre that was restored has another epoch, or knows fewer batches than it acknowledged: they are offered again,
    and its feeds are read from the beginning.
    """
    refuse_fork(session, reply)
    anew = freeze_anew(session, after=reply.last_batch)
    lost = update(Batch).where(Batch.n > reply.last_batch, Batch.state.in_(("ACKED", "PROVEN")))
    session.execute(lost.values(state="FROZEN", offset=0))
    if reply.epoch != settings.get(session, "epoch", ""):
        settings.put(session, "epoch", reply.epoch)
        settings.put(session, AT_CENTRE, None)
        session.execute(update(Feed).values(cursor="", seq=0, receipt=None, proven_at=None, epoch=reply.epoch))
    return anew


def refuse_fork(session: Session, reply: HelloReply) -> None:
    """CentreRefused 'fork' if the centre knows more batches than were ever frozen here: it has met a copy of us."""
    last = session.scalar(select(func.max(Batch.n)).where(Batch.n > 0)) or 0
    if reply.last_batch > last:
        raise CentreRefused(refusal(409, "fork"), status=409, code="fork")
