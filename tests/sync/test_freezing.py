"""The next batch is frozen while the one before is on its way, and whatever ends that loses and doubles nothing."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest

from app.services import care
from app.sync.freezing import Freezing
from app.sync.loop import run
from app.wire.batch import header_of
from app.wire.codecs import ROW
from app.wire.messages import BATCH_DOMAIN
from tests.sync.country import Country, new_case
from tests.sync.doorman import Answer, doorman, problem
from tests.sync.laptops import Laptop
from tests.sync.test_broken_links import agree

NOTES = 9


@pytest.fixture
def full(country: Country) -> Laptop:
    """A laptop that has synchronised, and has work for several batches."""
    laptop = country.laptop("a1")
    case_id = new_case(laptop)
    country.settle(laptop)
    for _ in range(NOTES):
        noise = os.urandom(45_000).hex()
        care.add_note(laptop.desk, case_id, {"note_kind": "VISIT", "at": laptop.clock(), "text": noise})
    return laptop


@dataclass
class Slow:
    """Signs nothing after batch `n` until that was refused."""

    laptop: Laptop
    n: int
    refused: threading.Event

    def __getattr__(self, name: str) -> Any:
        return getattr(self.laptop.workspace.device, name)

    def sign(self, message: bytes) -> bytes:
        """As the device does."""
        if message.startswith(BATCH_DOMAIN) and len(self.laptop.batches()) >= self.n:
            assert self.refused.wait(10)
        return self.laptop.workspace.device.sign(message)


def in_order(laptop: Laptop) -> None:
    """Every operation travels once, as it was made, in batches without a hole."""
    batches = laptop.batches()
    assert [batch.n for batch in batches] == list(range(1, len(batches) + 1))
    sent = sorted(laptop.operations(), key=lambda op: (op.batch or 0, op.idx or 0))
    assert [op.seq for op in sent] == sorted(op.seq for op in sent)
    assert sum(batch.operations for batch in batches) == len(sent)


def test_what_is_still_being_frozen_goes_in_the_same_sync(country: Country, full: Laptop) -> None:
    before = len(full.batches())
    with Freezing(full.setup) as ahead:
        assert ahead.comes(before + 1, check=lambda: None)
        numbers: Iterator[int] = count(before + 1)
        there = next(n for n in numbers if not ahead.comes(n, check=lambda: None)) - 1
    assert there == len(full.batches()) >= before + 3
    assert country.sync(full).green
    in_order(full)
    agree(country, full, country.laptop("a2"))


@pytest.mark.parametrize(("said", "goes_on"), [(problem(415, "codec"), True), (problem(409, "numbers"), True),
                                               (problem(503, "busy"), False)])  # fmt: skip
@pytest.mark.parametrize("at", [1, 2])
def test_a_refusal_finds_nothing_half_frozen(
    country: Country, full: Laptop, said: Answer, goes_on: bool, at: int
) -> None:
    first, met = len(full.batches()) + at, threading.Event()

    def choose(method: str, path: str) -> Answer | None:
        if method != "PUT" or met.is_set() or not path.partition("?")[0].endswith(f"/{first}"):
            return None
        met.set()
        return said

    with doorman(country.centre.base_url, choose) as url:
        setup = replace(full.setup, signer=Slow(full, first, met))
        with country.transport(full, url=url) as transport:
            assert run(setup, transport).green is goes_on
    assert met.is_set()
    if not goes_on:
        assert country.sync(full).green
    elif said.status == 415:
        assert {header_of(batch.data)[0].codec for batch in full.batches() if batch.n >= first} == {ROW}
    in_order(full)
    agree(country, full, country.laptop("a2"))
