"""The outbox: from the operations of the journal to frozen, chained, signed batches. Frozen bytes never change."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.models import settings
from app.models.ids import chunks
from app.models.local import Batch, Operation
from app.sync.device import SyncSetup, membership
from app.sync.link import codec_for, is_slow
from app.sync.pending import changes_of
from app.sync.sealing import CLOSE, QUICK, Outgoing, Packing, Sealed, TooLarge, cut
from app.sync.unsent import Unsent, names_of, operations
from app.sync.urgent import in_order
from app.wire.batch import GENESIS, Place, Sign
from app.wire.codecs import ROW
from app.wire.merge import replay
from app.wire.messages import Change, Status

_PLACE = update(Operation).where(Operation.seq == bindparam("s")).values(batch=bindparam("b"), idx=bindparam("i"))


# Operations that no batch holds yet.
UNSENT = (Operation.batch.is_(None), Operation.result.is_(None), Operation.settled.is_(False))


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be frozen now, the first `urgent` operations in a small batch; after which batch, and how."""

    outgoing: tuple[Outgoing, ...]
    urgent: int
    last: Place
    packing: Packing

    def pieces(self) -> Iterator[Sealed | TooLarge]:
        """The batches, each sealed when it is asked for."""
        return cut(self.outgoing, urgent=self.urgent, last=self.last, packing=self.packing)


def freeze(setup: SyncSetup, *, numbers: bool = True) -> list[int]:
    """Put all waiting operations into batches, durably; returns their numbers. Conflicted before enrolment.

    `numbers`: whether records may be named by theirs, where the centre surely knows them.
    """
    return list(freezing(setup, numbers=numbers))


def freezing(setup: SyncSetup, *, numbers: bool = True) -> Iterator[int]:
    """The same, one batch at a time. Which they are is settled when the first is asked for.

    An import that is undone or an erasure meanwhile takes some of them away: then it is settled anew.
    """
    whole = False
    while not whole:
        whole = yield from _frozen(setup, numbers=numbers)


def _frozen(setup: SyncSetup, *, numbers: bool) -> Generator[int, None, bool]:
    """The batches of one plan; False if something of it is not there any more, and the rest is not frozen."""
    with setup.read() as session:
        epoch = membership(session).numbers
        plan = planned(session, device=setup.device, epoch=epoch, sign=setup.signer.sign, numbers=numbers)
    made_anew = {out.seq: out.change for out in plan.outgoing if out.anew}
    records = {out.seq: out.change.record.hex() for out in plan.outgoing}
    for piece in plan.pieces():  # one transaction each: a big outbox must not keep a worker's save waiting
        with setup.write() as session:
            if not _still_waits(session, piece, records):
                return False
            if isinstance(piece, TooLarge):
                _refuse_too_large(session, piece.seq)
                continue
            _keep(session, piece, made_anew=made_anew)
            session.add(_batch(piece, setup=setup))
        yield piece.n
    return True


def _still_waits(session: Session, piece: Sealed | TooLarge, records: Mapping[int, str]) -> bool:
    """Whether all of it is still to be sent. A number that became free may be another entry's by now."""
    seqs = (piece.seq,) if isinstance(piece, TooLarge) else piece.operations
    for some in chunks(seqs):
        waits = select(Operation.seq, Operation.record).where(Operation.seq.in_(some), *UNSENT).order_by(Operation.seq)
        if session.execute(waits).all() != [(seq, records[seq]) for seq in sorted(some)]:
            return False
    return True


def planned(session: Session, *, device: bytes, epoch: str, sign: Sign, numbers: bool = True) -> Plan:
    """What waits, ready to be sealed: for freezing, and with a signature of zeros to weigh it."""
    ordered, urgent = in_order(operations(session, *UNSENT))
    outgoing = tuple(outgoing_of(session, ordered)) if ordered else ()
    last = session.execute(
        select(Batch.n, Batch.digest).where(Batch.n > 0).order_by(Batch.n.desc()).limit(1)
    ).one_or_none()
    n, previous = (last[0], last[1]) if last else (0, GENESIS)
    changes = [out.change for out in outgoing]
    packing = packing_for(session, changes, sign=sign) if numbers else packing_of(session, sign=sign)
    return Plan(outgoing, urgent, Place(device, n, previous, epoch), packing)


def packing_of(session: Session, *, sign: Sign) -> Packing:
    """How batches are sealed now: in the best codec the centre reads, as closely as the link asks for."""
    return Packing(sign, codec_for(session), CLOSE if is_slow(session) else QUICK)


def packing_for(session: Session, changes: Sequence[Change], *, sign: Sign) -> Packing:
    """The same, naming by their numbers the records of these changes that the centre surely knows."""
    packing = packing_of(session, sign=sign)
    if packing.codec == ROW:
        return packing
    return replace(packing, names=names_of(session, changes, office=settings.get(session, "office", "")))


def _batch(sealed: Sealed, *, setup: SyncSetup) -> Batch:
    return Batch(
        n=sealed.n,
        data=sealed.data,
        digest=sealed.digest,
        operations=len(sealed.operations),
        state="FROZEN",
        offset=0,
        frozen_at=setup.now(),
    )


def _keep(session: Session, sealed: Sealed, *, made_anew: dict[int, Change]) -> None:
    placed = [{"s": seq, "b": sealed.n, "i": position} for position, seq in enumerate(sealed.operations)]
    session.connection().execute(_PLACE, placed)
    for seq in made_anew.keys() & set(sealed.operations):  # it makes anew what was refused: keep what was really sent
        op = session.get_one(Operation, seq)
        op.new, op.changes = True, msgspec.msgpack.encode(made_anew[seq].changes)


def _refuse_too_large(session: Session, seq: int) -> None:
    op = session.get_one(Operation, seq)
    op.result, op.result_code = Status.REFUSED.value, "too_large"


def outgoing_of(session: Session, ordered: Sequence[Unsent]) -> Iterator[Outgoing]:
    """The operations as changes.

    An edit on top of an own, undecided edit of the same field is based on what that one was based on: its author has
    not seen what the centre held instead.
    """
    seen = _undecided(session)
    refused = _refused_creations(session, [op.record for op in ordered if not op.new and not op.base_rev])
    for op in ordered:
        changes = op.wanted()
        before = seen.setdefault(op.record, {})
        base = min([op.base_rev, *map(before.__getitem__, before.keys() & changes.keys())])
        before |= dict.fromkeys(changes, base)
        anew = not op.new and not op.base_rev and op.record in refused
        if anew:
            changes = _whole([*refused.pop(op.record), changes])
        yield Outgoing(op.seq, _change(op, base_rev=base, new=bool(op.new or anew), changes=changes), anew)


def _change(op: Unsent, *, base_rev: int, new: bool, changes: dict[str, Any]) -> Change:
    case = bytes.fromhex(op.case_id) if op.case_id else None
    return Change(
        op.kind, bytes.fromhex(op.record), case, base_rev, new, changes,
        bytes.fromhex(op.actor), op.actor_name, op.at,
    )  # fmt: skip


def _undecided(session: Session) -> dict[str, dict[str, int]]:
    """Record -> field -> the base of the earliest operation under way that changes it."""
    found: dict[str, dict[str, int]] = {}
    for op in operations(session, Operation.batch.is_not(None), Operation.result.is_(None)):
        for key in op.wanted():
            found.setdefault(op.record, {}).setdefault(key, op.base_rev)
    return found


def _refused_creations(session: Session, records: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Records the centre refused to begin: what was asked for, in order. The next edit makes them anew, whole."""
    found: dict[str, list[dict[str, Any]]] = {}
    query = select(Operation).where(Operation.result == Status.REFUSED.value, Operation.settled.is_(False))
    for ids in chunks(sorted(set(records))):
        for op in session.scalars(query.where(Operation.record.in_(ids)).order_by(Operation.seq)):
            if op.new or op.record in found:
                found.setdefault(op.record, []).append(changes_of(op))
    return found


def _whole(changes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several changes of a new record as one; a set is sent as what is added to nothing."""
    content: dict[str, Any] = {}
    for change in changes:
        content = replay(content, change)
    return {key: {"add": v, "remove": []} if isinstance(v, list) else v for key, v in content.items()}
