"""A sync that carries 7 KB up and 7 KB down, over 20 KB in all, cut at every single byte of request and response."""

from __future__ import annotations

import os
import random
from itertools import count

import pytest

from app.errors import NetworkDown
from app.models.all import Case
from app.services import cases
from app.sync.loop import run
from app.sync.report import SyncReport
from app.wire.messages import Status
from tests.attack.cutting import Wire, cut_into
from tests.attacks import Survived, Tries
from tests.central.scene import check_proof
from tests.centre import Laptop as Device
from tests.sync.country import Country, new_case
from tests.sync.laptops import Laptop

SIZE = 7_400  # bytes each way that no codec makes smaller
PER_OFFICE = 100  # cuts; then new laptops in a new office, so that no list grows with the number of cuts
_offices = count(1)


def words(size: int = SIZE) -> str:
    """A text that travels as so many bytes."""
    return os.urandom(size).hex()


class Pair:
    """A laptop of a new office, and a colleague's device that gives it something to receive."""

    def __init__(self, country: Country) -> None:
        office = f"CUT{next(_offices)}"
        self.country, self.name = country, f"{office.lower()}a"
        self.one: Laptop = country.laptop(self.name, office=office)
        self.case = new_case(self.one)
        self.other: Device = country.centre.device(office)
        assert self.sync(Wire()).green
        self.other.pull()

    def sync(self, wire: Wire) -> SyncReport:
        """One sync over this wire."""
        with self.country.transport(self.one) as transport:
            return run(self.one.setup, cut_into(transport, wire))

    def work(self) -> tuple[str, str]:
        """Both write 7 KB into the same case, in other fields; the colleague has sent it already."""
        rev = self.other.rows[self.other.office][bytes.fromhex(self.case)].rev
        up, down = words(), words()
        [outcome] = self.other.push(self.other.edit("case", self.case, base_rev=rev, close_note=down))
        assert outcome.status in (Status.ACCEPTED, Status.MERGED), outcome
        cases.change_case(self.one.desk, self.case, {"summary": up})
        return up, down

    def holds(self, up: str, down: str) -> bool:
        """Whether both texts are on the laptop and at the centre, and everything was applied once."""
        self.other.pull()
        there = self.other.holds(self.case) or {}
        shown = self.one.get(Case, self.case)
        assert isinstance(shown, Case)
        mine, centres = (shown.summary, shown.close_note), (there["summary"], there["close_note"])
        return mine == centres == (up, down) and all(op.result for op in self.one.operations())

    def ends(self) -> None:
        """Nothing was applied twice, nothing is left, and the digests agree."""
        assert {batch.state for batch in self.one.batches()} == {"PROVEN"}
        stored = self.country.centre.sql("SELECT n FROM batch WHERE device = %s", self.one.workspace.device.id)
        assert sorted(n for (n,) in stored) == sorted(batch.n for batch in self.one.batches())
        check_proof(self.country.centre, self.other)
        self.one.workspace.close()
        del self.country.laptops[self.name]


def length(country: Country) -> int:
    """The bytes of the whole exchange, uncut."""
    pair, wire = Pair(country), Wire()
    work = pair.work()
    assert pair.sync(wire).green and pair.holds(*work)
    pair.ends()
    assert wire.up > SIZE and wire.down > SIZE and wire.up + wire.down >= 20_000
    return wire.up + wire.down


@pytest.mark.parametrize("part", range(2), ids=["even bytes", "odd bytes"])
def test_a_sync_of_twenty_kilobytes_cut_at_every_byte_converges(
    country: Country, part: int, tries: Tries, survived: Survived
) -> None:
    whole = length(country)
    positions = list(range(part, whole, 2))
    chosen = sorted(random.Random(part).sample(positions, tries(ci=10, full=len(positions))))
    held, pair = 0, Pair(country)
    for turn, cut in enumerate(chosen):
        if turn and turn % PER_OFFICE == 0:
            pair.ends()
            pair = Pair(country)
        country.clock.forward(minutes=1)
        work, wire = pair.work(), Wire(cut_at=cut)
        report = pair.sync(wire)
        assert wire.broken and isinstance(report.problem, NetworkDown), (cut, report.problem)
        assert pair.sync(Wire()).green, f"after a cut at byte {cut}"
        held += pair.holds(*work)
    pair.ends()
    survived(held, of=len(chosen), control=f"uncut, {whole:,} bytes of requests and responses went over")
