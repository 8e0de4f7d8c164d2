"""A centre restored from a backup: what an author saw in the history that is gone does not count as seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from app.central import admin
from app.central.embedded import OWNER
from app.central.store import epoch_of
from app.errors import KnownError
from app.wire.batch import GENESIS, Name, Place, seal
from app.wire.codecs import CODECS
from app.wire.messages import BatchResult, Outcome, Status
from tests.central.scene import check_proof, only
from tests.centre import CentreUnderTest, Laptop, read, refusal
from tests.until import until


@dataclass(slots=True)
class Restored:
    """An office with two laptops and a case; the backup is of the moment when both hold it."""

    centre: CentreUnderTest
    one: Laptop
    two: Laptop
    case: str = ""
    rev: int = 0

    def back_up(self) -> None:
        """Copy the whole database, as it is."""
        self._copy(self._name, self._name + "_backup")
        self.centre.start()

    def put_back(self) -> None:
        """Put the copy in its place, and tell nobody."""
        self._copy(self._name + "_backup", self._name)

    def restore(self) -> None:
        """Put the copy in its place, and say so."""
        self.put_back()
        admin.init(self.centre.url_of["owner"], self.centre.data_dir, new_epoch=True)
        self.centre.start()

    def let_go(self) -> None:
        """Of the copy."""
        self.centre.sql(f"DROP DATABASE {self._name}_backup")

    def edit(self, laptop: Laptop, *, base_rev: int | None = None, **changes: str) -> Outcome:
        """The outcome of an edit of the case, by somebody who saw its latest version."""
        rev = laptop.rows[laptop.office][bytes.fromhex(self.case)].rev if base_rev is None else base_rev
        return only(laptop.push(laptop.edit("case", self.case, base_rev=rev, **changes)))

    def meets(self, laptop: Laptop) -> None:
        """The laptop reads the scope from the beginning: its cursor was of the history that is gone."""
        laptop.cursors, laptop.rows = dict.fromkeys(laptop.cursors, ""), {scope: {} for scope in laptop.rows}
        laptop.epoch = epoch_of(self.centre.owner)
        laptop.pull()

    @property
    def _name(self) -> str:
        return str(psycopg.conninfo.conninfo_to_dict(self.centre.url_of["owner"])["dbname"])

    def _copy(self, source: str, target: str) -> None:
        self.centre.stop()
        self.centre.owner._drain()
        anywhere = psycopg.conninfo.make_conninfo(self.centre.url_of["superuser"], dbname="postgres")
        with psycopg.connect(anywhere, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {target} TEMPLATE {source} OWNER {OWNER}".encode())


@pytest.fixture
def restored(centre: CentreUnderTest) -> Iterator[Restored]:
    """Nothing is restored yet."""
    scene = Restored(centre, centre.device("A"), centre.device("A"))
    case = scene.one.make("case", channel="WALK_IN", risk="LOW")
    scene.case, scene.rev = case.record.hex(), only(scene.one.push(case)).rev
    for laptop in (scene.one, scene.two):
        laptop.pull()
    scene.back_up()
    yield scene
    scene.let_go()


def test_work_of_the_history_that_is_gone_overwrites_nothing_its_author_did_not_see(restored: Restored) -> None:
    one, two = restored.one, restored.two
    for risk in ("MEDIUM", "HIGH", "MEDIUM"):
        restored.edit(two, base_rev=restored.rev, risk=risk)
    one.pull()
    seen = one.rows[one.office][bytes.fromhex(restored.case)].rev
    frozen = one.seal(one.edit("case", restored.case, base_rev=seen, risk="LOW", channel="PHONE"))
    restored.restore()
    two.n, two.previous = 0, GENESIS
    # after the restore somebody else goes on, under a number that the old history had as well
    assert restored.edit(two, base_rev=restored.rev, risk="HIGH").rev <= seen
    outcome = only(read(one.put(frozen), BatchResult).outcomes)
    assert (outcome.status, outcome.field) == (Status.CONFLICT, "risk")
    for laptop in (one, two):
        restored.meets(laptop)
    content = two.holds(restored.case) or {}
    assert (content["risk"], content["channel"]) == ("HIGH", "PHONE"), "what nobody else touched goes in"
    check_proof(restored.centre, one, two)


def test_what_both_histories_share_counts_as_seen(restored: Restored) -> None:
    one, two = restored.one, restored.two
    frozen = one.seal(one.edit("case", restored.case, base_rev=restored.rev, risk="HIGH"))
    restored.restore()
    assert only(read(one.put(frozen), BatchResult).outcomes).status is Status.ACCEPTED
    # two restores: of each ended epoch it is known how far it goes
    again = two.seal(two.edit("case", restored.case, base_rev=restored.rev, risk="LOW"))
    admin.init(restored.centre.url_of["owner"], restored.centre.data_dir, new_epoch=True)
    outcome = only(read(two.put(again), BatchResult).outcomes)
    assert (outcome.status, outcome.field) == (Status.CONFLICT, "risk"), "it saw the case before the other's edit"


def test_a_record_that_the_backup_had_not_got_is_waited_for(restored: Restored) -> None:
    one, two = restored.one, restored.two
    person = two.make("person", name="Siti")
    made = two.seal(person)
    rev = only(two.push(person)).rev
    frozen = one.seal(one.edit("person", person.record.hex(), base_rev=rev, alias="Ani"))
    restored.restore()
    assert read(one.put(frozen), BatchResult).outcomes == [Outcome(Status.HELD, "no_predecessor")]
    assert only(read(two.put(made, n=1), BatchResult).outcomes).status is Status.ACCEPTED
    for laptop in (one, two):
        restored.meets(laptop)
    assert (two.holds(person.record.hex()) or {})["alias"] == "Ani"
    check_proof(restored.centre, one, two)


def test_numbers_of_the_history_that_is_gone_name_nothing(restored: Restored) -> None:
    one, two = restored.one, restored.two
    edited = restored.edit(two, base_rev=restored.rev, risk="HIGH").rev
    person = two.make("person", name="Siti")
    new = only(two.push(person)).rev
    case = bytes.fromhex(restored.case)
    names = {case: Name("case", case), person.record: Name("person", None)}
    place = Place(one.raw_id, one.n + 1, one.previous, one.epoch)
    shared, gone, unknown = (
        seal([change], place, sign=one.sign, codec=CODECS[0], names=names)
        for change in (
            one.edit("case", restored.case, base_rev=restored.rev, risk="LOW"),
            one.edit("person", person.record.hex(), base_rev=new, alias="Ani"),
            one.edit("case", restored.case, base_rev=new + 100, risk="LOW"),
        )
    )
    assert refusal(one.put(unknown)) == (409, "numbers")
    restored.restore()
    two.n, two.previous = 0, GENESIS
    assert restored.edit(two, base_rev=restored.rev, risk="HIGH").rev == edited
    assert only(two.push(two.make("person", name="Rina"))).rev == new
    assert refusal(one.put(gone)) == (409, "numbers"), "not the record that has the number now"
    assert only(read(one.put(shared), BatchResult).outcomes).status is Status.CONFLICT
    assert restored.centre.sql("SELECT count(*) FROM record WHERE kind = 'conflict'") == [(1,)]


def test_what_is_stored_is_noted_at_once_and_not_at_the_end_alone(restored: Restored) -> None:
    noted = restored.centre.data_dir / "mark"
    before = noted.read_bytes()
    restored.edit(restored.two, base_rev=restored.rev, risk="HIGH")
    until(lambda: noted.read_bytes() != before, "noted while it serves")
    killed = noted.read_bytes()  # a kill would leave this
    restored.put_back()
    noted.write_bytes(killed)
    with pytest.raises(KnownError, match="--new-epoch"):
        restored.centre.start()
    restored.restore()


def test_a_centre_put_back_in_silence_does_not_start(restored: Restored) -> None:
    restored.edit(restored.two, base_rev=restored.rev, risk="HIGH")
    restored.put_back()
    with pytest.raises(KnownError, match="--new-epoch"):
        restored.centre.start()
    restored.restore()
    restored.centre.stop()
    restored.centre.start()
