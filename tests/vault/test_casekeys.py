"""The key of a case: equal values in one place are equal, nothing moves or opens altered, a grant says who gave it."""

from __future__ import annotations

import base64
import dataclasses
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.models.ids import new_id
from app.models.sealed import PREFIX, is_token, parts, token
from app.vault.casekeys import CaseKey, Given, make_grant, open_grant
from app.vault.ring import Ring

HERE = ("person", new_id(), "health")
VALUES = ("luka bakar", "", "PHYSICAL", "\x00\x80", 0, 2**53, True, "\U0001f600" * 5_000)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_and_is_the_same_token_each_time(value):
    key = CaseKey.generate()
    told = key.seal_value(HERE, value)
    assert is_token(told) and told == CaseKey(key.bare()).seal_value(HERE, value)
    assert key.open_value(HERE, told) == value


def test_the_same_value_in_another_place_or_under_another_key_is_another_token():
    key, other = CaseKey.generate(), CaseKey.generate()
    places = [HERE, ("service", *HERE[1:]), (HERE[0], new_id(), HERE[2]), (*HERE[:2], "disability")]
    tokens = {key.seal_value(place, "hamil") for place in places} | {other.seal_value(HERE, "hamil")}
    assert len(tokens) == 5
    for place in places[1:]:
        with pytest.raises(ValueError, match="not sealed"):
            key.open_value(place, key.seal_value(HERE, "hamil"))
    with pytest.raises(ValueError, match="another key"):
        other.open_value(HERE, key.seal_value(HERE, "hamil"))


def test_no_altered_token_opens(tries):
    key, dice = CaseKey.generate(), random.Random(3)
    kid, box = parts(key.seal_value(HERE, "dirawat di RSUD"))
    for _each in range(tries(ci=500, full=50_000)):
        bits = bytearray(box)
        bits[dice.randrange(len(bits))] ^= 1 << dice.randrange(8)
        cut = bytes(bits)[: dice.choice((len(bits), dice.randrange(1, len(bits))))]
        with pytest.raises(ValueError, match="not sealed"):
            key.open_value(HERE, PREFIX + base64.urlsafe_b64encode(kid + cut).decode())


@pytest.mark.parametrize(
    "inside",
    [b"\x91" * 100_000 + b"\x90", b"\x91\xa1x", b"\x81\xa1x\x01", b"\xc0", b"\xc4\x01x", b"\xa5x", b"\xa1\xff", b""],
    ids=["nested", "list", "map", "nothing", "bytes", "cut", "no UTF-8", "empty"],
)
def test_what_another_holder_of_the_key_sealed_that_is_no_value_stops_nobody(inside):
    key = CaseKey.generate()
    box = key._siv.encrypt(inside + b"\x80", [part.encode() for part in HERE])
    with pytest.raises(ValueError, match=r"sealed|value|padded"):
        key.open_value(HERE, token(key.kid, box))


def test_the_length_tells_a_bucket_and_no_more():
    key = CaseKey.generate()
    lengths = [len(parts(key.seal_value(HERE, "x" * n))[1]) - 16 for n in range(1, 3_000)]
    assert {len(key.seal_value(HERE, code)) for code in ("NONE", "SENS_HEARING", "X" * 29)} == {85}
    assert len(set(lengths)) < 80 and lengths == sorted(lengths)
    assert all(held <= max(64, (n + 4) * 1.13) for n, held in enumerate(lengths, 1))


@pytest.fixture
def ring() -> Ring:
    made = Ring()
    made.make()
    return made


def test_a_grant_opens_for_the_office_it_was_made_for_and_says_who_made_it(ring):
    key, laptop, stranger = CaseKey.generate(), Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    given = make_grant(key, subject=("case", new_id()), to_key=ring.publics[0], sign=laptop.sign)
    opened = open_grant(given, open_box=ring.open)
    assert opened is not None and opened.bare() == key.bare()
    assert given.signed_by(laptop.public_key().public_bytes_raw())
    assert not given.signed_by(stranger.public_key().public_bytes_raw()) and not given.signed_by(b"short")
    elsewhere = Ring()
    elsewhere.make()
    assert open_grant(given, open_box=elsewhere.open) is None


@pytest.mark.parametrize(
    "change",
    [{"subject": ("case", "0" * 32)}, {"subject": ("person", "1" * 32)}, {"kid": bytes(8)}, {"box": bytes(80)}],
    ids=["other case", "other kind", "other name", "other box"],
)
def test_a_grant_cannot_be_turned_into_another(ring, change):
    laptop = Ed25519PrivateKey.generate()
    given = make_grant(CaseKey.generate(), subject=("case", "1" * 32), to_key=ring.publics[0], sign=laptop.sign)
    forged: Given = dataclasses.replace(given, **change)
    assert open_grant(forged, open_box=ring.open) is None
    assert not forged.signed_by(laptop.public_key().public_bytes_raw())
