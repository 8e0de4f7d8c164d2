"""Everybody at once, on Monday at eight: a small one; the storm of 5,140 is in benchmarks/storm.py."""

from __future__ import annotations

import threading
from functools import partial

from app.models.ids import new_id
from app.wire.batch import digest_of
from app.wire.messages import BatchResult, Status
from tests.attack.test_crossing import at_once
from tests.attacks import Survived, Tries
from tests.central.scene import check_proof
from tests.centre import CentreUnderTest, Laptop, read

AT_ONCE = 16  # threads


def comes(laptops: list[Laptop], begun: threading.Barrier, case: dict[str, str]) -> None:
    """Each says hello, sends a case, reads and proves; whoever is sent away comes again."""
    begun.wait()
    for laptop in laptops:
        data = laptop.seal(laptop.make("case", record=case[laptop.id], channel="WALK_IN"))
        reply = laptop.put(data)
        while reply.status_code in (429, 503):
            assert int(reply.headers["retry-after"]) >= 1
            laptop.centre.clock.forward(seconds=1)
            reply = laptop.put(data)
        assert read(reply, BatchResult).outcomes[0].status is Status.ACCEPTED
        laptop.n, laptop.previous = 1, digest_of(data)
        laptop.pull()


def test_all_who_come_at_eight_are_served(centre: CentreUnderTest, tries: Tries, survived: Survived) -> None:
    laptops = [centre.device(f"M{n % 16:02}") for n in range(tries(ci=32, full=514))]
    cases = {laptop.id: new_id() for laptop in laptops}
    begun = threading.Barrier(AT_ONCE)
    crews = [laptops[n::AT_ONCE] for n in range(AT_ONCE)]
    assert at_once(*(partial(comes, crew, begun, cases) for crew in crews)) == []
    served = centre.sql("SELECT count(*) FROM batch WHERE result IS NOT NULL")[0][0]
    check_proof(centre, *laptops)
    survived(served, of=len(laptops), control=f"{AT_ONCE} at a time, 16 offices, and every digest agrees")
