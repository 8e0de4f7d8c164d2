"""Judging again: work that was refused by a rule mended since, from the raw bytes that the centre kept for this.

Only what still stands as refused, with one of the chosen codes, is judged, in the order in which it was applied; with
it what was refused for want of a record that this makes. Taken once, it is refused no more and never judged again.
What its own device wrote after it is not replaced (see Writer.late). The news of it travels as verdicts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from app.central import erasing
from app.central.admin import note_deed
from app.central.apply import refresh_touched
from app.central.config import Clock
from app.central.epochs import opened
from app.central.judge import Writer, judge
from app.central.keys import verified
from app.central.ledger import Ledger, in_scopes
from app.central.moving import move_accepted
from app.central.reading import read_ahead
from app.central.store import Conn, Store, as_scope
from app.central.waiting import NO_PREDECESSOR, HeldWork
from app.wire.batch import OpenedBatch
from app.wire.messages import BatchResult, Outcome, Status, WireError, decode


@dataclass(frozen=True, slots=True)
class Choice:
    """Which refusals are judged again: these codes, of one device or of all."""

    codes: frozenset[str]
    device: str = ""


@dataclass(frozen=True, slots=True)
class Anew:
    """One operation that comes to something else now."""

    device: str
    n: int
    position: int
    kind: str
    before: Outcome
    after: Outcome


@dataclass(slots=True)
class Rejudged:
    """What judging again did, or would do."""

    changed: list[Anew] = field(default_factory=list)
    same: int = 0  # operations that are refused today as they were
    gone: list[tuple[str, int]] = field(default_factory=list)  # batches emptied by an erasure: nothing to judge
    unreadable: list[tuple[str, int]] = field(default_factory=list)

    def add(self, other: Rejudged) -> None:
        """The sum of two offices."""
        self.changed += other.changed
        self.same += other.same
        self.gone += other.gone
        self.unreadable += other.unreadable


class _OnlyTried(Exception):
    """A dry run is over: nothing of it stays."""

    def __init__(self, found: Rejudged) -> None:
        super().__init__("dry run")
        self.found = found


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A batch with refused operations in it: position -> what stands."""

    device: str
    sign_public: bytes
    n: int
    digest: bytes
    refused: dict[int, Outcome]


@dataclass(frozen=True, slots=True)
class Court:
    """Judges again, one office a transaction, with its scopes locked in order."""

    store: Store
    clock: Clock
    centre_key: bytes

    def judge(self, choice: Choice, *, dry_run: bool = False) -> Rejudged:
        """Every office; with `dry_run` nothing changes."""
        with self.store.transaction() as connection:
            offices = connection.execute("SELECT id FROM office ORDER BY id").fetchall()
        found = Rejudged()
        for (office,) in offices:
            found.add(self._office(office, choice, dry_run=dry_run))
        return found

    def _office(self, office: str, choice: Choice, *, dry_run: bool) -> Rejudged:
        def work(ledger: Ledger) -> Rejudged:
            found = self._judged(ledger, choice)
            if dry_run:
                raise _OnlyTried(found)
            return found

        try:
            return in_scopes(self.store, office, scopes=(), work=work)
        except _OnlyTried as tried:
            return tried.found

    def _judged(self, ledger: Ledger, choice: Choice) -> Rejudged:
        found, candidates = Rejudged(), list(_candidates(ledger.connection, ledger.office, choice))
        if not any(o.code in choice.codes for one in candidates for o in one.refused.values()):
            return found
        waiting = HeldWork(ledger, Writer("", ledger.office, self.clock(), self.centre_key))
        for candidate in candidates:
            self._batch(ledger, candidate, waiting=waiting, found=found)
        waiting.go_on()
        move_accepted(ledger, now=waiting.writer.now)
        refresh_touched(ledger, today=waiting.writer.today)
        codes = " ".join(sorted(choice.codes))
        detail = f"{codes}: {len(found.changed)} anew, {found.same} as before, {len(found.gone)} batches erased"
        note_deed(ledger.connection, "reprocess", subject=ledger.office, detail=detail)
        return found

    def _batch(self, ledger: Ledger, candidate: _Candidate, *, waiting: HeldWork, found: Rejudged) -> None:
        at = (candidate.device, candidate.n)
        data = _bytes(ledger.connection, ledger.office, at)
        if not data:
            found.gone.append(at)
            return
        batch = _opened(ledger, candidate, data)
        if batch is None:
            found.unreadable.append(at)
            return
        author = waiting.late(candidate.device, epoch=batch.header.epoch)
        changes = {position: batch.changes[position] for position in candidate.refused}
        read_ahead(ledger, changes.values())
        answered = []
        for position, before in candidate.refused.items():
            change = changes[position]
            after = judge(ledger, change, writer=author)
            if after.status is Status.HELD or after == before:
                found.same += 1
                continue
            answered.append(waiting.after(change, after, at=(candidate.n, position)))
            ledger.mine.decide(*at, position, outcome=after)
            found.changed.append(Anew(*at, position, change.kind, before, after))
        erasing.forget_bytes(ledger, answered=answered, batch=(*at, candidate.digest))


def _candidates(connection: Conn, office: str, choice: Choice) -> Iterator[_Candidate]:
    """The batches of an office in which something stands refused, in the order in which they were applied."""
    later = _verdicts(connection, office)
    codes = choice.codes | {NO_PREDECESSOR}
    with as_scope(connection, office):
        rows = connection.execute(
            "SELECT b.device, d.sign_public, b.n, b.digest, b.result FROM batch b JOIN device d ON d.id = b.device"
            " WHERE b.scope = %s AND b.result IS NOT NULL ORDER BY b.applied, b.device, b.n",
            (office,),
        ).fetchall()
    for device, sign_public, n, digest, result in rows:
        if choice.device in ("", device):
            outcomes = decode(result, BatchResult).outcomes
            refused = _refused([later.get((device, n, at), o) for at, o in enumerate(outcomes)], codes)
            if refused:
                yield _Candidate(device, sign_public, n, digest, refused)


def _refused(outcomes: list[Outcome], codes: Collection[str]) -> dict[int, Outcome]:
    return {at: o for at, o in enumerate(outcomes) if o.status is Status.REFUSED and o.code in codes}


def _verdicts(connection: Conn, office: str) -> dict[tuple[str, int, int], Outcome]:
    """What was decided later, the latest word of each operation."""
    with as_scope(connection, office):
        rows = connection.execute(
            "SELECT device, n, position, outcome FROM verdict WHERE scope = %s ORDER BY seq", (office,)
        ).fetchall()
    return {(device, n, position): decode(outcome, Outcome) for device, n, position, outcome in rows}


def _bytes(connection: Conn, office: str, at: tuple[str, int]) -> bytes:
    with as_scope(connection, office):
        row = connection.execute(
            "SELECT data FROM batch WHERE scope = %s AND device = %s AND n = %s", (office, *at)
        ).fetchone()
    return bytes(row[0]) if row else b""


def _opened(ledger: Ledger, candidate: _Candidate, data: bytes) -> OpenedBatch | None:
    def verify(message: bytes, signature: bytes) -> bool:
        return verified(candidate.sign_public, message, signature)

    with as_scope(ledger.connection, ledger.office):
        try:
            return opened(ledger.connection, ledger.office, data, verify=verify)
        except WireError:
            return None
