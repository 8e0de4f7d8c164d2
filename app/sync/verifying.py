"""Both sides held against each other, record by record: what differs is named, nothing is changed, no value is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.errors import Conflicted
from app.i18n import _
from app.models.ids import chunks
from app.sync.course import Course
from app.sync.device import SyncSetup, membership
from app.sync.differences import Differences, compare, fetch
from app.sync.proof import point_of
from app.sync.report import SyncReport, Watch
from app.sync.tables import Stored, by_id, served
from app.sync.transport import Transport
from app.wire import OLDEST, SCHEMA
from app.wire.messages import Hello

Side = Literal["only_here", "only_there", "different"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that is not the same on both sides. `case`: its case's number, or id where the number is unknown."""

    side: Side
    kind: str
    record: str
    case: str
    fields: tuple[str, ...] = ()  # which differ, by name


def differences(setup: SyncSetup, transport: Transport) -> list[Difference]:
    """Every record that differs from the centre's. Conflicted if they cannot be compared now, with what to do first."""
    with setup.read() as session:
        member = membership(session)
        points = [point_of(session, scope) for scope in member.scopes]
    course = Course(setup, transport, Watch(None, cancelled=None), SyncReport(), member)
    reply = transport.hello(Hello(SCHEMA, member.epoch, points, 1))
    if reply is None:  # the centre found the digests equal
        return []
    if transport.dialect == OLDEST:
        raise Conflicted(_("This centre is of an older version and cannot name differences. Synchronise instead."))
    heads = {head.scope: head.seq for head in reply.heads}
    if reply.epoch != member.epoch or heads != {point.scope: point.seq for point in points}:
        raise Conflicted(_("The centre has news for this laptop. Synchronise first, then compare."))
    return [each for scope in member.scopes for each in _named(course, scope)]


def _named(course: Course, scope: str) -> Iterator[Difference]:
    found = compare(course, scope)
    if found is None:
        raise Conflicted(_("More than 500 records differ. Synchronise, which repairs them, then compare."))
    if not found:
        return
    with course.setup.read() as session:
        here = {one.record: one for one in served(session, scope) if one.record in _here(found)}
    there = {one.record: one for one in _fetched(course, scope, found.only_there | found.different)}
    sides: tuple[tuple[Side, set[str]], ...] = (
        ("only_here", found.only_here), ("only_there", found.only_there), ("different", found.different),
    )  # fmt: skip
    cases = _numbers(course.setup, [*here.values(), *there.values()])
    for side, ids in sides:
        for record in sorted(ids):
            one = here.get(record) or there.get(record)
            if one is not None:
                fields = _fields(here[record], there.get(record)) if side == "different" else ()
                yield Difference(side, one.kind, record, cases.get(_case(one), _case(one)), fields)


def _here(found: Differences) -> set[str]:
    return found.only_here | found.different


def _fetched(course: Course, scope: str, ids: set[str]) -> Iterator[Stored]:
    for some in chunks(sorted(ids)):
        for rows in fetch(course, scope, some):
            for row in rows:
                yield Stored(row.kind, row.record.hex(), row.rev, scope, row.content)


def _fields(here: Stored, there: Stored | None) -> tuple[str, ...]:
    keys = here.content.keys() | (there.content.keys() if there else set())
    other = there.content if there else {}
    return tuple(sorted(key for key in keys if here.content.get(key) != other.get(key)))


def _numbers(setup: SyncSetup, records: Iterable[Stored]) -> dict[str, str]:
    """Case id -> case number, as far as it is known on either side."""
    records = list(records)
    with setup.read() as session:
        known = by_id(session, "case", {case for one in records if (case := _case(one))})
    told = {case: one.content for case, one in known.items()}
    told |= {one.record: one.content for one in records if one.kind == "case"}
    return {case: content["number"] for case, content in told.items() if content.get("number")}


def _case(one: Stored) -> str:
    return one.record if one.kind == "case" else str(one.content.get("case_id") or "")
