"""A laptop whose history forked becomes a new device: all its work stays, and what nobody answered for goes again.

What was acknowledged to the old device keeps its bytes and its answers under negative numbers. The rest is frozen anew
from batch 1 on; the centre answers 'duplicate' where it had it already.
"""

from __future__ import annotations

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.models import settings
from app.models.burial import drop_unsent
from app.models.journal import audit
from app.models.local import Batch, Feed, Operation, PartialSegment
from app.sync.push import WAITING
from app.sync.restored import stand_at

KEYS, NEXT = "device_keys", "next_device_keys"  # private keys: in the encrypted file and nowhere else

_AS_IS = {"synchronize_session": False}  # nothing of these is held as an object here


def renew(session: Session, private: bytes) -> None:
    """Work under these keys from now on, in the transaction that keeps the new certificate."""
    waiting = select(Batch.n).where(Batch.state.in_(WAITING), Batch.n > 0)
    first = session.scalar(select(func.min(Batch.n)).where(Batch.n.in_(waiting)))
    if first is not None:
        stand_at(session, first)
    # an answer of before a restore is none: the centre lacks the batch, and nobody answered for it since
    freed = update(Operation).where(Operation.batch.in_(waiting))
    session.execute(freed.values(batch=None, idx=None, result=None, result_rev=None), execution_options=_AS_IS)
    session.execute(delete(Batch).where(Batch.n.in_(waiting)), execution_options=_AS_IS)
    drop_unsent(session)
    below = min(session.scalar(select(func.min(Batch.n))) or 0, 0)
    answered = update(Operation).where(Operation.batch > 0).values(batch=below - Operation.batch)
    session.execute(answered, execution_options=_AS_IS)
    session.execute(update(Batch).where(Batch.n > 0).values(n=below - Batch.n), execution_options=_AS_IS)
    # cursors and receipts were the old device's
    session.execute(update(Feed).values(cursor="", seq=0, receipt=None, proven_at=None))
    session.execute(delete(PartialSegment))
    settings.put(session, KEYS, private)
    settings.put(session, NEXT, None)
    audit(session, "enrol_anew", "workspace", settings.get(session, "device", ""), ("device",))
