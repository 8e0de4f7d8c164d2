"""The centre taking batches: every operation merged, numbered, digested and served; beside bare inserts of the rows.

Whole case files (case, persons, parties, screening, consent, service, note; about 1.9 KB each record with a story in
it), then edits of many records and of some. Unsealing, proof, judging, views, digest and writing are all counted.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.central import admin, embedded
from app.central.centre import Centre, open_centre
from app.central.config import Config
from app.central.enrolment import enrol
from app.central.feeds import Reader
from app.central.sessions import Device
from app.central.store import Store
from app.models.field import to_ms
from app.models.ids import new_id
from app.models.sealed import token
from app.wire.batch import GENESIS, Place, digest_of, seal
from app.wire.messages import ENROL_DOMAIN, BatchResult, Change, EnrolRequest, Status, decode, encode
from app.wire.segment import unseal_segment

Row = tuple[str, str, str, str]
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
FILES, SIZE, MANY, SOME = 1_430, 400, 10_000, 500  # case files of eight records; operations of a batch; edits
_STORY = "dijanjikan kerja di kafe lalu dibawa kapal malam paspor disimpan agen gaji dipotong tidak boleh keluar"


class Laptop:
    """One enrolled device that seals batches, and the numbers it was told."""

    def __init__(self, centre: Centre, owner: Store) -> None:
        self._key = Ed25519PrivateKey.generate()
        self.device = _enrolled(centre, owner, self._key)
        self._centre, self._n, self._previous = centre, 0, GENESIS
        self._dice = Random(20261124)
        self.revs: dict[bytes, int] = {}
        self.made: list[Change] = []

    def sealed(self, changes: Sequence[Change]) -> list[bytes]:
        """Batches of these operations, the next in the chain."""
        batches = []
        for first in range(0, len(changes), SIZE):
            self._n += 1
            place = Place(bytes.fromhex(self.device.id), self._n, self._previous, self._centre.epoch)
            batches.append(seal(changes[first : first + SIZE], place, sign=self._key.sign, level=3))
            self._previous = digest_of(batches[-1])
        return batches

    def send(self, batches: Sequence[bytes], changes: Sequence[Change]) -> float:
        """Seconds the centre took for all of them; every operation was accepted."""
        first = self._n - len(batches) + 1
        results: list[bytes] = []
        seconds = _seconds(
            lambda: results.extend(
                self._centre.intake.take(self.device, n, data=data) for n, data in enumerate(batches, start=first)
            )
        )
        outcomes = [outcome for result in results for outcome in decode(result, BatchResult).outcomes]
        assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
        self.revs |= {change.record: outcome.rev for change, outcome in zip(changes, outcomes, strict=True)}
        return seconds

    def files(self, count: int) -> list[Change]:
        """Whole case files."""
        self.made = [change for _file in range(count) for change in self._file()]
        return self.made

    def edits(self, count: int) -> list[Change]:
        """One changed field in each of so many records."""
        keys = {
            "case": "summary", "person": "name", "party": "network_role", "screening": "reasoning", "note": "text",
        }  # fmt: skip
        found = self._dice.sample([change for change in self.made if change.kind in keys], count)
        return [
            self._change(c.kind, c.record, c.case, self.revs[c.record], **{keys[c.kind]: self._story(60)})
            for c in found
        ]

    def _file(self) -> Iterator[Change]:
        case, girl, man, consent = (bytes.fromhex(new_id()) for _id in range(4))
        in_case = {"case_id": case.hex()}
        yield self._new("case", case, case, number=case.hex(), channel="WALK_IN", summary=self._story(1_500))
        yield self._new(
            "person", girl, None, name="Siti", sex="FEMALE", health=self._sealed(1_200), birth_date="2004-??-??"
        )
        yield self._new("person", man, None, name="Budi", sex="MALE", occupation="FACTORY", address=self._story(80))
        yield self._new("party", None, case, **in_case, person_id=girl.hex(), role="VICTIM")
        yield self._new("party", None, case, **in_case, person_id=man.hex(), role="SUSPECT", network_role="RECRUITER")
        yield self._new(
            "screening", None, case, **in_case, person_id=girl.hex(), reasoning=self._story(1_500), child=False
        )
        yield self._new(
            "consent", consent, case, **in_case, person_id=girl.hex(), purpose="SHARE", decision="GIVEN",
            tiers={"add": ["CASE", "OPEN"], "remove": []}, given_by="SELF",
        )  # fmt: skip
        yield self._new("note", None, case, **in_case, text=self._story(1_500), at=to_ms(NOW))

    def _new(self, kind: str, record: bytes | None, case: bytes | None, **facts: Any) -> Change:
        facts = {**facts, "made_office": self.device.office, "made_at": to_ms(NOW), "made_by": self.device.office}
        return self._change(kind, record or bytes.fromhex(new_id()), case, 0, **facts)

    def _change(self, kind: str, record: bytes, case: bytes | None, base_rev: int, **changes: Any) -> Change:
        return Change(kind, record, case, base_rev, not base_rev, changes, bytes(16), "petugas", to_ms(NOW))

    def _story(self, length: int) -> str:
        return " ".join(self._dice.choices(_STORY.split(), k=length // 6))

    def _sealed(self, length: int) -> str:
        return token(b"nobody's", hashlib.shake_256(self._dice.randbytes(16)).digest(length))


def rows() -> list[Row]:
    """The measurements of this file."""
    with tempfile.TemporaryDirectory() as folder:
        server = embedded.start(Path(folder))
        try:
            return _measured(server, Path(folder) / "centre")
        finally:
            server.stop()


def _measured(server: embedded.Embedded, data_dir: Path) -> list[Row]:
    owner = Store(server.url("owner"))
    admin.init(owner.url, data_dir)
    centre = open_centre(Config(server.url("naungan_app"), data_dir, lambda: NOW))
    laptop = Laptop(centre, owner)
    works = [("files", laptop.files(FILES))]
    batches = laptop.sealed(works[0][1])
    plain = sum(len(encode(change.changes)) for change in laptop.made)
    took = {"ingest, whole files": (len(laptop.made), laptop.send(batches, laptop.made))}
    for count in (MANY, SOME):
        changes = laptop.edits(count)
        took[f"ingest, {count:,} edits"] = (count, laptop.send(laptop.sealed(changes), changes))
    bare = len(laptop.made) / _seconds(lambda: _bare(owner.url, laptop.made))
    took["serve a feed"] = (len(laptop.made), _seconds(lambda: _pull(centre, laptop.device)))
    centre.store.close()
    owner.close()
    table = [
        (name, f"{count / seconds:,.0f} operations/s", f"{bare:,.0f} rows/s", f"{bare * seconds / count:.1f}")
        for name, (count, seconds) in took.items()
    ]
    wire = sum(map(len, batches)) / len(laptop.made)
    return [*table, ("batch on the wire", f"{wire:.0f} of {plain / len(laptop.made):.0f} B/operation", "", "")]


def _enrolled(centre: Centre, owner: Store, key: Ed25519PrivateKey) -> Device:
    office = admin.add_office(owner, code="A", name="A", agency_type="UPTD_PPA", region="36.71", now=lambda: NOW)
    code = admin.enrol_code(owner, office_code="A", now=lambda: NOW)
    public, box = key.public_key().public_bytes_raw(), bytes(32)
    proof = key.sign(ENROL_DOMAIN + code.encode() + box + b"A1")
    enrol(
        centre.store,
        EnrolRequest(code, public, box, "A1", proof),
        key=centre.key,
        epoch=centre.epoch,
        clock=lambda: NOW,
    )
    return Device(admin.devices(owner, centre.config.data_dir)[0].id, office, public)


def _bare(url: str, changes: Sequence[Change]) -> None:
    """The same contents, inserted by one statement per batch, and nothing else."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE bare (id uuid PRIMARY KEY, kind text, content bytea)")
        for first in range(0, len(changes), SIZE):
            some = changes[first : first + SIZE]
            columns = [c.record.hex() for c in some], [c.kind for c in some], [encode(c.changes) for c in some]
            connection.execute("INSERT INTO bare SELECT * FROM unnest(%s::uuid[], %s::text[], %s::bytea[])", columns)
            connection.commit()


def _pull(centre: Centre, device: Device) -> None:
    reader, cursor = Reader(device.id, device.office), ""
    while (data := centre.feeds.segment(reader, cursor=cursor)) is not None:
        cursor = unseal_segment(data).header.cursor


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
