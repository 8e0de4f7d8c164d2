"""Eight laptops of two offices at once, at a real PostgreSQL over HTTP; then one thread does the same alone.

What a cursor on a sequence loses with eight writers (4.6 to 28 of 100 rows in the measurements of the design) must not
be lost here, and the order in which it happened to be done must be all that decides.
"""

from __future__ import annotations

import random
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from app.central import embedded
from app.central.intake import Intake
from app.central.keys import load_key
from app.central.sessions import Device
from app.central.store import Store
from app.models.field import to_ms
from app.models.ids import new_id
from app.wire import REFERENCE
from app.wire.messages import BatchResult, Change, Outcome, RowKind, decode, encode
from tests.attack.test_crossing import at_once
from tests.attacks import Survived, Tries
from tests.central.scene import adding, check_proof
from tests.centre import CentreUnderTest, Laptop
from tests.sync import adding_up

_ALL = "SELECT f.* FROM feed f WHERE scope = %s ORDER BY seq"


class Worker:
    """One laptop, in one thread: it writes, sends and reads at random, and follows its cursors all along."""

    def __init__(self, laptop: Laptop, seed: int, *, shared: list[tuple[str, str]]) -> None:
        self.laptop, self.chance, self.shared = laptop, random.Random(seed), shared
        self.to = ""  # the other office
        self.results: dict[int, list[Outcome]] = {}

    def work(self, rounds: int) -> None:
        """So many batches."""
        for _round in range(rounds):
            changes = [change for _each in range(self.chance.randint(1, 4)) for change in self.something()]
            number = self.laptop.n + 1
            self.results[number] = self.laptop.push(*changes)
            if self.chance.random() < 0.3:  # as after a lost reply: the same bytes again
                self.again(number)
            if self.chance.random() < 0.6:
                self.laptop.pull()

    def again(self, number: int) -> None:
        """The saved result, word for word."""
        data = self.laptop.centre.sql("SELECT data FROM batch WHERE device = %s AND n = %s", self.laptop.id, number)
        result = decode(self.laptop.put(bytes(data[0][0]), n=number).content, BatchResult)
        assert result.outcomes == self.results[number]

    def something(self) -> list[Change]:
        """A case of one's own with a referral, or something in a case that everybody works on."""
        laptop, case = self.laptop, self.chance.choice(self.shared)[0] if self.shared else ""
        what = self.chance.choice(("case", "text", "set", "note", "note")) if case else "case"
        if what == "case":
            return self.referral()
        if what == "note":
            return [laptop.make("note", case=case, text=f"{laptop.tag} {self.chance.random()}", at=1)]
        row = laptop.rows[laptop.office].get(bytes.fromhex(case))
        base = row.rev if row else 0
        if what == "set":
            codes = self.chance.sample(("DEBT", "THREAT", "ISOLATION"), 2)
            return [laptop.edit("case", case, base_rev=base, control={"add": codes[:1], "remove": codes[1:]})]
        return [laptop.edit("case", case, base_rev=base, transit=f"{laptop.tag} {self.chance.random()}")]

    def referral(self) -> list[Change]:
        """A new case that the other office is shown at once."""
        laptop, case, person, consent, referral = self.laptop, new_id(), new_id(), new_id(), new_id()
        shares = {"person_id": person, "tiers": adding("OPEN", "CASE", "IDENTIFYING")}
        return [
            laptop.make("case", record=case, channel="WALK_IN"),
            laptop.make("person", record=person, name="Siti"),
            laptop.make("party", case=case, person_id=person, role="VICTIM"),
            laptop.make("consent", record=consent, case=case, purpose="SHARE", decision="GIVEN", **shares),
            laptop.make("referral", record=referral, case=case, to_office=self.to, consent_id=consent, **shares),
            laptop.make("referral_event", case=case, referral_id=referral, step="SENT",
                        at=to_ms(laptop.centre.clock())),
        ]  # fmt: skip


def crew(centre: CentreUnderTest) -> list[Worker]:
    """Four laptops of A, four of B, and a case of each office that all of it works on."""
    laptops = [centre.device("AB"[n % 2]) for n in range(8)]
    shared: dict[str, list[tuple[str, str]]] = {}
    for laptop in laptops[:2]:
        case = new_id()
        laptop.push(laptop.make("case", record=case, channel="WALK_IN"))
        shared[laptop.office] = [(case, laptop.office)]
    for laptop in laptops:
        laptop.pull()
    workers = [Worker(laptop, n, shared=shared[laptop.office]) for n, laptop in enumerate(laptops)]
    for n, worker in enumerate(workers):
        worker.to = laptops[(n + 1) % 2].office
    return workers


def test_eight_at_once_are_as_good_as_one_after_the_other(
    centre: CentreUnderTest, tmp_path: Path, tries: Tries, survived: Survived
) -> None:
    rounds = tries(ci=6, full=120)
    adding_up.keep_log(centre)
    workers = crew(centre)
    before = copy_of(centre, "before")
    began = len(adding_up.log_of(centre))
    assert at_once(*(partial(worker.work, rounds) for worker in workers)) == []
    laptops = [worker.laptop for worker in workers]
    for laptop in laptops:
        laptop.pull()
        assert laptop.seqs[laptop.office] == centre.sql("SELECT head FROM scope WHERE scope = %s", laptop.office)[0][0]
    nothing_is_missed(centre, laptops)
    adding_up.dense(centre)
    log = adding_up.log_of(centre)
    in_commit_order(centre, log)
    reference = adding_up.replay(centre, offices=sorted(centre.offices.values()), today="2026-11-23")
    adding_up.compare(centre, reference)
    for worker in workers:
        assert set(worker.results) <= {n for device, n in reference.told if device == worker.laptop.id}
    same_as_alone(centre, before, log[began:])
    check_proof(centre, *laptops)  # and every digest is what its reader recomputes
    statuses = Counter(outcome.status.value for w in workers for outcomes in w.results.values() for outcome in outcomes)
    assert {"accepted", "merged", "conflict"} <= statuses.keys(), "they met"
    done = sum(statuses.values())
    survived(done, of=done, control=f"{statuses}; one by one the same")


def nothing_is_missed(centre: CentreUnderTest, laptops: list[Laptop]) -> None:
    """Who followed its cursor all along holds every row that stands there, and no line came twice."""
    for laptop in laptops:
        for scope in (laptop.office, REFERENCE):
            there = centre.sql("SELECT record, seq FROM placement WHERE scope = %s AND row = 'F'", scope)
            held = {record: row.seq for record, row in laptop.rows[scope].items()}
            assert held == {record.bytes: seq for record, seq in there}
        own = [row.seq for row in laptop.lines if row.row is RowKind.FULL and row.record in laptop.rows[laptop.office]]
        assert len(own) == len(set(own))


def in_commit_order(centre: CentreUnderTest, log: list[adding_up.Happened]) -> None:
    """Whoever came to stand there later has the higher numbers."""
    last = 0
    for entry in log:
        if entry.device and entry.scope == centre.offices["A"]:
            [(data,)] = centre.sql("SELECT result FROM batch WHERE device = %s AND n = %s", entry.device, entry.n)
            new = [o.rev for o in decode(bytes(data), BatchResult).outcomes if o.rev > last]
            assert new == sorted(new)
            last = max([last, *new])


def same_as_alone(centre: CentreUnderTest, before: str, log: list[adding_up.Happened]) -> None:
    """The raw batches, one after the other in the order of the log, make the same lines, byte for byte."""
    url = centre.url_of["owner"].replace(centre.owner.url.split("dbname=")[1].split()[0], before)
    store = Store(url)
    try:
        intake = Intake(store, centre.clock, load_key(centre.data_dir).public)
        for entry in log:
            assert entry.device and entry.n and entry.data
            [(sign_public,)] = centre.sql("SELECT sign_public FROM device WHERE id = %s", entry.device)
            intake.take(Device(entry.device, entry.scope, bytes(sign_public)), entry.n, data=entry.data)
    finally:
        store.close()
    with psycopg.connect(centre.url_of["superuser"].replace(_name(centre), before)) as alone:
        for scope in centre.offices.values():
            ours = _lines([tuple(r) for r in alone.execute(_ALL, (scope,)).fetchall()])
            assert ours == _lines(centre.sql(_ALL, scope))
        alone.execute("SELECT 1")
    centre.sql(f"DROP DATABASE {before} WITH (FORCE)")


def copy_of(centre: CentreUnderTest, what: str) -> str:
    """The database as it is now, under another name."""
    name = f"{_name(centre)}_{what}"
    centre.stop()
    centre.owner.close()
    with psycopg.connect(centre.url_of["superuser"].replace(_name(centre), "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {_name(centre)} OWNER {embedded.OWNER}")
    centre.owner = Store(centre.url_of["owner"])
    centre.start()
    return name


def _name(centre: CentreUnderTest) -> str:
    return centre.owner.url.split("dbname=")[1].split()[0]


def _lines(rows: list[tuple[Any, ...]]) -> list[bytes]:
    """Lines as bytes; records that the centre made itself (conflicts) are called by their first number."""
    called: dict[bytes, bytes] = {}
    made = []
    for _scope, seq, row, kind, record, rev, content, reason, *device in rows:
        name = called.setdefault(record.bytes, encode([kind, seq]) if kind == "conflict" else record.bytes)
        plain = msgspec.msgpack.decode(bytes(content))
        made.append(encode([seq, row, kind, name, rev, plain, reason, [str(one) for one in device]]))
    return made
