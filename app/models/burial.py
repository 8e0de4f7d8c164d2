"""Taking records out of this file for good: their rows, what was to be sent of them, drafts, and the way back.

The same when a supervisor here erases and when the centre says that somebody did. It runs inside one transaction; the
rows of lists and of the search follow from the journal's notes, as after every change.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.models.attachment import Attachment
from app.models.base import KINDS, CaseRecord, Record
from app.models.case_index import CaseRow
from app.models.conflict import Conflict
from app.models.erasure import OF_CASE, OF_PERSON, Erased
from app.models.ids import chunks
from app.models.journal import Journal
from app.models.keyring import KeyGrant
from app.models.local import Batch, Draft, Export, Operation, PartialSegment, Shadow
from app.models.matches import canonicals, shown_as
from app.models.person import Party, Person
from app.models.person_match import ENDS, PersonMatch
from app.models.referral import ReferralEvent

ANSWERED = ("ACKED", "PROVEN")  # batches whose bytes nobody needs any more
_EMPTY = msgspec.msgpack.encode({})
_AS_IS = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Grave:
    """For which erasure records go, when, and whether the centre has said so."""

    erasure: str
    at: datetime
    confirmed: bool = False


@dataclass(slots=True)
class Removed:
    """What went: counts, and the names of sealed files that lie beside the database."""

    records: int = 0
    operations: int = 0
    drafts: int = 0
    keys: int = 0
    exports: int = 0
    blobs: set[str] = field(default_factory=set)


def of_subject(session: Session, subject_kind: str, subject: str) -> set[str]:
    """The ids of everything that goes with a case or a person.

    A case takes along the persons who have no part in another one; a person takes along their parts in every case.
    """
    session.flush()
    if subject_kind == OF_CASE:
        return with_followers(session, {subject, *_only_in(session, subject)})
    return with_followers(session, {subject})


def with_followers(session: Session, ids: Collection[str], *, unconfirmed: bool = False) -> set[str]:
    """These ids and all that hangs on them: records of the cases, of the persons, steps, conflicts, keys, merges.

    `unconfirmed`: only what came through no feed. The centre names the rest itself, and a record of our own that is
    about somebody whom another office erased stays.
    """
    found = set(ids)
    links: list[tuple[type[Record], str]] = [
        *((made, "case_id") for made in _case_kinds()),
        *((made, "person_id") for made in _case_kinds() if hasattr(made, "person_id")),
        (ReferralEvent, "referral_id"), (Conflict, "about_id"), (KeyGrant, "subject"),
        *((PersonMatch, end) for end in ENDS),
    ]  # fmt: skip
    fresh = set(found)
    while fresh:
        came: set[str] = set()
        for some in chunks(sorted(fresh)):
            for made, key in links:
                query = select(made.id).where(getattr(made, key).in_(some))
                came.update(session.scalars(query.where(made.scope.is_(None)) if unconfirmed else query))
            came |= _only_in_outbox(session, some)
        fresh = came - found
        found |= came
    return found


def bury(session: Session, ids: Collection[str], grave: Grave) -> Removed:
    """Remove these records and all that this laptop keeps of them, and remember the ids."""
    session.flush()
    removed = Removed()
    for held in list(session.identity_map.values()):
        if isinstance(held, Record | Shadow | Operation) and _names(held) in ids:
            session.expunge(held)
    for some in chunks(sorted(ids)):
        _take_records(session, some, removed)
        session.execute(delete(Shadow).where(Shadow.record.in_(some)), execution_options=_AS_IS)
        removed.operations += _take_operations(session, some)
        papers = update(Export).where(Export.record.in_(some)).values(recipient="", purpose="")
        removed.exports += _count(session.execute(papers, execution_options=_AS_IS))
    removed.drafts = _take_drafts(session, ids)
    session.execute(delete(PartialSegment), execution_options=_AS_IS)  # what half arrived may hold them
    for record in ids:
        known = session.get(Erased, record)
        if known is None:
            session.add(Erased(record=record, erasure=grave.erasure, at=grave.at, confirmed=grave.confirmed))
        elif grave.confirmed:
            known.erasure = known.erasure or grave.erasure
            known.confirmed, known.offered = True, False
    session.flush()
    return removed


def scrub_answered(session: Session) -> None:
    """Batches the centre has answered for lose their bytes if they held something erased, and their entries go."""
    for some in chunks(session.scalars(select(Erased.record)).all()):  # by its index, not through every answered entry
        erased, answered = Operation.record.in_(some), Batch.state.in_(ANSWERED)
        stale = select(Operation.batch).where(erased, Operation.batch.is_not(None))
        session.execute(update(Batch).where(Batch.n.in_(stale), answered).values(data=b""), execution_options=_AS_IS)
        gone = delete(Operation).where(erased, Operation.batch.in_(select(Batch.n).where(answered)))
        session.execute(gone, execution_options=_AS_IS)


def drop_unsent(session: Session) -> None:
    """What was to be sent of erased records and is in no batch (any more) is not sent."""
    gone = delete(Operation).where(Operation.record.in_(select(Erased.record)), Operation.batch.is_(None))
    session.execute(gone, execution_options=_AS_IS)


def erased_among(session: Session, ids: Iterable[str]) -> dict[str, Erased]:
    """Which of these ids were erased here."""
    found: dict[str, Erased] = {}
    for some in chunks(sorted(set(ids))):
        found |= {row.record: row for row in session.scalars(select(Erased).where(Erased.record.in_(some)))}
    return found


def _take_records(session: Session, ids: Sequence[str], removed: Removed) -> None:
    journal: Journal = session.info["journal"]
    _touch_others(session, journal, ids)
    blobs = session.scalars(select(Attachment.blob).where(Attachment.id.in_(ids), Attachment.blob.is_not(None)))
    removed.blobs |= {blob for blob in blobs if blob}
    for case_id in session.scalars(select(CaseRow.case_id).where(CaseRow.case_id.in_(ids))):
        journal.touch(OF_CASE, case_id, case_id)  # lists and search, also where the case itself went before
    for kind, made in KINDS.items():
        case = getattr(made, "case_id", made.id if kind == "case" else None)
        columns = (made.id,) if case is None else (made.id, case)
        for row in session.execute(select(*columns).where(made.id.in_(ids))):
            journal.touch(kind, row[0], row[1] if case is not None else None)
        count = _count(session.execute(delete(made).where(made.id.in_(ids)), execution_options=_AS_IS))
        removed.records += count
        removed.keys += count if made is KeyGrant else 0


def _touch_others(session: Session, journal: Journal, ids: Sequence[str]) -> None:
    """Who was shown as somebody erased stands for themselves again: their lists and the search forget the other."""
    ends = session.execute(select(PersonMatch.kept, PersonMatch.gone).where(PersonMatch.id.in_(ids)))
    for person in {end for match in ends for end in match if end}:
        journal.touch(OF_PERSON, person, None)


def _take_operations(session: Session, ids: Sequence[str]) -> int:
    """Unsent and answered ones go; those on their way lose their content and wait for their answer without it.

    On its way is also what had an answer, and is offered again to a centre that was restored.
    """
    mine = Operation.record.in_(ids)
    waiting = select(Batch.n).where(Batch.state.not_in(ANSWERED))
    under_way = Operation.batch.is_not(None) & Operation.batch.in_(waiting)
    stale = select(Operation.batch).where(mine, Operation.result.is_not(None), Operation.batch.is_not(None))
    bytes_of = update(Batch).where(Batch.n.in_(stale), Batch.state.in_(ANSWERED))
    session.execute(bytes_of.values(data=b""), execution_options=_AS_IS)
    gone = _count(session.execute(delete(Operation).where(mine, ~under_way), execution_options=_AS_IS))
    hollow = update(Operation).where(mine, under_way).values(changes=_EMPTY, before=_EMPTY)
    return gone + _count(session.execute(hollow, execution_options=_AS_IS))


def _take_drafts(session: Session, ids: Collection[str]) -> int:
    """Open forms on these records, and any that names one of them."""
    names = [record.encode() for record in ids]
    gone = [
        draft.id
        for draft in session.scalars(select(Draft))
        if draft.record in ids or any(name in draft.content for name in names)
    ]
    session.execute(delete(Draft).where(Draft.id.in_(gone)), execution_options=_AS_IS)
    return len(gone)


def _only_in(session: Session, case_id: str) -> set[str]:
    """The persons of a case, and those they are shown as, who have no part in another one and are shown in none."""
    here = {person for person in session.scalars(select(Party.person_id).where(Party.case_id == case_id)) if person}
    here |= set(canonicals(session, here).values())
    shown = shown_as(session, here)
    every = set().union(*shown.values())
    elsewhere = select(Party.person_id).where(Party.person_id.in_(every), Party.case_id != case_id)
    needed = set(session.scalars(elsewhere))
    return {person for person in here if not shown[person] & needed}


def _only_in_outbox(session: Session, cases: Sequence[str]) -> set[str]:
    """Records of these cases that were given up or never stood: only their entries in the outbox are left."""
    kinds = [made.kind for made in _case_kinds()]
    of_cases = Operation.case_id.in_(cases)
    found = set(session.scalars(select(Operation.record).where(of_cases, Operation.kind.in_(kinds))))
    people = select(Operation.record).where(of_cases, Operation.kind == OF_PERSON)
    return found | set(session.scalars(people.where(Operation.record.not_in(select(Person.id)))))


def _case_kinds() -> list[type[CaseRecord]]:
    return [made for made in KINDS.values() if issubclass(made, CaseRecord)]


def _names(held: Record | Shadow | Operation) -> str:
    return held.id if isinstance(held, Record) else held.record


def _count(result: object) -> int:
    return max(int(getattr(result, "rowcount", 0)), 0)
