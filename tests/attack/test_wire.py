"""Batches and segments in a stranger's hands: cut at every byte, every bit flipped; and bombs."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.central import embedded
from app.central.config import Limits
from app.errors import KnownError
from app.models.ids import new_id
from app.models.local import Feed
from app.sync.apply import apply_segment
from app.wire import MAX_BATCH, MAX_PLAIN
from app.wire.batch import GENESIS, MAGIC, Place, digest_of, seal, unseal
from app.wire.digest import ScopeDigest, item_digest
from app.wire.frames import compress, decompress
from app.wire.messages import BatchResult, Change, FeedRow, RowKind, WireError, encode
from app.wire.segment import unseal_segment
from tests.attack.mutants import count_of, mutants_of
from tests.attacks import Survived, Tries
from tests.centre import CentreUnderTest, new_centre, read
from tests.conftest import Clock
from tests.sync.alone import enrolled, full, segment_of
from tests.sync.laptops import Laptop

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TAIL = 32 + 64
CHANCE = random.Random(2026)


def by(key: Ed25519PublicKey) -> Callable[[bytes, bytes], bool]:
    def verify(message: bytes, signature: bytes) -> bool:
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return verify


def a_batch(size: int) -> bytes:
    """A batch of about so many bytes: what is in it does not compress."""

    def text() -> str:
        return CHANCE.randbytes(size // 20).hex()

    notes = [(CHANCE.randbytes(16), CHANCE.randbytes(16), {"text": text()}, n) for n in range(10)]
    changes = [Change("note", note, case, 0, True, said, bytes(16), "S", n) for note, case, said, n in notes]
    return seal(changes, Place(CHANCE.randbytes(16), 1, GENESIS, "e1"), sign=KEY.sign, level=3)


def opened(mutants: Iterator[bytes], verify: Callable[[bytes, bytes], bool]) -> int:
    """How many of them are taken for a batch. Anything but the known refusal breaks the test."""
    count = 0
    for each in mutants:
        try:
            unseal(each, verify=verify)
            count += 1
        except WireError:
            pass
    return count


def rehashed(mutants: Iterator[bytes]) -> Iterator[bytes]:
    """The same, by somebody who knows that the hash has to be worked out anew."""
    for each in mutants:
        front, signature = each[:-TAIL], each[-64:]
        yield front + hashlib.blake2b(front, digest_size=32).digest() + signature


def test_no_cut_and_no_flipped_bit_of_a_batch_is_accepted(tries: Tries, survived: Survived) -> None:
    whole, verify = a_batch(9_000), by(KEY.public_key())
    assert unseal(whole, verify=verify).header.n == 1, "the batch itself is good"
    count = tries(ci=3_000, full=50_000)
    assert count_of(whole) >= 50_000
    mutants = [each for each in mutants_of(whole, count=count) if each != whole]
    assert len(mutants) == count
    changed = [each for each in mutants if each[:-TAIL] != whole[:-TAIL]]
    through = opened(iter(mutants), verify) + opened(rehashed(iter(changed)), verify)
    unsigned = opened(rehashed(iter(changed)), lambda _message, _signature: True)
    assert unsigned > len(changed) // 5, "without the signature most of what is random inside is taken"
    of = len(mutants) + len(changed)
    survived(of - through, of=of, control=f"hashed anew, {unsigned:,} pass if the signature is not looked at")


@pytest.fixture
def patient(postgres: embedded.Embedded, tmp_path: Path, clock: Clock) -> Iterator[CentreUnderTest]:
    """A centre that answers as often as it is asked."""
    limits = Limits(requests_per_minute=10**9, strangers_per_minute=10**9)
    yield from new_centre(postgres, tmp_path, clock=clock, limits=limits)


def test_a_real_centre_accepts_none_of_them_and_stays_up(
    patient: CentreUnderTest, tries: Tries, survived: Survived
) -> None:
    laptop = patient.device("A")
    whole = laptop.seal(
        *(laptop.make("person", name=f"Siti {n}", address=CHANCE.randbytes(50).hex()) for n in range(5))
    )
    mutants = list(mutants_of(whole, count=tries(ci=100, full=5_500)))
    mutants += list(rehashed(iter(mutants)))
    refused = 0
    for each in mutants:
        if each == whole:
            continue
        reply = laptop.put(each)
        refused += reply.status_code in (400, 409, 413, 415, 422)
        assert reply.status_code < 500, reply.content
    assert patient.sql("SELECT count(*) FROM batch") == [(0,)]
    assert patient.sql("SELECT count(*) FROM record WHERE kind = 'person'") == [(0,)]
    read(laptop.put(whole), BatchResult)
    of = sum(each != whole for each in mutants)
    survived(refused, of=of, control="the unaltered batch is accepted afterwards, by the same centre")


def a_segment(office: str, people: int = 12) -> bytes:
    rows = [full(n, "person", new_id(), {"name": f"N {CHANCE.randbytes(9).hex()}"}) for n in range(1, people + 1)]
    return segment_of(rows, scope=office)


def test_no_cut_and_no_flipped_bit_of_a_segment_is_read(tries: Tries, survived: Survived) -> None:
    whole = a_segment(new_id(), 210)
    read_as_one = 0
    mutants = list(mutants_of(whole, count=tries(ci=3_000, full=50_000)))
    for each in mutants:
        try:
            unseal_segment(each)
            read_as_one += 1
        except WireError:
            pass
    passing = 0
    for each in mutants:  # the control: the hash worked out anew, as a stranger would
        try:
            unseal_segment(each[:-32] + hashlib.blake2b(each[:-32], digest_size=32).digest())
            passing += 1
        except WireError:
            pass
    assert passing > 100
    survived(
        len(mutants) - read_as_one,
        of=len(mutants),
        control=f"hashed anew {passing:,} are read: the receipt stops those",
    )


def held_after(rows: list[FeedRow]) -> tuple[frozenset[object], bytes]:
    """What a laptop holds after these rows, and the digest that it shows the centre for its signature."""
    kept = {row.record: row for row in rows if row.row is RowKind.FULL}
    digest = ScopeDigest()
    for row in kept.values():
        digest.add(item_digest(row.kind, row.record, row.rev, row.content))
    return frozenset((row.kind, row.record, row.rev, encode(row.content)) for row in kept.values()), digest.value()


def test_a_forged_segment_never_breaks_the_laptop_and_never_passes_for_the_centres(
    laptop: Laptop, tries: Tries, survived: Survived
) -> None:
    """Whoever breaks TLS can hash anew: the laptop refuses it, or what it then holds has another digest."""
    office = enrolled(laptop)
    whole = a_segment(office)
    honest, signed = held_after(unseal_segment(whole).rows)
    mutants = [*mutants_of(whole[:-32], count=tries(ci=120, full=6_000))]
    repelled = altered = 0
    for each in mutants:
        try:
            segment = unseal_segment(each + hashlib.blake2b(each, digest_size=32).digest())
            apply_segment(laptop.setup, segment, scope=office)
        except (WireError, KnownError):
            repelled += 1
            continue
        finally:
            with laptop.setup.write() as session:
                session.query(Feed).delete()
        holds, digest = held_after(segment.rows)
        altered += holds != honest
        repelled += (holds == honest) == (digest == signed)
    assert altered > 10, "else only refusals were tried"
    survived(repelled, of=len(mutants), control=f"{altered:,} were applied; the digest differs from the signed one")


def bombs() -> Iterator[tuple[str, bytes]]:
    """Small things that want to become large ones."""
    zeros = bytes(64 * 1024 * 1024)
    for level in (1, 3, 19):
        yield f"zeros at level {level}", compress(zeros, level=level)
    yield "nested", compress(compress(zeros, level=3) * 40_000, level=3)
    yield "many frames", compress(bytes(1024 * 1024), level=3) * 64
    yield "no size told", zstandard.ZstdCompressor(level=3, write_content_size=False).compress(zeros)
    yield (
        "a large window",
        zstandard.ZstdCompressor(
            compression_params=zstandard.ZstdCompressionParameters(window_log=27, strategy=1)
        ).compress(zeros),
    )


def test_a_bomb_ends_at_the_limit(survived: Survived) -> None:
    tried, held = 0, 0
    for _name, packed in bombs():
        for limit in (1, 1_000, MAX_BATCH, MAX_PLAIN):
            tried += 1
            try:
                held += len(decompress(packed, limit=limit)) <= limit
            except WireError as error:
                held += error.code in ("size", "format")
    largest = len(
        zstandard.ZstdDecompressor().decompress(compress(bytes(64 * 1024 * 1024), level=3), max_output_size=1)
    )
    assert largest == 64 * 1024 * 1024
    survived(held, of=tried, control="the library's own max_output_size=1 gives 64 MiB")


def test_the_digest_of_a_batch_is_bound_to_its_first_bytes() -> None:
    whole = a_batch(400)
    assert whole.startswith(MAGIC)
    assert digest_of(whole) == hashlib.blake2b(whole[:-TAIL], digest_size=32).digest()
