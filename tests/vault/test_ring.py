"""Boxes to a public key, and the office's keyring."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from app.errors import WorkspaceDamaged
from app.vault.boxes import open_box, public_of, seal_box
from app.vault.keys import Keys
from app.vault.ring import Ring, rewrapped

VAULT = "0" * 32


def test_a_box_is_hpke_to_the_letter() -> None:
    """Opened by the library itself, so that another program can."""
    private = X25519PrivateKey.generate()
    box = seal_box(private.public_key().public_bytes_raw(), b"a key", context=b"here")
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    assert suite.decrypt(box, private, b"naungan/1/box\x00here") == b"a key"


def test_a_box_opens_for_its_key_and_context_and_in_one_piece() -> None:
    private, other = bytes(range(32)), bytes(range(1, 33))
    box = seal_box(public_of(private), bytearray(b"a key"), context=b"here")
    assert bytes(open_box(private, box, context=b"here") or b"") == b"a key"
    assert open_box(other, box, context=b"here") is None
    assert open_box(private, box, context=b"there") is None
    for at in range(len(box)):
        assert open_box(private, box[:at], context=b"here") is None
        for bit in range(8):
            changed = bytearray(box)
            changed[at] ^= 1 << bit
            opened = open_box(private, bytes(changed), context=b"here")
            assert opened is None, (at, bit)
    assert open_box(b"short", box, context=b"here") is None
    assert open_box(private, bytes(len(box)), context=b"here") is None, "the point that gives no secret"
    with pytest.raises(ValueError, match="32 bytes"):
        seal_box(b"short", b"", context=b"")


def test_a_ring_opens_what_was_sealed_to_any_of_its_keys() -> None:
    ring = Ring()
    first, second = ring.make(), ring.make()
    assert ring.publics == (second, first)
    for public in (first, second):
        opened = ring.open(seal_box(public, b"x", context=b"c"), to_key=public, context=b"c")
        assert bytes(opened or b"") == b"x"
    box = seal_box(first, b"x", context=b"c")
    assert ring.open(box, to_key=second, context=b"c") is None
    assert ring.open(box, to_key=bytes(32), context=b"c") is None
    assert Ring.of(ring.bare()).publics == ring.publics
    with pytest.raises(ValueError, match="keyring"):
        Ring.of(bytes(33))


def test_a_ring_is_packed_under_the_restricted_key_alone() -> None:
    keys, fresh = Keys.generate(VAULT), Keys.generate(VAULT)
    ring = Ring()
    ring.make(), ring.make()
    blob = ring.pack(keys)
    assert bytes(ring.bare()[:32]) not in blob
    assert Ring.unpack(keys, blob).publics == ring.publics
    moved = rewrapped(blob, restricted=keys, fresh=fresh)
    assert Ring.unpack(fresh, moved).publics == ring.publics
    for wrong, bad in ((fresh, blob), (keys, moved), (keys, blob[:-1]), (keys, b"")):
        with pytest.raises(WorkspaceDamaged):
            Ring.unpack(wrong, bad)


def test_a_key_that_comes_again_is_the_newest_and_held_once() -> None:
    ring = Ring()
    old, new = ring.make(), ring.make()
    assert ring.add(bytes(ring.bare()[32:])) == old
    assert ring.publics == (old, new)


def test_a_ring_that_forgot_holds_nothing() -> None:
    ring = Ring()
    public = ring.make()
    held = next(iter(ring._privates.values()))
    ring.forget()
    assert held == bytes(32)
    assert ring.publics == ()
    assert ring.open(seal_box(public, b"x", context=b"c"), to_key=public, context=b"c") is None


def test_the_pinned_key_stays_with_the_ring_and_no_ring_without_it_is_taken():
    keys, fresh = Keys.generate("ab" * 16), Keys.generate("ab" * 16)
    ring, other, both = Ring(), Ring(), Ring()
    ring.pinned = ring.make()
    evil = other.make()
    again = Ring.unpack(fresh, rewrapped(ring.pack(keys), restricted=keys, fresh=fresh))
    assert (again.pinned, again.publics) == (ring.pinned, ring.publics)
    assert not again.learn(other.bare(), newest=evil) and again.publics == ring.publics
    both.learn(ring.bare(), newest=None)
    newer = both.make()
    assert again.learn(both.bare(), newest=newer) and again.publics == (newer, *ring.publics)
    assert again.pinned == ring.pinned, "until the centre confirms the newer one"
