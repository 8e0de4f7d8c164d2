"""Erasing on the way: tombstones are obeyed, what was answered ERASED goes, and a centre that forgot is told again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from app.models.burial import Grave, bury, drop_unsent, erased_among, scrub_answered, with_followers
from app.models.content import content_of
from app.models.erasure import Erased, Erasure
from app.models.field import from_ms
from app.models.ids import is_id
from app.models.journal import audit
from app.models.local import Batch, Operation, Shadow
from app.sync.device import SyncSetup
from app.sync.touched import refresh_touched
from app.wire.messages import FeedRow, RowKind, Status

_AS_IS = {"synchronize_session": False}


class Returned(Exception):
    """The centre serves what was erased for good: it was restored from before. It has to be told again."""


@dataclass(frozen=True, slots=True)
class ErasedNotice:
    """What a person is told about one erasure: when, by which office, on which basis; how many records went here."""

    erasure: str
    at: datetime
    office: str
    basis: str
    records: int
    files: frozenset[str] = frozenset()  # sealed files beside the database that nothing names any more


def notice_of(reason: str, *, records: int, now: datetime) -> ErasedNotice:
    """What a tombstone says; one that says nothing readable is obeyed all the same."""
    words = reason.split(" ")
    if len(words) != 4 or not words[1].isdigit() or not is_id(words[2]) or not is_id(words[3]):
        return ErasedNotice("", now, "", "", records)
    basis, at, office, erasure = words
    return ErasedNotice(erasure, from_ms(int(at)), office, basis, records)


def welcome(session: Session, rows: Sequence[FeedRow]) -> tuple[set[bytes], bool]:
    """(records that may not come although the centre serves them, whether an erasure is still to be sent first).

    Raises Returned if the centre serves what it had confirmed as erased. What was erased here and the centre decided
    to keep, a person with another case, comes back.
    """
    shown = [row.record.hex() for row in rows if row.row is RowKind.FULL]
    unwelcome: set[bytes] = set()
    for record, entry in erased_among(session, shown).items():
        if _undecided(session, entry.erasure):
            return unwelcome, True
        if not entry.confirmed:
            session.delete(entry)
            continue
        if not entry.offered and session.get(Erasure, entry.erasure) is not None:
            raise Returned
        unwelcome.add(bytes.fromhex(record))
    return unwelcome, False


def take_tombs(session: Session, rows: Iterable[FeedRow], *, now: datetime) -> list[ErasedNotice]:
    """Remove what the centre says is erased, and all that hangs on it here; one notice for each erasure."""
    graves: dict[str, set[str]] = {}
    for row in rows:
        if row.row is RowKind.TOMB:
            graves.setdefault(row.reason, set()).add(row.record.hex())
    told = []
    for reason, ids in graves.items():
        seen = notice_of(reason, records=0, now=now)
        gone = with_followers(session, ids, unconfirmed=True)
        removed = bury(session, gone, Grave(seen.erasure, seen.at, confirmed=True))
        audit(session, "erase", "erasure", seen.erasure)
        told.append(replace(seen, records=removed.records, files=frozenset(removed.blobs)))
    return told


def answered(session: Session, operations: Iterable[Operation], *, now: datetime) -> None:
    """After a batch was answered: work on erased records goes with them, and bytes that held any of it go too."""
    gone = {op.record for op in operations if op.result == Status.ERASED.value and op.kind != Erasure.kind}
    if gone:
        bury(session, with_followers(session, gone, unconfirmed=True), Grave("", now, confirmed=True))
        refresh_touched(session)  # lists and search forget them in the same transaction
    session.flush()
    scrub_answered(session)


def offer_again(setup: SyncSetup) -> None:
    """Put the erasures that the centre has forgotten into the outbox, whole, as if they had just been made."""
    with setup.write() as session:
        wanted = set(session.scalars(select(Erased.erasure).where(Erased.confirmed, ~Erased.offered)))
        for erasure in session.scalars(select(Erasure).where(Erasure.id.in_(wanted))):
            _send_whole(session, erasure, setup=setup)
        session.execute(update(Erased).where(Erased.confirmed).values(offered=True), execution_options=_AS_IS)


def keep_own(session: Session, erasure: Erasure, *, setup: SyncSetup) -> None:
    """An erasure that the centre does not list is not let go: it is sent again."""
    _send_whole(session, erasure, setup=setup)
    erasure.rev, erasure.scope = 0, None
    session.execute(delete(Shadow).where(Shadow.record == erasure.id), execution_options=_AS_IS)


def is_emptied(session: Session, *, after: int) -> bool:
    """Whether one of these batches lost its bytes to an erasure."""
    return session.scalar(select(Batch.n).where(Batch.n > after, Batch.data == b"").limit(1)) is not None


def freeze_anew(session: Session, *, after: int) -> bool:
    """Take apart the batches that a restored centre lacks, if one of them lost its bytes to an erasure.

    Their work goes out again in new batches under the same numbers, without what was erased. False: nothing to do.
    """
    if not is_emptied(session, after=after):
        return False
    freed = update(Operation).where(Operation.batch > after).values(batch=None, idx=None, result=None, result_rev=None)
    session.execute(freed, execution_options=_AS_IS)
    session.execute(delete(Batch).where(Batch.n > after), execution_options=_AS_IS)
    drop_unsent(session)
    return True


def settle_log(engine: Engine) -> None:
    """Bring the write-ahead log into the file and cut it: what was erased does not linger in it."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        raw.close()


def _undecided(session: Session, erasure: str) -> bool:
    query = select(Operation.seq).where(Operation.record == erasure, Operation.result.is_(None))
    return session.scalar(query.limit(1)) is not None


def _send_whole(session: Session, erasure: Erasure, *, setup: SyncSetup) -> None:
    session.add(
        Operation(
            kind=Erasure.kind, record=erasure.id, case_id=None, base_rev=0, new=True,
            changes=msgspec.msgpack.encode(content_of(erasure)), before=msgspec.msgpack.encode({}),
            actor=setup.actor.user, actor_name=setup.actor.name, at=setup.now(),
        )
    )  # fmt: skip
