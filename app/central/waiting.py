"""Work that waits for a record the centre has not got: held, and decided later, once, with news for its own device.

What would have made the record decides. It is taken: the work is done now, in its own order. It is refused: nothing
of what hangs on it can be done either, whoever wrote it, and waiting on would only hide that; so it is refused, too,
with the word 'no_predecessor'. A laptop that corrects the record sends again what was refused for this reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.central.judge import Writer, judge, waits_for
from app.central.ledger import Ledger
from app.central.reading import read_ahead
from app.central.store import as_scope
from app.wire.messages import Change, Outcome, Status, decode, encode

MAX_HELD = 10_000  # of one office
NO_PREDECESSOR = "no_predecessor"
_REFUSED = Outcome(Status.REFUSED, NO_PREDECESSOR)
_ID = 16  # bytes; what is refused for its form may have any length


@dataclass(frozen=True, slots=True)
class _Held:
    """One operation that waits; sorts in the order in which its device did it."""

    device: str
    n: int
    position: int
    epoch: str
    change: Change


@dataclass(slots=True)
class HeldWork:
    """What waits in one office, while one batch of it is judged."""

    ledger: Ledger
    writer: Writer
    came: list[str] = field(default_factory=list)  # records that are there now
    unborn: set[str] = field(default_factory=set)  # records whose making was refused
    made: dict[str, set[tuple[str, int]]] = field(default_factory=dict)  # by device: what its late work wrote

    def late(self, device: str, *, epoch: str) -> Writer:
        """Somebody of this office whose work is judged only now."""
        made = self.made.setdefault(device, set())
        return Writer(device, self.writer.office, self.writer.now, self.writer.centre_key, epoch, made)

    def after(self, change: Change, outcome: Outcome, *, at: tuple[int, int]) -> Outcome:
        """Take in what became of an operation; 'held' is kept here, or turned into the refusal it comes to."""
        record = change.record.hex()
        if outcome.status is Status.HELD:
            return self._hold(change, writer=self.writer, at=at)
        if change.new and outcome.rev:
            self.came.append(record)
            self.unborn.discard(record)
        elif change.new and not outcome.rev:
            self._fails(change)
        return outcome

    def go_on(self) -> None:
        """Decide all that waited for what came, or will not come."""
        while self.came or self.unborn:
            came, self.came = self.came, []
            self._note_born(came)
            for held in self._take(came):
                self._decide(held)
            unborn, self.unborn = sorted(self.unborn), set()
            self._note_unborn(unborn)
            for held in self._take(unborn):
                self._tell(held, _REFUSED)
                self._fails(held.change)

    def _decide(self, held: _Held) -> None:
        author = self.late(held.device, epoch=held.epoch)
        read_ahead(self.ledger, [held.change])
        outcome = judge(self.ledger, held.change, writer=author)
        if outcome.status is Status.HELD:
            outcome = self._hold(held.change, writer=author, at=(held.n, held.position))
        else:
            outcome = self.after(held.change, outcome, at=(held.n, held.position))
        if outcome.status is not Status.HELD:
            self._tell(held, outcome)

    def _tell(self, held: _Held, outcome: Outcome) -> None:
        self.ledger.mine.decide(held.device, held.n, held.position, outcome=outcome)

    def _hold(self, change: Change, *, writer: Writer, at: tuple[int, int]) -> Outcome:
        """Keep an operation until its predecessor comes; a foreign office's record never does, so it is bounded."""
        needs = waits_for(self.ledger, change)
        if needs in self.unborn or self._is_unborn(needs):
            self._fails(change)
            return _REFUSED
        if change.new:  # it may come after all
            self.unborn.discard(change.record.hex())
            self._note_born([change.record.hex()])
        with as_scope(self.ledger.connection, writer.office):
            row = self.ledger.connection.execute(
                "SELECT count(*) FROM held WHERE scope = %s", (writer.office,)
            ).fetchone()
            if row is None or row[0] >= MAX_HELD:
                return Outcome(Status.REFUSED, "not_found")
            self.ledger.connection.execute(
                "INSERT INTO held (scope, device, n, position, waits_for, epoch, change)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (writer.office, writer.device, *at, needs, writer.epoch, encode(change)),
            )
        return Outcome(Status.HELD, NO_PREDECESSOR)

    def _fails(self, change: Change) -> None:
        """What would have made a record was not taken, and nothing else made it."""
        if change.new and len(change.record) == _ID and self.ledger.find(change.record.hex()) is None:
            self.unborn.add(change.record.hex())

    def _take(self, records: list[str]) -> list[_Held]:
        """Work that waited for these records, in its own order; it waits no longer."""
        if not records:
            return []
        with as_scope(self.ledger.connection, self.writer.office):
            found = self.ledger.connection.execute(
                "DELETE FROM held WHERE scope = %s AND waits_for = ANY(%s::uuid[])"
                " RETURNING device, n, position, epoch, change",
                (self.writer.office, records),
            ).fetchall()
        ordered = sorted(found, key=lambda row: row[:3])
        return [_Held(device, n, at, epoch, decode(data, Change)) for device, n, at, epoch, data in ordered]

    def _is_unborn(self, record: str) -> bool:
        with as_scope(self.ledger.connection, self.writer.office):
            found = self.ledger.connection.execute(
                "SELECT 1 FROM unborn WHERE scope = %s AND record = %s", (self.writer.office, record)
            ).fetchone()
        return found is not None

    def _note_unborn(self, records: list[str]) -> None:
        if records:
            with as_scope(self.ledger.connection, self.writer.office):
                self.ledger.connection.execute(
                    "INSERT INTO unborn (scope, record) SELECT %s, * FROM unnest(%s::uuid[]) ON CONFLICT DO NOTHING",
                    (self.writer.office, records),
                )

    def _note_born(self, records: list[str]) -> None:
        if records:
            with as_scope(self.ledger.connection, self.writer.office):
                self.ledger.connection.execute(
                    "DELETE FROM unborn WHERE scope = %s AND record = ANY(%s::uuid[])", (self.writer.office, records)
                )
