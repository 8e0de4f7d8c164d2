"""What a sync would send weighs so much: a few entries are sealed to know it, of very many a sample is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.local import Operation
from app.sync.outbox import UNSENT, outgoing_of, packing_for, planned
from app.sync.sealing import Sealed
from app.sync.unsent import Unsent, operations
from app.sync.urgent import URGENT_KINDS, in_order
from app.wire.batch import GENESIS, Place
from app.wire.frames import compress
from app.wire.messages import encode

_SEALED_WHOLE = 300  # operations: sealing so many takes a moment that nobody notices
_STRETCHES, _STRETCH = 5, 60  # a sample: what was saved together packs better together


@dataclass(frozen=True, slots=True)
class Weight:
    """The bytes of what no batch holds yet; `exact`: they were sealed, all of them."""

    bytes: int
    exact: bool
    urgent: int  # operations
    urgent_bytes: int


def weigh(session: Session, *, device: bytes) -> Weight:
    """What waits outside of batches."""
    waiting = session.scalars(select(Operation.seq).where(*UNSENT).order_by(Operation.seq)).all()
    if len(waiting) <= _SEALED_WHOLE:
        plan = planned(session, device=device, epoch="", sign=_unsigned)
        sizes = [len(piece.data) for piece in plan.pieces() if isinstance(piece, Sealed)]
        return Weight(sum(sizes), True, plan.urgent, sizes[0] if plan.urgent and sizes else 0)
    plain = session.scalar(select(func.sum(func.length(Operation.changes))).where(*UNSENT)) or 0
    urgent = _urgent(session)
    return Weight(_about(session, _sample(session, waiting), plain=plain), False, len(urgent), _about(session, urgent))


def _urgent(session: Session) -> Sequence[Unsent]:
    first = select(Operation.seq).where(*UNSENT, Operation.kind.in_(URGENT_KINDS)).limit(1)
    if session.scalar(first) is None:
        return ()
    ordered, count = in_order(operations(session, *UNSENT))
    return ordered[:count]


def _sample(session: Session, waiting: Sequence[int]) -> Sequence[Unsent]:
    last = len(waiting) - _STRETCH
    starts = [last * turn // (_STRETCHES - 1) for turn in range(_STRETCHES)]
    chosen = [seq for start in starts for seq in waiting[start : start + _STRETCH]]
    return operations(session, Operation.seq.in_(chosen))


def _about(session: Session, some: Sequence[Unsent], *, plain: int = 0) -> int:
    """What these would weigh as one batch; with `plain`, what so many bytes of changes like theirs would."""
    if not some:
        return 0
    changes = [out.change for out in outgoing_of(session, some)]
    sealed = packing_for(session, changes, sign=_unsigned).sealed(changes, place=Place(bytes(16), 1, GENESIS, ""))
    size = len(sealed) if sealed is not None else len(compress(encode(changes), level=1))
    own = sum(len(op.changes) for op in some)
    return round(size * plain / own) if plain and own else size


def _unsigned(_message: bytes) -> bytes:
    return bytes(64)
