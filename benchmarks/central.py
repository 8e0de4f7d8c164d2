"""The centre taking batches: every operation merged, numbered, digested and served; beside bare inserts of the rows."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

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
from app.wire.batch import GENESIS, Place, digest_of, seal
from app.wire.messages import ENROL_DOMAIN, Change, EnrolRequest, encode
from app.wire.segment import unseal_segment

Row = tuple[str, str, str, str]
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
BATCHES, SIZE = 5, 2_000


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
    key = Ed25519PrivateKey.generate()
    device = _enrolled(centre, owner, key)
    batches = _sealed(device, key)
    operations = BATCHES * SIZE
    bare = _seconds(lambda: _bare(owner.url))
    ours = _seconds(lambda: [centre.intake.take(device, n, data=data) for n, data in enumerate(batches, start=1)])
    pulled = _seconds(lambda: _pull(centre, device))
    centre.store.close()
    owner.close()
    return [
        ("ingest", f"{operations / ours:,.0f} operations/s", f"{operations / bare:,.0f} rows/s", f"{ours / bare:.1f}"),
        (
            "serve a feed",
            f"{operations / pulled:,.0f} rows/s",
            f"{operations / bare:,.0f} rows/s",
            f"{pulled / bare:.1f}",
        ),
        ("batch on the wire", f"{sum(map(len, batches)) / operations:.0f} B/operation", "", ""),
    ]


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


def _sealed(device: Device, key: Ed25519PrivateKey) -> list[bytes]:
    previous, sealed = GENESIS, []
    for n in range(1, BATCHES + 1):
        changes = [_person(device, number) for number in range(SIZE)]
        sealed.append(seal(changes, Place(bytes.fromhex(device.id), n, previous, ""), sign=key.sign, level=3))
        previous = digest_of(sealed[-1])
    return sealed


def _person(device: Device, number: int) -> Change:
    facts = {
        "name": f"Orang {number}", "sex": "FEMALE", "birth_date": "2004-??-??", "region": "36.71.01",
        "address": f"Jalan {number * 7919}", "occupation": "FACTORY", "made_office": device.office,
    }  # fmt: skip
    return Change("person", bytes.fromhex(new_id()), None, 0, True, facts, bytes(16), "petugas", to_ms(NOW))


def _bare(url: str) -> None:
    """The same number of rows of the same content, inserted by one statement per thousand, and nothing else."""
    content = encode({"name": "Orang 1", "sex": "FEMALE", "birth_date": "2004-??-??", "address": "Jalan 7919"})
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE bare (id uuid PRIMARY KEY, kind text, content bytea)")
        for _batch in range(BATCHES):
            ids = [new_id() for _row in range(SIZE)]
            connection.execute("INSERT INTO bare SELECT *, 'person', %s FROM unnest(%s::uuid[])", (content, ids))
            connection.commit()


def _pull(centre: Centre, device: Device) -> None:
    reader, cursor = Reader(device.id, device.office), ""
    while (data := centre.feeds.segment(reader, cursor=cursor)) is not None:
        cursor = unseal_segment(data).header.cursor


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
