"""Push: every frozen batch, in order, until the centre has answered for it. Each state is on disk before the next."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import CentreRefused
from app.models.local import Batch
from app.sync.acks import acknowledge
from app.sync.course import Course, persist
from app.sync.freezing import Freezing
from app.sync.http import not_the_centre
from app.sync.reseal import can_be_mended, seal_anew
from app.sync.transport import WrongOffset
from app.sync.words import refusal
from app.wire import URGENT_BATCH
from app.wire.messages import BatchResult, Status

WAITING = ("FROZEN", "PARTIAL", "STORED", "APPLIED")
_CORRECTIONS = 5  # times the centre may name another offset for one batch


def waiting_batches(session: Session) -> dict[int, int]:
    """The batches the centre has not answered for, in order: number -> bytes."""
    query = select(Batch.n, func.length(Batch.data)).where(Batch.state.in_(WAITING)).order_by(Batch.n)
    return dict(session.execute(query).all())


def push(course: Course, *, urgent: int, ahead: Freezing | None = None) -> None:
    """Send all that waits; the first `urgent` batches are a step of their own. Stops at the first that is refused.

    Nothing behind a refused batch may overtake it: the chain would break. `ahead`: batches are still being frozen.
    """
    try:
        _send_all(course, urgent=urgent, ahead=ahead)
    except _Unreadable as batch:  # once in a run: a centre that reads nothing is not argued with
        if ahead is not None:
            ahead.finish()
        seal_anew(course.setup, batch.n, refused=batch.refused)
        try:
            _send_all(course, urgent=0)
        except _Unreadable as again:
            raise again.refused from None


def _send_all(course: Course, *, urgent: int, ahead: Freezing | None = None) -> None:
    with course.setup.read() as session:
        waiting = waiting_batches(session)
    for position, n in enumerate(_one_by_one(course, waiting, ahead=ahead)):
        if position in (0, urgent):
            name, left = ("urgent", urgent) if position < urgent else ("push", len(waiting))
            course.watch.step(name, total=sum(list(waiting.values())[position:left]))
        delivery = _Delivery(course, n, urgent=position < urgent, ahead=ahead)
        if n not in waiting:
            course.watch.expect(delivery.size)
        delivery.carry_over()


def _one_by_one(course: Course, waiting: Collection[int], *, ahead: Freezing | None) -> Iterator[int]:
    yield from waiting
    n = max(waiting, default=0)
    while n and ahead is not None and ahead.comes(n := n + 1, check=course.watch.check):
        yield n


class _Unreadable(Exception):
    """The centre cannot read how this batch was sealed."""

    def __init__(self, n: int, refused: CentreRefused) -> None:
        super().__init__(n)
        self.n = n
        self.refused = refused


class _Delivery:
    """One batch on its way."""

    def __init__(self, course: Course, n: int, *, urgent: bool, ahead: Freezing | None) -> None:
        self._course = course
        self._ahead = ahead
        self._n = n
        with course.setup.read() as session:
            batch = session.get_one(Batch, n)
            self._data, self._digest, self._operations = batch.data, batch.digest, batch.operations
            self._untouched = batch.state == "FROZEN"
        self._offset = self._sent = 0
        self._urgent = urgent and len(self._data) <= URGENT_BATCH

    @property
    def size(self) -> int:
        """Bytes of the batch."""
        return len(self._data)

    def carry_over(self) -> None:
        """Send it, going on after breaks, and keep the centre's answer."""
        self._course.watch.check()
        try:
            persist(self._attempt, reached=lambda: self._offset)
        except CentreRefused as refused:
            if can_be_mended(refused):
                raise _Unreadable(self._n, refused) from None
            raise

    def _attempt(self) -> None:
        # the first attempt at a new batch needs no question: there can be nothing of it at the centre
        if not self._untouched:
            self._go_on_at(self._course.transport.batch_offset(self._n))
        self._untouched = False
        self._note(self._offset)
        result = self._send()
        if (result.device, result.n, result.digest) != (self._course.setup.device, self._n, self._digest):
            raise not_the_centre()
        if len(result.outcomes) != self._operations:
            raise not_the_centre()
        self._keep(result)

    def _send(self) -> BatchResult:
        for _correction in range(_CORRECTIONS):
            try:
                self._sent = self._offset
                return self._course.transport.put_batch(
                    self._n, self._data, offset=self._offset, moved=self._moved, urgent=self._urgent
                )
            except WrongOffset as wrong:
                self._go_on_at(wrong.offset)
                self._note(self._offset)
        raise CentreRefused(refusal(409, "offset"), status=409, code="offset")

    def _moved(self, count: int) -> None:
        self._sent += count
        self._course.watch.moved(count)

    def _go_on_at(self, offset: int) -> None:
        """The centre holds so much: what was sent beyond it goes once more."""
        self._offset = min(offset, len(self._data))
        self._course.watch.lost(self._sent - self._offset)
        self._sent = self._offset

    def _note(self, offset: int) -> None:
        """Before a byte leaves: from now on this batch may be at the centre in part, or whole."""
        with self._course.setup.write() as session:
            batch = session.get_one(Batch, self._n)
            batch.state, batch.offset = "PARTIAL", offset

    def _keep(self, result: BatchResult) -> None:
        setup, report = self._course.setup, self._course.report
        if self._ahead is not None and any(outcome.status is Status.ERASED for outcome in result.outcomes):
            self._ahead.finish()  # what goes with it may be on its way into a batch
        with setup.write() as session:
            acknowledge(session, session.get_one(Batch, self._n), result=result, now=setup.now)
        report.pushed_batches += 1
        report.pushed_operations += len(result.outcomes)
        for outcome in result.outcomes:
            report.outcomes[outcome.status.value] = report.outcomes.get(outcome.status.value, 0) + 1
        self._course.watch.handled(len(result.outcomes))
