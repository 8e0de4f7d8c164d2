"""What a person does with refused or held work: give it up, or send it again. Nothing here happens by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflicted, NotFound
from app.i18n import _
from app.models.base import KINDS, Record
from app.models.journal import Changes, Journal, audit
from app.models.local import Operation, Shadow
from app.sync.device import Clock, SyncSetup
from app.sync.pending import STANDING, changes_of, rebuild, show, work_on
from app.sync.touched import refresh_touched

WAITED = ("not_found", "no_predecessor")


def settle(setup: SyncSetup, seq: int, *, how: Literal["discard", "again"]) -> Changes:
    """Give a refused or held entry up (the record shows the centre's version again) or send it again.

    A record the centre never took leaves the lists with its last entry given up; what was written stays in the outbox.
    """
    with setup.write() as session:
        op = session.get(Operation, seq)
        if op is None:
            raise NotFound(_("This entry is not in the outbox of this laptop."))
        if op.result not in STANDING or op.settled:
            raise Conflicted(_("Only an entry that was refused or is held can be settled; this one is done."))
        _settle(session, op, how=how, now=setup.now)
        return refresh_touched(session)


def settle_all(setup: SyncSetup, code: str, *, how: Literal["discard", "again"]) -> Changes:
    """The same for every entry that was refused or is held for one reason, in one transaction."""
    with setup.write() as session:
        query = select(Operation).where(Operation.result.in_(STANDING), Operation.settled.is_(False))
        for op in session.scalars(query.where(Operation.result_code == code).order_by(Operation.seq)).all():
            if not op.settled:  # one before it may have settled it, as its follower
                _settle(session, op, how=how, now=setup.now)
        return refresh_touched(session)


def _settle(session: Session, op: Operation, *, how: str, now: Clock) -> None:
    journal: Journal = session.info["journal"]
    if how == "again":
        send_again(session, op, now=now)
        take_followers_along(session, op, now=now)
    else:
        _discard(session, op)
    audit(session, f"settle-{how}", op.kind, op.record)
    journal.touch(op.kind, op.record, op.case_id)


def take_followers_along(session: Session, op: Operation, *, now: Clock) -> None:
    """A record that was refused at first goes again: so does what was refused only because it was missing."""
    if not op.new:
        return
    query = select(Operation).where(
        Operation.record != op.record,
        Operation.result.in_(STANDING),
        Operation.result_code.in_(WAITED),
        Operation.settled.is_(False),
    )
    for follower in session.scalars(query.order_by(Operation.seq)).all():
        of_case = op.case_id is not None and follower.case_id == op.case_id
        if of_case or op.record in changes_of(follower).values():  # a key names its person and no case
            send_again(session, follower, now=now)


def send_again(session: Session, op: Operation, *, now: Clock) -> Operation:
    """The same work as a new operation, based on the version known now; the old one is settled."""
    record_class = KINDS.get(op.kind)
    record = session.get(record_class, op.record) if record_class else None
    known = record.rev if record is not None else 0
    copy = Operation(
        kind=op.kind, record=op.record, case_id=op.case_id, base_rev=known, new=op.new and not known,
        changes=op.changes, before=op.before, actor=op.actor, actor_name=op.actor_name, at=now(),
    )  # fmt: skip
    op.settled = True
    session.add(copy)
    return copy


def _discard(session: Session, op: Operation) -> None:
    given_up = [op, *_built_on(session, op)] if op.new else [op]
    for each in given_up:
        each.settled = True
    session.flush()
    shadow = session.get(Shadow, op.record)
    if shadow is not None:
        standing = [w for w in work_on(session, [op.record]).get(op.record, []) if w.result in (None, *STANDING)]
        rebuild(session, shadow, work=standing)
    elif op.new:
        _take_from_lists(session, op)
    else:
        _without(session, op)


def _without(session: Session, op: Operation) -> None:
    """The record, not yet seen from the centre, as the work that was not given up makes it."""
    record_class = KINDS.get(op.kind)
    record = session.get(record_class, op.record) if record_class else None
    if record is not None and not record.rev:
        show(record, {}, work=work_on(session, [op.record]).get(op.record, []))


def _built_on(session: Session, op: Operation) -> Sequence[Operation]:
    """Later work on a record that is given up: it has nothing to stand on."""
    return [later for later in work_on(session, [op.record]).get(op.record, []) if later.seq > op.seq]


def _take_from_lists(session: Session, op: Operation) -> None:
    record_class = KINDS.get(op.kind)
    record: Record | None = session.get(record_class, op.record) if record_class else None
    if record is not None and not record.rev:
        session.delete(record)


def unsettled(session: Session) -> int:
    """How many refused or held entries wait for a person."""
    query = select(Operation.seq).where(Operation.result.in_(STANDING), Operation.settled.is_(False))
    return len(session.execute(query).all())
