"""The first word of a sync: where both sides stand. Nothing to do is one exchange with an empty answer."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from app.central.config import Clock, today
from app.central.feeds import Feeds, Head, Reader, read_head
from app.central.incidents import STALE, Incident, note
from app.central.intake import Intake
from app.central.ledger import Ledger, in_scopes
from app.central.refusal import Refused
from app.central.sessions import Device
from app.central.store import Conn, Store, as_scope
from app.central.views import refresh_cases
from app.wire import OLDEST, REFERENCE
from app.wire.codecs import CODECS
from app.wire.messages import FeedPoint, Hello, HelloReply, ScopeHead, Signed

_WORD = re.compile("[a-z_]{1,20}")
_OPENING = 3600  # 08:00 in the west of the country, as seconds after midnight UTC: the laptops of the week come then
_SPREAD = 2 * 3600


@dataclass(frozen=True, slots=True)
class Greeting:
    """Answers hello."""

    store: Store
    feeds: Feeds
    intake: Intake
    clock: Clock
    bundle: Signed  # for whom laptops close a file

    def answer(self, device: Device, hello: Hello, *, schema: int = OLDEST) -> HelloReply | None:
        """Where the centre stands; None if the device provably holds the same and owes nothing.

        Of schema 2 on, a device says by its number how far it came, and not by its cursor.
        """
        if not device.stored or device.applied < device.stored:
            self.intake.catch_up(device)
        if hello.stale:
            self._note_stale(device, word=hello.stale)
        let_go(self.store, device.office, today=today(self.clock()))
        points = {point.scope.hex(): point for point in hello.feeds}
        heads, same = [], hello.epoch == self.feeds.epoch
        for scope in (device.office, REFERENCE):
            point = points.get(scope)
            head, rows = self._stand(Reader(device.id, scope, schema), point, epoch=hello.epoch)
            heads.append(ScopeHead(bytes.fromhex(scope), head.seq, rows))
            same = same and point is not None and _equal(point, head)
        last = self._last_batch(device)
        if same and last == hello.next_batch - 1:
            return None
        slot = slot_of(device.id)
        return HelloReply(self.feeds.epoch, last, heads, list(CODECS), slot, self.bundle)

    def _note_stale(self, device: Device, *, word: str) -> None:
        """A laptop says that its data may be older than known: whoever runs the centre should hear of it."""
        if not _WORD.fullmatch(word):
            raise Refused(400, "format", message="not a word")
        what = Incident(STALE, self._last_batch(device), word.encode())
        with self.store.transaction() as connection:
            note(connection, device, what, clock=self.clock)

    def _stand(self, reader: Reader, point: FeedPoint | None, *, epoch: str) -> tuple[Head, int]:
        """The head, and how many rows lie beyond; a cursor that is not ours counts as the beginning."""
        seq = 0
        if point is not None and reader.schema > OLDEST:
            seq = point.seq if epoch == self.feeds.epoch else 0
        elif point is not None and (place := self.feeds.position(reader, point.cursor)) is not None:
            seq = place.seq
        with self.store.transaction(snapshot=True) as connection, as_scope(connection, reader.scope):
            head = read_head(connection, reader.scope)
            row = connection.execute(
                "SELECT count(*) FROM placement WHERE scope = %s AND seq > %s", (reader.scope, seq)
            ).fetchone()
        return head, int(row[0]) if row is not None else 0

    def _last_batch(self, device: Device) -> int:
        with self.store.transaction() as connection:
            row = connection.execute("SELECT applied FROM device WHERE id = %s", (device.id,)).fetchone()
        return int(row[0]) if row is not None else 0


def slot_of(device: str) -> int:
    """When this device's automatic sync is welcome, as seconds after midnight UTC: spread over two hours by a hash."""
    spread = hashlib.blake2b(bytes.fromhex(device), digest_size=8).digest()
    return _OPENING + int.from_bytes(spread, "big") % _SPREAD


def let_go(store: Store, office: str, *, today: str) -> None:
    """Views whose consent ran out since the last change of the case leave before the office reads again."""
    with store.transaction() as connection:
        if not _run_out(connection, office, day=today):
            return

    def work(ledger: Ledger) -> None:
        for owner, cases in _run_out(ledger.connection, office, day=today).items():
            refresh_cases(ledger, ledger.book(owner), cases=cases, today=today)

    in_scopes(store, office, scopes=(), work=work)


def _run_out(connection: Conn, office: str, *, day: str) -> dict[str, set[str]]:
    """owner -> cases that this office sees on a consent whose last day has passed."""
    with as_scope(connection, office):
        found = connection.execute(
            "SELECT DISTINCT p.owner, v.case_id FROM placement p"
            " JOIN via v ON v.scope = p.scope AND v.record = p.record"
            " WHERE p.scope = %s AND p.until < %s AND p.row = 'F'",
            (office, day),
        ).fetchall()
    cases: dict[str, set[str]] = {}
    for owner, case_id in found:
        cases.setdefault(owner, set()).add(case_id)
    return cases


def _equal(point: FeedPoint, head: Head) -> bool:
    return (point.seq, point.digest, point.count) == (head.seq, head.digest, head.count)
