"""What goes wrong with a stick: full, pulled, spoilt, cut, part of it missing; and a laptop without the key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.central.bundle import take
from app.errors import Conflicted, DiskFull, KnownError, NotFound
from app.models import agefile, settings
from app.models.contact import read_contact
from app.models.stick import put_whole
from app.sync import bundle_key
from app.sync.bundle import bundles_open, pack, read_answers
from app.sync.device import membership
from app.sync.outbox import freeze
from app.wire.messages import BundleKey, Signed, decode, encode
from app.wire.parcel import ANSWER_DOMAIN
from tests.attacks import Survived, Tries
from tests.sync.country import Country, new_case, of_scope
from tests.sync.sticks import answers_to, at, stick, to_centre, waiting
from tests.vault.cramped import room_for

__all__ = ["stick"]


def test_before_the_key_is_known_nothing_is_packed(country: Country, stick: Path) -> None:
    a = country.laptop("a1")
    with a.setup.write() as session:
        settings.put(session, bundle_key.KEY, None)
        forged = Signed(encode(BundleKey("age1x")), bytes(64))
        bundle_key.keep(session, forged, centre_key=membership(session).centre_key)
    with pytest.raises(Conflicted, match="Synchronise once"):
        pack(a.setup, stick)
    assert list(stick.iterdir()) == []
    country.settle(a)
    assert pack(a.setup, stick).operations == 0


def test_a_laptop_enrolled_before_there_were_bundles_asks_once(country: Country) -> None:
    a = country.laptop("a1")
    country.settle(a)
    with a.setup.write() as session:
        known = settings.get(session, bundle_key.KEY)
        for name in (bundle_key.KEY, bundle_key.ASKED):
            settings.put(session, name, None)
    assert country.sync(a).green
    with a.session() as session:
        assert settings.get(session, bundle_key.KEY) == known
    last = country.sync(a)
    assert (last.green, last.seconds.keys() & {"pull", "prove"}) == (True, set())


def test_a_full_stick_keeps_what_was_there(country: Country, stick: Path) -> None:
    a = country.laptop("a1")
    new_case(a)
    made = pack(a.setup, stick / "one")
    before, states = made.path.read_bytes(), bundles_open(a.setup)
    assert made.path.name == "one.naungan"
    content = before * 40
    for room in (0, 1, 1000, len(before), len(content) - 1):
        with room_for(room), pytest.raises(DiskFull):
            put_whole(made.path, content)
        assert [(path.name, path.read_bytes()) for path in stick.iterdir()] == [("one.naungan", before)]
    with pytest.raises(KnownError):
        pack(a.setup, stick / "pulled" / "two.naungan")
    assert bundles_open(a.setup) == states
    assert waiting(a) == 1


def test_an_answer_that_the_centre_did_not_sign_is_none(country: Country, stick: Path) -> None:
    a = country.laptop("a1")
    new_case(a)
    path = pack(a.setup, stick).path
    country.clock.forward(hours=1)
    [line] = to_centre(country, stick)
    plain = a.workspace.device.open_file(line.answers[0].read_bytes())
    signed = decode(plain or b"", Signed)
    recipient, stranger = agefile.recipient_of(a.workspace.device.box_public), Ed25519PrivateKey.generate()
    for forged in (
        Signed(signed.body, stranger.sign(ANSWER_DOMAIN + signed.body)),
        Signed(signed.body[:-1] + b"\x01", signed.signature),
    ):
        path.write_bytes(agefile.seal(encode(forged), recipient=recipient))
        read = read_answers(a.setup, path)
        assert (len(read.problems), read.answers, waiting(a)) == (1, 0, 1)
    path.write_bytes(agefile.seal(encode(signed), recipient=recipient))
    assert read_answers(a.setup, path).report.green


def test_an_old_answer_moves_neither_the_lease_nor_the_receipts_back(country: Country, stick: Path) -> None:
    a = country.laptop("a1")
    country.settle(a)
    pack(a.setup, stick)
    country.clock.forward(days=1)
    to_centre(country, stick)
    country.clock.forward(days=9)
    assert country.sync(a).green

    def known() -> object:
        with a.session() as session:
            return read_contact(session), [(feed.receipt, feed.proven_at) for feed in a.feeds().values()]

    before = known()
    country.clock.forward(days=3)
    assert read_answers(a.setup, stick).report.green, "it still holds what was signed then"
    assert known() == before


def test_a_bit_flipped_or_an_end_cut_is_noticed_on_either_way(
    country: Country, stick: Path, tries: Tries, survived: Survived
) -> None:
    a, b = country.laptop("a1"), country.laptop("a2")
    new_case(a)
    new_case(b)
    bundle, other = pack(a.setup, stick).path, pack(b.setup, stick).path
    whole, count, repelled = bundle.read_bytes(), tries(ci=24, full=1500), 0
    other.rename(tmp := stick.parent / other.name)
    with at(country.centre) as centre:
        for bad in spoilt(whole, count):
            bundle.write_bytes(bad)
            [line] = take(centre, stick)
            repelled += line.problem in ("damaged", "foreign") and line.answers == ()
        assert country.operations_at_the_centre() == 0
        tmp.rename(other)
        told = {line.file.name: line.problem for line in take(centre, stick)}
        assert told == {bundle.name: told[bundle.name], other.name: ""}, "one bad file keeps no other waiting"
    bundle.write_bytes(whole)
    country.clock.forward(hours=1)
    to_centre(country, stick)
    [answer] = stick.glob("A1*.answer.naungan")
    whole, before = answer.read_bytes(), a.contents()
    for bad in spoilt(whole, count):
        answer.write_bytes(bad)
        try:
            read = read_answers(a.setup, answer)
            repelled += (len(read.problems), read.answers) == (1, 0)
        except NotFound:
            repelled += 1
    assert (a.contents(), waiting(a)) == (before, 1)
    answer.write_bytes(whole)
    assert read_answers(a.setup, answer).report.green
    survived(repelled, of=2 * count, control="unspoilt, the same two files are taken and prove the laptop")


def spoilt(whole: bytes, count: int) -> Iterator[bytes]:
    """The file with a bit flipped, or its end cut, at places all over it, the first and the last byte among them."""
    for n in range(count // 2):
        place = n * (len(whole) - 1) // max(count // 2 - 1, 1)
        flipped = bytearray(whole)
        flipped[place] ^= 1 << n % 8
        yield bytes(flipped)
        yield whole[:place]


def test_an_answer_in_parts_is_read_as_far_as_it_is_here(
    country: Country, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = country.laptop("a1"), country.laptop("a2")
    for _case in range(6):
        new_case(b)
        assert country.sync(b).green
    monkeypatch.setattr("app.central.feeds._ROWS", 5)  # short segments, and little room for them in one file
    monkeypatch.setattr("app.central.bundle_answer.MAX_WORK", 2000)
    pack(a.setup, stick)
    country.clock.forward(hours=1)
    [line] = to_centre(country, stick)
    assert len(line.answers) > 2
    aside = line.answers[1].rename(stick.parent / "lost")
    read = read_answers(a.setup, stick)
    assert (read.report.problem, read.report.green) == (None, False), "what is not all here proves nothing"
    assert 0 < sum(read.report.pulled.values()) < len(b.contents())
    aside.rename(line.answers[1])
    assert read_answers(a.setup, stick).report.green
    assert b.contents().items() <= a.contents().items()


def test_what_does_not_fit_goes_with_the_next_ones(
    country: Country, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = country.laptop("a1"), country.laptop("a2")
    for _case in range(5):
        for laptop in (a, b):
            new_case(laptop)
            freeze(laptop.setup)
        assert country.sync(b).green
    monkeypatch.setattr("app.central.feeds._ROWS", 5)
    monkeypatch.setattr("app.central.bundle_answer.MAX_WORK", 800)
    monkeypatch.setattr("app.sync.bundle.MAX_WORK", sum(len(batch.data) for batch in a.batches()[:2]) + 10)
    first = pack(a.setup, stick)
    assert (first.batches, first.left) == (2, 3)
    rounds = 1
    while not (report := answers_to(country, stick, a).report).green or waiting(a):
        assert report.problem is None
        rounds += 1
        assert rounds < 12
        pack(a.setup, stick)
    assert rounds > 2
    country.settle(b, a)
    assert of_scope(a, a.actor.office) == of_scope(b, b.actor.office)
