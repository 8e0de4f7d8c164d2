"""The fourteen invariants of the sync, by name, held of a world in which everybody has heard everything."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import select

from app.models.all import Case, Conflict
from app.models.erasure import Erased
from app.models.view import referral_step
from app.sync.proof import point_of
from app.wire import REFERENCE
from app.wire.digest import ScopeDigest, item_digest
from tests.sync import adding_up
from tests.sync.country import Country, of_scope
from tests.sync.laptops import Laptop
from tests.sync.reference import Reference

TAKEN = ("accepted", "merged", "conflict", "duplicate")
GIVEN_UP = ("refused", "left", "erased")


@dataclass
class World:
    """The laptops, the centre, and what people wrote: (laptop, case, text)."""

    country: Country
    names: Sequence[str]
    written: list[tuple[str, str, str]]
    notes: list[tuple[str, str, str]]
    seen: set[str]
    reference: Reference = field(init=False)

    def __post_init__(self) -> None:
        offices = sorted(self.centre.offices.values())
        self.reference = adding_up.replay(self.centre, offices=offices, today=self.country.clock().date().isoformat())

    @property
    def centre(self) -> Any:
        """The real one."""
        return self.country.centre

    @property
    def laptops(self) -> list[Laptop]:
        """All of them."""
        return [self.country.laptops[name] for name in self.names]

    def erased(self, office: str) -> set[str]:
        """What must never be there again."""
        return self.reference.books.scopes[office].erased

    def texts(self, kind: str) -> dict[str, set[str]]:
        """Scope -> the texts of its notes, or the values of its cases."""
        key = "text" if kind == "note" else "transit"
        scopes = self.reference.books.offices
        return {
            scope: {str(c.get(key)) for (k, _r), c in self.reference.books.contents(scope).items() if k == kind}
            for scope in scopes
        }


def i01_no_loss(world: World) -> None:
    """Every committed operation is in an outbox, or in the centre's raw store under the digest it was sent with."""
    stored = {
        (device.hex, n): bytes(digest) for device, n, digest in world.centre.sql("SELECT device, n, digest FROM batch")
    }
    for laptop in world.laptops:
        device = laptop.workspace.device.id
        for batch in laptop.batches():
            gone = laptop.count(Erased)
            assert batch.data or gone, "what was sent is kept here as well, unless it spoke of what is erased"
            assert stored.get((device, batch.n)) == batch.digest
        assert all(op.batch for op in laptop.operations() if not op.settled and op.result != "refused")
    kept, erased = world.texts("note"), world.erased(world.laptops[0].actor.office)
    for name, case_id, text in world.notes:
        laptop = world.country.laptops[name]
        own = [op for op in laptop.operations() if text in str(op.changes)]
        taken = not own or any(op.result in TAKEN for op in own)  # a copy's work is the copy's
        home = world.laptops[0].actor.office
        assert not taken or case_id in erased or text in kept[home], f"{name} wrote {text!r}, and it is nowhere"


def i02_no_silent_overwrite(world: World) -> None:
    """A value is there, or stands in a conflict, or was seen by whoever replaced it."""
    there = set(world.seen)
    for laptop in world.laptops[:2]:
        there |= {str(case.transit) for case in _all(laptop, Case)}
        for conflict in _all(laptop, Conflict):
            there |= {str(json.loads(value)) for value in (conflict.kept, conflict.other) if value}
    for name, case_id, value in world.written:
        ops = world.country.laptops[name].operations()
        taken = [op for op in ops if op.record == case_id and value in str(op.changes) and op.result in TAKEN]
        assert not taken or value in there, f"{value!r} was taken, and nobody saw it go"


def i03_convergence(world: World) -> None:
    """The centre, every laptop of a scope, and the reference hold the same content, byte for byte."""
    adding_up.compare(world.centre, world.reference)
    for laptop in world.laptops:
        office = laptop.actor.office
        mine = {k: content for k, (_rev, content) in of_scope(laptop, office).items() if k[0] not in ("device",)}
        due = world.reference.books.contents(office)
        assert {k: _packed(v) for k, v in mine.items()} == {k: _packed(v) for k, v in due.items()}


def i04_idempotency(world: World) -> None:
    """However often a batch came, by whatever way, it was applied once."""
    applied = [(entry.device, entry.n) for entry in adding_up.log_of(world.centre) if entry.device]
    assert len(applied) == len(set(applied))


def i05_order(world: World) -> None:
    """The batches of a device were applied in its order, and none was left out."""
    order: dict[str, list[int]] = {}
    for entry in adding_up.log_of(world.centre):
        if entry.device:
            order.setdefault(entry.device, []).append(int(entry.n or 0))
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in order.values())


def i06_dense_feed(world: World) -> None:
    """No number is missing, and whoever committed later has the higher one (the reference takes them in order)."""
    adding_up.dense(world.centre)


def i07_cursor_soundness(world: World) -> None:
    """Whoever read up to a cursor has everything below it: cursor at the head, every placed row here."""
    heads = {scope.hex: head for scope, head in world.centre.sql("SELECT scope, head FROM scope")}
    for laptop in world.laptops:
        for scope, feed in laptop.feeds().items():
            assert feed.seq == heads[scope]


def i08_atomic_apply(world: World) -> None:
    """Nothing stands half: what is stored is applied, every batch is proven, no stretch of a feed is half here."""
    assert world.centre.sql("SELECT 1 FROM batch WHERE result IS NULL") == []
    for laptop in world.laptops:
        assert {batch.state for batch in laptop.batches()} <= {"PROVEN"}


def i09_deterministic_merge(world: World) -> None:
    """Whoever merges gets the same: the log replayed once more, and what a laptop shows of records without work."""
    books = world.reference.books
    again = adding_up.replay(world.centre, offices=books.offices, today=books.today)
    assert again.told == world.reference.told
    assert all(again.books.contents(scope) == books.contents(scope) for scope in books.offices)
    for laptop in world.laptops:
        shadows, due = laptop.shadows(), books.contents(laptop.actor.office)
        shown = {key: content for key, (_rev, content) in laptop.contents().items() if key[1] not in shadows}
        assert all(content == due[key] for key, content in shown.items() if key in due)


def i10_referral_causality(world: World) -> None:
    """A referral stands where its steps lead, the same on both sides, and at most one office is at work on it."""
    for office in world.reference.books.offices:
        for (kind, record), content in world.reference.books.contents(office).items():
            owner = world.reference.books.find(office, record)
            if kind != "referral" or owner is None:
                continue
            file = world.reference.books.file(owner[0], str(content["case_id"]))
            sides = {
                str(event.get("made_office"))
                for _id, event in file.of("referral_event")
                if event["referral_id"] == record
            }
            assert sides <= {str(content.get("made_office")), str(content.get("to_office")), "None"}
            assert referral_step(file, record) != ""


def i11_scope_safety(world: World) -> None:
    """Nothing that no referral showed was ever served to the other office: no note, in no line, result or conflict."""
    ours, theirs = world.laptops[0].actor.office, world.laptops[2].actor.office
    served = b"".join(bytes(c) for (c,) in world.centre.sql("SELECT content FROM feed WHERE scope = %s", theirs))
    served += b"".join(
        bytes(r or b"") for (r,) in world.centre.sql("SELECT result FROM batch WHERE scope = %s", theirs)
    )
    own = {text for name, _case, text in world.notes if name == "b1"}
    for text in world.texts("note")[ours] - own:
        assert msgspec.msgpack.encode(text) not in served  # whole: 'note 1' is not 'note 11'


def i12_gone_for_good(world: World) -> None:
    """What left or was erased cannot be read on any laptop that must not have it, and does not come back."""
    for laptop in world.laptops:
        mine = world.reference.books.scopes[laptop.actor.office]
        there = {record for _kind, record in laptop.contents()} | laptop.shadows().keys()
        assert not there & mine.erased
        came = {r for (_k, r), (rev, _c) in laptop.contents().items() if rev}
        assert not came & (mine.left - mine.own.keys())


def i13_digest(world: World) -> None:
    """Equal digests mean equal content, recomputed from the rows on both sides; one value other, another digest."""
    for laptop in world.laptops:
        for scope in (laptop.actor.office, REFERENCE):
            with laptop.session() as session:
                point = point_of(session, scope)
            [(digest, count)] = world.centre.sql("SELECT digest, count FROM scope WHERE scope = %s", scope)
            recomputed, changed = ScopeDigest(), ScopeDigest()
            for kind, record, rev, content in _placed(world, scope):
                recomputed.add(item_digest(kind, record, rev, content))
                changed.add(item_digest(kind, record, rev, {**content, "transit": "another"}))
            assert point.digest == bytes(digest) == recomputed.value() != changed.value()
            assert point.count == count == recomputed.count


def i14_one_result(world: World) -> None:
    """Every operation got its one terminal result, and it is the one it had to get."""
    for laptop in world.laptops:
        device = laptop.workspace.device.id
        for op in laptop.operations():
            assert op.result, f"operation {op.seq} of {op.kind} has no result"
            if op.batch and op.batch > 0:
                due = world.reference.final[device, op.batch, op.idx or 0]
                assert op.result == due.status, f"operation {op.seq} on {op.kind}: {op.result}, and had to be {due}"


INVARIANTS: tuple[Callable[[World], None], ...] = (
    i01_no_loss, i02_no_silent_overwrite, i03_convergence, i04_idempotency, i05_order, i06_dense_feed,
    i07_cursor_soundness, i08_atomic_apply, i09_deterministic_merge, i10_referral_causality, i11_scope_safety,
    i12_gone_for_good, i13_digest, i14_one_result,
)  # fmt: skip


def hold(world: World) -> None:
    """All fourteen."""
    for invariant in INVARIANTS:
        invariant(world)


def _placed(world: World, scope: str) -> list[tuple[str, bytes, int, dict[str, Any]]]:
    found = world.centre.sql(
        "SELECT p.kind, p.record, p.rev, f.content FROM placement p JOIN feed f USING (scope, seq)"
        " WHERE p.scope = %s AND p.row = 'F'",
        scope,
    )
    return [(kind, record.bytes, rev, msgspec.msgpack.decode(bytes(content))) for kind, record, rev, content in found]


def _packed(content: Any) -> bytes:
    return msgspec.msgpack.encode(content, order="deterministic")


def _all(laptop: Laptop, kind: type[Any]) -> list[Any]:
    with laptop.session() as session:
        return list(session.scalars(select(kind)))
