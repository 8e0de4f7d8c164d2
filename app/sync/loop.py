"""The sync, read as the protocol: freeze, hello, push the urgent, push the rest, pull, compare, receipt.

Every step leaves the workspace in a state from which the next run goes on. Nothing is ever dropped: what stops the sync
is in the report, everything before it counts.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from sqlalchemy import func, select

from app.errors import CentreRefused, KnownError
from app.models.local import Batch, Feed, Operation
from app.sync import bundle_key
from app.sync.apply import PushFirst
from app.sync.blobs import exchange_files
from app.sync.course import Course, persist
from app.sync.device import SyncSetup, membership
from app.sync.differences import mend
from app.sync.erasing import Returned, offer_again, settle_log
from app.sync.freezing import Freezing
from app.sync.items import items, preview
from app.sync.link import remember_codecs, remember_session, remember_slot, remember_speed, session_of
from app.sync.memory import seldom_searched
from app.sync.outbox import UNSENT, freeze
from app.sync.pending import only_kept, rebuild, settle_shadows, work_on
from app.sync.proof import confirm, mark_proven, point_of, prove
from app.sync.pull import begin_again, pull, remove_unlisted
from app.sync.push import WAITING, push
from app.sync.report import Cancelled, Preview, SyncItem, SyncProgress, SyncReport, Watch
from app.sync.restored import arrived, heed, is_where_left
from app.sync.settle import settle
from app.sync.touched import refresh_touched
from app.sync.transport import Transport
from app.sync.unfold import SHARED_KINDS
from app.sync.urgent import URGENT_KINDS
from app.sync.wiping import proved_order
from app.sync.words import refusal
from app.wire import OLDEST, REFERENCE, SCHEMA
from app.wire.messages import Hello, HelloReply

__all__ = [
    "Preview", "SyncItem", "SyncProgress", "SyncReport", "SyncSetup", "freeze", "items", "preview", "run", "settle",
]  # fmt: skip

_ROUNDS = 5  # times the centre may move on while we compare, or work may be added while we receive


def run(
    setup: SyncSetup,
    transport: Transport,
    *,
    progress: Callable[[SyncProgress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> SyncReport:
    """One whole sync. Conflicted before enrolment; every other trouble is `problem` in the report.

    `progress` is called from the running thread, `cancelled` is asked between two pieces of 16 KiB.
    """
    with setup.read() as session:
        member = membership(session)
    report, watch = SyncReport(), Watch(progress, cancelled=cancelled)
    watch.over(transport.traffic)
    transport.session = transport.session if transport.session.token else session_of(setup)
    course = Course(setup, transport, watch, report, member)
    try:
        with seldom_searched():
            _synchronise(course)
    except Cancelled:
        report.cancelled = True
    except KnownError as problem:
        report.problem = problem
        if isinstance(problem, CentreRefused) and problem.order:
            report.wipe = proved_order(problem.order, centre_key=member.centre_key, device=setup.device)
    if report.erased:
        settle_log(setup.engine)
    watch.finish()
    report.seconds, report.bytes_again = watch.seconds, watch.again
    over = watch.moved_since
    report.bytes_up, report.bytes_down, report.requests = over.up, over.down, over.requests
    remember_speed(setup, watch.speed)
    transport.session = remember_session(setup, transport.session)
    return report


def _synchronise(course: Course) -> None:
    _tell_doubt(course)
    course.setup.require_fresh()
    _look_at_kept(course)
    with Freezing(course.setup) as ahead:
        course.watch.step("hello")
        reply = _say_hello(course)
        waiting = _meet(course, reply, ahead=ahead)
        if reply is None and not waiting and confirm(course):
            exchange_files(course)
            return
        unread = _unread(course, reply)
        push(course, urgent=_urgent_batches(course), ahead=ahead)
    _receive(course, unread)
    _answer(course)
    _prove_all(course)
    exchange_files(course)


def _look_at_kept(course: Course) -> None:
    """After an update of this program: rows of kinds that it knows by now become records."""
    with course.setup.read() as session:
        if not only_kept(session):
            return
    with course.setup.write() as session:
        for shadow in only_kept(session):
            rebuild(session, shadow, work=work_on(session, [shadow.record]).get(shadow.record, []))
        course.report.changes |= refresh_touched(session)


def _tell_doubt(course: Course) -> None:
    """A laptop that may hold older data than known synchronises nothing, but the centre hears of it."""
    if course.setup.stale_word:
        with suppress(KnownError):  # what is said to the person is the doubt, whatever the link is like
            course.transport.hello(Hello(SCHEMA, course.member.epoch, [], 1, course.setup.stale_word))


def _say_hello(course: Course) -> HelloReply | None:
    with course.setup.read() as session:
        points = [point_of(session, scope) for scope in course.member.scopes]
        first = session.scalar(select(func.min(Batch.n)).where(Batch.state.in_(WAITING)))
        last = session.scalar(select(func.max(Batch.n)).where(Batch.n > 0))
        # whoever knows no epoch is always answered at length
        epoch = "" if bundle_key.unasked(session) else course.member.epoch
    hello = Hello(SCHEMA, epoch, points, first or (last or 0) + 1)
    return persist(lambda: course.transport.hello(hello))


def _meet(course: Course, reply: HelloReply | None, *, ahead: Freezing) -> bool:
    """Take in where the centre stands; returns whether batches wait to be sent.

    A centre that was restored has another epoch, or knows fewer batches than it acknowledged: they are offered again,
    and its feeds are read from the beginning. A centre that knows more than we ever froze has met a copy of us.
    """
    anew = False
    with course.setup.read() as session:
        same = reply is None or is_where_left(session, reply)
    if not same:
        ahead.finish()
    with course.setup.write() as session:
        bundle_key.note_asked(session)
        if reply is not None:
            bundle_key.keep(session, reply.bundle, centre_key=course.member.centre_key)
            remember_codecs(session, reply.codecs)
            remember_slot(session, reply.slot)
            anew = heed(session, reply)
    if anew:  # after the new epoch is known
        freeze(course.setup)
    with course.setup.read() as session:
        return session.scalar(select(Batch.n).where(Batch.state.in_(WAITING)).limit(1)) is not None


def _urgent_batches(course: Course) -> int:
    """1 if the first waiting batch carries a referral or a step of one: a progress step of its own."""
    with course.setup.read() as session:
        first = session.scalar(select(func.min(Batch.n)).where(Batch.state.in_(WAITING)))
        urgent = select(Operation.seq).where(Operation.batch == first, Operation.kind.in_(URGENT_KINDS)).limit(1)
        return int(first is not None and session.scalar(urgent) is not None)


def _unread(course: Course, reply: HelloReply | None) -> tuple[str, ...]:
    """The scopes with something to read: the centre stands elsewhere in them, or will when what waits was sent.

    Whatever this passes over wrongly is 'behind' when it is to be proved, and read then.
    """
    heads = {head.scope.hex(): (head.seq, head.rows) for head in reply.heads} if reply is not None else {}
    with course.setup.read() as session:
        frozen = select(Operation.kind).join(Batch, Batch.n == Operation.batch).where(Batch.state.in_(WAITING))
        unsent = select(Operation.kind).where(*UNSENT)  # and still being frozen
        kinds = {kind for some in (frozen, unsent) for kind in session.scalars(some.distinct())}
        feeds = {scope: session.get(Feed, scope) for scope in course.member.scopes}
        here = {scope: (feed.seq if feed is not None else 0, 0) for scope, feed in feeds.items()}
    sent = {scope for scope in here if any((kind in SHARED_KINDS) == (scope == REFERENCE) for kind in kinds)}
    return tuple(scope for scope in here if scope in sent or heads.get(scope, here[scope]) != here[scope])


def _receive(course: Course, scopes: tuple[str, ...]) -> None:
    """Read these feeds to their end; work on a record that leaves is sent before it goes."""
    for scope in scopes:
        course.watch.step("pull")
        _read_to_end(course, scope)


def _answer(course: Course) -> None:
    """What came may be answered at once, with a key that could not be given before; the answer is sent as well."""
    if course.setup.received is None:
        return
    course.setup.received(course.report.changes)
    if freeze(course.setup):
        push(course, urgent=0)
        _receive(course, course.member.scopes)


def _read_to_end(course: Course, scope: str) -> set[str]:
    """Returns the records that were served on the way."""
    served: set[str] = set()
    for _round in range(_ROUNDS):
        try:
            pull(course, scope, came=served)
            return served
        except (PushFirst, Returned) as first:
            if isinstance(first, Returned):
                offer_again(course.setup)
            freeze(course.setup)
            push(course, urgent=0)
            course.watch.step("pull")
        except CentreRefused as refused:
            if refused.code != "not_found" or not begin_again(course, scope):
                raise  # with a cursor the centre does not know any more, everything is read anew, once
    raise CentreRefused(refusal(409, "behind"), status=409, code="behind")


def _prove_all(course: Course) -> None:
    """A receipt for every scope: read on while the centre moves on, repair what differs, in the end all of it."""
    waiting = course.member.scopes
    course.report.proven |= dict.fromkeys(waiting, False)
    for _round in range(_ROUNDS):
        course.watch.step("prove")
        refused = persist(partial(prove, course, waiting))
        for scope, problem in refused.items():
            _catch_up(course, scope, problem)
        waiting = tuple(refused)
        if not waiting:
            return _finish(course)
    raise CentreRefused(refusal(409, "behind"), status=409, code="behind")


def _catch_up(course: Course, scope: str, problem: CentreRefused) -> None:
    if problem.code == "behind":
        _read_to_end(course, scope)
        return
    report = course.report
    if problem.code != "digest" or scope in report.read_anew:
        raise problem
    by_parts = course.transport.dialect > OLDEST and scope not in report.repaired
    report.repaired += (scope,) if scope not in report.repaired else ()
    if not by_parts or not mend(course, scope):
        _read_anew(course, scope)


def _finish(course: Course) -> None:
    with course.setup.write() as session:
        for scope in course.member.scopes:
            settle_shadows(session, scope)
        mark_proven(session, course.member.scopes, centre_key=course.member.centre_key)
        arrived(session, course.member.scopes, proven=course.report.proven)
        course.report.changes |= refresh_touched(session)


def _read_anew(course: Course, scope: str) -> None:
    course.report.read_anew += (scope,)
    course.watch.step("pull")
    begin_again(course, scope)
    remove_unlisted(course, scope, served=_read_to_end(course, scope))
