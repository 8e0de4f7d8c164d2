"""Bundles at the centre: each file a matter of its own, taken by the way that batches take over a link."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from app.central import admin
from app.central.bundle import take
from app.central.bundle_key import bundle_identity
from app.central.keys import load_key
from app.models import agefile
from app.models.field import to_ms
from app.wire import REFERENCE, SCHEMA
from app.wire.messages import AuditHead, Hello, Receipt, Signed, decode, encode
from app.wire.parcel import PARCEL_DOMAIN, Parcel, Sheet
from tests.central.scene import Scene
from tests.centre import CentreUnderTest, Laptop
from tests.sync.sticks import at


def parcel_of(centre: CentreUnderTest, laptop: Laptop, *batches: bytes, **other: Any) -> Parcel:
    """What this laptop would bring."""
    [(kept,)] = centre.sql("SELECT certificate FROM device WHERE id = %s", laptop.id)
    hello = Hello(SCHEMA, laptop.epoch, [laptop.point(), laptop.point(REFERENCE)], laptop.n + 1)
    known = load_key(centre.data_dir).public
    parcel = Parcel(laptop.raw_id, known, decode(kept, Signed), 1, to_ms(centre.clock()), hello, list(batches))
    return structs.replace(parcel, **other)


def closed(centre: CentreUnderTest, parcel: Parcel, sign: Callable[[bytes], bytes]) -> bytes:
    """The file."""
    body = encode(parcel)
    recipient = bundle_identity(centre.data_dir).recipient
    return agefile.seal(encode(Signed(body, sign(PARCEL_DOMAIN + body))), recipient=recipient)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """An empty stick."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def problems(centre: CentreUnderTest, stick: Path) -> dict[str, str]:
    """What is said of every file."""
    with at(centre) as opened:
        return {line.file.stem: line.problem for line in take(opened, stick)}


def test_every_file_that_is_no_parcel_of_a_laptop_of_this_centre_is_named_and_left(scene: Scene, stick: Path) -> None:
    centre, a, b = scene.centre, scene.a, scene.b
    good = a.seal(a.make("case", number="3671-26-1", channel="WALK_IN"))
    whole = parcel_of(centre, a, good)
    stranger, of_b = Ed25519PrivateKey.generate(), parcel_of(centre, b, good)
    files = {
        "empty": b"",
        "junk": b"\x00" * 5000,
        "other_centre": agefile.seal(encode(whole), recipient=agefile.public_of(agefile.new_identity())),
        "no_message": agefile.seal(b"\xc1", recipient=bundle_identity(centre.data_dir).recipient),
        "readdressed": closed(centre, structs.replace(whole, centre=bytes(32)), a.sign),
        "own_certificate": closed(centre, structs.replace(whole, certificate=Signed(b"x", bytes(64))), a.sign),
        "other_hand": closed(centre, whole, stranger.sign),
        "others_certificate": closed(centre, structs.replace(whole, certificate=of_b.certificate), a.sign),
        "others_batch": closed(centre, of_b, b.sign),
        "whole": closed(centre, whole, a.sign),
    }  # fmt: skip
    for name, data in files.items():
        (stick / f"{name}.naungan").write_bytes(data)
    assert problems(centre, stick) == {
        "empty": "damaged", "junk": "damaged", "other_centre": "foreign", "no_message": "damaged",
        "readdressed": "foreign", "own_certificate": "damaged", "other_hand": "signature",
        "others_certificate": "foreign", "others_batch": "signature", "whole": "",
    }  # fmt: skip
    assert [(device.hex, n) for device, n in centre.sql("SELECT device, n FROM batch WHERE result IS NOT NULL")] == [
        (a.id, 1)
    ]
    assert sorted(path.name for path in stick.glob("*.answer.*")) == [
        "others_batch.answer.naungan", "whole.answer.naungan",
    ]  # fmt: skip


def test_who_may_not_synchronise_may_not_by_stick(scene: Scene, stick: Path) -> None:
    centre, a = scene.centre, scene.a
    (stick / "a.naungan").write_bytes(closed(centre, parcel_of(centre, a, a.seal(a.make("case", number="1"))), a.sign))
    centre.sql("UPDATE device SET confirmed = NULL WHERE id = %s", a.id)
    centre.clock.forward(hours=25)
    assert problems(centre, stick) == {"a": "unconfirmed"}
    centre.clock.forward(days=365)
    assert problems(centre, stick) == {"a": "certificate_expired"}
    admin.revoke(centre.owner, a.id)
    assert problems(centre, stick) == {"a": "revoked"}
    assert centre.sql("SELECT count(*) FROM batch") == [(0,)]


def test_the_same_file_twice_and_two_of_one_laptop_are_taken_in_their_order(scene: Scene, stick: Path) -> None:
    centre, a = scene.centre, scene.a
    first = a.seal(a.make("case", number="3671-26-1", channel="WALK_IN"))
    one = closed(centre, parcel_of(centre, a, first), a.sign)
    a.n, a.previous = 1, first[-96:-64]
    second = a.seal(a.make("case", number="3671-26-2", channel="WALK_IN"))
    alone = parcel_of(centre, a, second, sequence=2)
    (stick / "z.naungan").write_bytes(closed(centre, alone, a.sign))
    assert problems(centre, stick) == {"z": "gap"}
    (stick / "y.naungan").write_bytes(one)
    (stick / "copy.naungan").write_bytes(one)
    assert problems(centre, stick) == {"copy": "", "y": "", "z": ""}
    saved = centre.sql("SELECT n, result FROM batch ORDER BY n")
    assert [n for n, _result in saved] == [1, 2]
    assert problems(centre, stick) == {"copy": "", "y": "", "z": ""}
    assert centre.sql("SELECT n, result FROM batch ORDER BY n") == saved
    assert centre.sql("SELECT count(*) FROM incident") == [(0,)]


def test_a_receipt_that_is_foretold_delivers_nothing_until_the_laptop_has_found_it_true(
    scene: Scene, stick: Path
) -> None:
    centre, b = scene.centre, scene.b
    scene.register()
    scene.send(scene.a, scene.consents(), scene.refers(), scene.step(scene.a, "SENT"))
    steps = "SELECT count(*) FROM record WHERE kind = 'referral_event'"
    file = stick / "b.naungan"
    file.write_bytes(closed(centre, parcel_of(centre, b), b.sign))
    assert problems(centre, stick) == {"b": ""}
    assert centre.sql(steps) == [(1,)]
    [(body, signature)] = centre.sql(
        "SELECT body, signature FROM receipt WHERE device = %s AND feed = %s", b.id, b.office
    )  # fmt: skip
    forged = encode(structs.replace(decode(body, Receipt), seq=10**6))
    for receipts, delivered in (([Signed(forged, signature)], 1), ([Signed(body, signature)], 2)):
        file.write_bytes(closed(centre, parcel_of(centre, b, receipts=receipts), b.sign))
        assert problems(centre, stick) == {"b": ""}
        assert centre.sql(steps) == [(delivered,)]
    b.sync()


@pytest.mark.warns_in_log("a bundle cannot be taken: WireError")
def test_a_fault_with_one_laptop_is_no_matter_of_the_others(scene: Scene, stick: Path) -> None:
    centre, a, b = scene.centre, scene.a, scene.b
    (stick / "a.naungan").write_bytes(closed(centre, parcel_of(centre, a), a.sign))
    ill = parcel_of(centre, b, audit=AuditHead(2**63, bytes(32), bytes(64)))
    (stick / "b.naungan").write_bytes(closed(centre, ill, b.sign))
    centre.sql("UPDATE device SET certificate = 'x' WHERE id = %s", a.id)
    assert problems(centre, stick) == {"a": "internal", "b": "format"}


def test_a_stick_of_many_parcels_takes_no_more_memory_than_two(scene: Scene, stick: Path) -> None:
    centre, a, b = scene.centre, scene.a, scene.b
    peaks = []
    for count in (1, 12):
        for n in range(count):
            laptop = (a, b)[n % 2]
            load = [Sheet(bytes(16), "0" * 64, random.Random(n).randbytes(1 << 20))]
            parcel = parcel_of(centre, laptop, sequence=n + 1, files=load)
            (stick / f"{n}.naungan").write_bytes(closed(centre, parcel, laptop.sign))
        tracemalloc.start()
        assert set(problems(centre, stick).values()) == {""}
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 4 << 20, f"{peaks} bytes"
