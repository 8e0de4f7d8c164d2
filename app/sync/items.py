"""What the sync panel lists: every entry that travels, where it is, and what the centre said about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.models.case import Case
from app.models.case_index import numbers_of
from app.models.ids import chunks
from app.models.local import Batch, Feed, Operation
from app.models.person import Party
from app.sync.blobs import files_waiting
from app.sync.device import SyncSetup
from app.sync.link import link_speed
from app.sync.pending import STANDING, changes_of
from app.sync.push import waiting_batches
from app.sync.report import Preview, SyncItem
from app.sync.settle import unsettled
from app.sync.weighing import weigh
from app.wire.messages import Status

_TAKEN = (Status.ACCEPTED.value, Status.MERGED.value, Status.DUPLICATE.value)


def items(setup: SyncSetup, *, limit: int = 500) -> list[SyncItem]:
    """The entries, those that need a person first, then those still under way, then the newest; at most `limit`."""
    with setup.read() as session:
        return list_items(session, limit=limit)


def list_items(session: Session, *, limit: int) -> list[SyncItem]:
    """As `items`, inside a session."""
    return item_rows(session, item_ids(session, limit=limit))


def item_ids(session: Session, *, states: str = "", words: str = "", limit: int = -1) -> list[int]:
    """The numbers of the entries in that order: of one group of states (a key of GROUPS), of cases whose number holds
    these words.
    """
    rank = case(
        (Operation.settled.is_(True), 2), (Operation.result.in_(STANDING), 0), (Operation.result.is_(None), 1), else_=2
    )
    query = select(Operation.seq).order_by(rank, Operation.seq.desc()).limit(limit)
    if states:
        query = query.outerjoin(Batch, Batch.n == Operation.batch).where(_GROUPS[states]())
    if words:
        cases = select(Case.id).where(Case.number.contains(words.strip(), autoescape=True))
        people = select(Party.person_id).where(Party.case_id.in_(cases))
        query = query.where(or_(Operation.case_id.in_(cases), Operation.record.in_(people)))
    return list(session.scalars(query))


def item_rows(session: Session, seqs: Sequence[int]) -> list[SyncItem]:
    """These entries, in this order; one that is gone is left out."""
    found: dict[int, SyncItem] = {}
    query = select(Operation, Batch.state).outerjoin(Batch, Batch.n == Operation.batch)
    for some in chunks(list(seqs)):
        rows = session.execute(query.where(Operation.seq.in_(some))).all()
        cases = _cases(session, [op for op, _state in rows])
        numbers = numbers_of(session, set(cases.values()))
        for op, state in rows:
            case_id = cases.get(op.seq)
            found[op.seq] = _item(op, batch_state=state, case=(case_id, numbers.get(case_id or "", "")))
    return [found[seq] for seq in seqs if seq in found]


def preview(setup: SyncSetup) -> Preview:
    """What a sync would send now. Of a great many entries the bytes are an estimate; `exact` says so."""
    with setup.read() as session:
        weight = weigh(session, device=setup.device)
        query = select(func.count(), func.count(Operation.case_id.distinct()))
        under_way = or_(Operation.batch.is_not(None), Operation.settled.is_(False))
        operations, cases = session.execute(query.where(Operation.result.is_(None), under_way)).one()
        return Preview(
            operations=operations,
            bytes=sum(waiting_batches(session).values()) + weight.bytes,
            urgent=weight.urgent,
            cases=cases,
            proven_at=_proven_at(session),
            problems=unsettled(session),
            items=tuple(list_items(session, limit=200)),
            urgent_bytes=weight.urgent_bytes,
            exact=weight.exact,
            files=files_waiting(session, setup.files),
            speed=link_speed(session),
        )


_GROUPS: dict[str, Callable[[], ColumnElement[bool]]] = {
    "problem": lambda: and_(Operation.result.in_((*STANDING, "conflict")), Operation.settled.is_(False)),
    "waiting": lambda: and_(Operation.result.is_(None), Operation.settled.is_(False)),
    "refused": lambda: and_(Operation.result == "refused", Operation.settled.is_(False)),
    "held": lambda: and_(Operation.result == "held", Operation.settled.is_(False)),
    "conflict": lambda: Operation.result == "conflict",
    "left": lambda: Operation.result.in_(("left", "erased")),
    "taken": lambda: and_(Operation.result.in_(_TAKEN), Batch.state != "PROVEN"),
    "proven": lambda: and_(Operation.result.in_(_TAKEN), Batch.state == "PROVEN"),
    "settled": lambda: Operation.settled.is_(True),
}
GROUPS = tuple(_GROUPS)


def _cases(session: Session, ops: Sequence[Operation]) -> dict[int, str]:
    """Entry -> its case; a person's is one of those they have a part in."""
    people = {op.record for op in ops if op.kind == "person" and not op.case_id}
    parts: dict[str, str] = {}
    for some in chunks(sorted(people)):
        query = select(Party.person_id, Party.case_id).where(Party.person_id.in_(some)).order_by(Party.id)
        parts |= {person: case_id for person, case_id in session.execute(query) if person and case_id}
    found = {op.seq: op.case_id or parts.get(op.record, "") for op in ops}
    return {seq: case_id for seq, case_id in found.items() if case_id}


def _item(op: Operation, *, batch_state: str | None, case: tuple[str | None, str]) -> SyncItem:
    return SyncItem(
        seq=op.seq,
        case_id=case[0],
        case_number=case[1],
        kind=op.kind,
        record=op.record,
        fields=tuple(changes_of(op)),
        state=_state(op, batch_state),
        code=op.result_code or ("same_field" if op.result == Status.CONFLICT.value else ""),
        field=op.result_field or "",
        rev=op.result_rev or 0,
        at=op.at,
        actor=op.actor_name,
        settled=op.settled,
        new=op.new,
    )


def _state(op: Operation, batch_state: str | None) -> str:
    if op.result is None:
        return "sending" if batch_state not in (None, "FROZEN") else "only_here"
    return "proven" if batch_state == "PROVEN" and op.result in _TAKEN else op.result


def _proven_at(session: Session) -> datetime | None:
    """Since when all scopes are known to hold the same; None if one of them never was."""
    moments = list(session.scalars(select(Feed.proven_at)))
    return None if not moments or None in moments else min(moment for moment in moments if moment)
