"""Batches the centre cannot read: the same operations, under the same numbers, sealed in another way.

The centre refused the bytes before it kept any of them, and never had a later batch: so nothing it holds is changed.
Nothing else ever changes frozen bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.errors import CentreRefused
from app.models import settings
from app.models.local import Batch, Operation
from app.sync.device import SyncSetup
from app.sync.link import CODECS
from app.sync.outbox import freeze, packing_of
from app.sync.restored import stand_at
from app.sync.sealing import Packing
from app.sync.unsent import Unsent, operations
from app.wire.batch import GENESIS, Named, Place, digest_of, header_of, unseal
from app.wire.codecs import ROW
from app.wire.messages import Change

_WAITING = ("FROZEN", "PARTIAL")
_UNREADABLE = ("codec", "dictionary")


def can_be_mended(refused: CentreRefused) -> bool:
    """Whether the centre only could not read how a batch was sealed."""
    return refused.code in _UNREADABLE or refused.code == "numbers"


def seal_anew(setup: SyncSetup, n: int, *, refused: CentreRefused) -> None:
    """Batch `n` and all that wait behind it in a way the centre reads, durably. Those that grow too large are cut anew.

    Without numbers, whatever was wrong: what they name may have changed since.
    """
    with setup.write() as session:
        if refused.code in _UNREADABLE:
            settings.put(session, CODECS, [codec for codec in refused.codecs if codec != _codec(session, n)] or [ROW])
        packing = packing_of(session, sign=setup.signer.sign)
        fits = _replaced(session, n, packing=packing)
        if not fits:
            _take_apart(session, n)
    if not fits:
        freeze(setup, numbers=False)


def _codec(session: Session, n: int) -> str:
    return header_of(session.get_one(Batch, n).data)[0].codec


def _replaced(session: Session, first: int, *, packing: Packing) -> bool:
    """Put new bytes in the place of the old ones; False, and nothing is done, if a batch would be too large."""
    batches = session.scalars(select(Batch).where(Batch.n >= first, Batch.state.in_(_WAITING)).order_by(Batch.n)).all()
    previous = header_of(batches[0].data)[0].previous if batches else GENESIS
    fresh: list[bytes] = []
    for batch in batches:
        header, _start = header_of(batch.data)
        place = Place(header.device, batch.n, previous, header.epoch)
        data = packing.sealed(opened(session, batch), place=place)
        if data is None:
            return False
        fresh.append(data)
        previous = digest_of(data)
    for batch, data in zip(batches, fresh, strict=True):
        batch.data, batch.digest, batch.state, batch.offset = data, digest_of(data), "FROZEN", 0
    return True


def opened(session: Session, batch: Batch) -> list[Change]:
    """The operations in an own batch: a number in it names the record of the operation on its line."""
    lines = sorted(_lines(session, batch.n))
    named = [
        Named(bytes.fromhex(op.record), op.kind, bytes.fromhex(op.case_id) if op.case_id else None) for _i, op in lines
    ]
    return unseal(batch.data, verify=lambda _message, _signature: True, resolve=named).changes


def _lines(session: Session, n: int) -> Sequence[tuple[int, Unsent]]:
    found = session.execute(select(Operation.seq, Operation.idx).where(Operation.batch == n))
    places = {row.seq: row.idx for row in found}
    return [(places[op.seq] or 0, op) for op in operations(session, Operation.batch == n)]


def _take_apart(session: Session, first: int) -> None:
    """What the centre answered before a restore counts no more: it lacks these batches, and all of them go again."""
    as_is = {"synchronize_session": False}
    stand_at(session, first)
    freed = update(Operation).where(Operation.batch >= first).values(batch=None, idx=None, result=None, result_rev=None)
    session.execute(freed, execution_options=as_is)
    session.execute(delete(Batch).where(Batch.n >= first), execution_options=as_is)
